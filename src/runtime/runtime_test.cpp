#include "runtime/runtime.hpp"

#include <latch>

#include <gtest/gtest.h>

#include "runtime/task_crowd.hpp"
#include "runtime/testing.hpp"

namespace telltale::runtime {
namespace {

using namespace std::chrono_literals;

TEST(Sleep, FollowsVirtualTime) {
  TestLoop test;
  const auto before = test.clock().now();
  test.run(sleep_for(1h));
  EXPECT_EQ(test.clock().now() - before, base::Duration(1h));
}

TEST(TaskGroup, StopCancelsAndWaits) {
  TestLoop test;
  TaskGroup group(test.loop(), "owner");
  bool cleaned = false;
  group.spawn("sleeper", [](bool* flag) -> Task<> {
    struct Clean {
      bool* flag;
      ~Clean() { *flag = true; }
    } clean{flag};
    co_await sleep_for(24h);
  }(&cleaned));
  test.settle();
  EXPECT_EQ(group.size(), 1U);
  ASSERT_EQ(test.tasks().running().size(), 1U);
  EXPECT_EQ(test.tasks().running().front().name, "sleeper");
  test.run(group.stop());
  EXPECT_TRUE(cleaned);
  EXPECT_EQ(test.tasks().running_count(), 0U);
  EXPECT_EQ(test.tasks().ended().front().error, "");
  EXPECT_FALSE(group.spawn("late", sleep_for(1s)));
}

TEST(TaskCrowd, IsOneRecordAndStopsAll) {
  TestLoop test;
  TaskCrowd crowd(test.loop(), "guest", "house");
  EXPECT_EQ(test.tasks().running_count(), 0U);
  int cleaned = 0;
  for (int i = 0; i < 3; ++i)
    crowd.spawn([](int* count) -> Task<> {
      struct Clean {
        int* count;
        ~Clean() { ++*count; }
      } clean{count};
      co_await sleep_for(24h);
    }(&cleaned));
  test.settle();
  ASSERT_EQ(test.tasks().running().size(), 1U);
  EXPECT_EQ(test.tasks().running().front().name, "guest");
  test.run(crowd.stop());
  EXPECT_EQ(cleaned, 3);
  EXPECT_EQ(test.tasks().running_count(), 0U);
  EXPECT_FALSE(crowd.spawn(sleep_for(1s)));
}

// The clean-up of one task must not make its caller deaf: it did, when stop() reset the
// cancellation of the whole chain.
TEST(TaskGroup, WhoStoppedAnotherGroupCanStillBeCancelled) {
  TestLoop test;
  TaskGroup inner(test.loop(), "inner");
  TaskGroup outer(test.loop(), "outer");
  inner.spawn("sleeper", sleep_for(1h));
  outer.spawn("stops inner, then waits", [](TaskGroup* group) -> Task<> {
    co_await group->stop();
    for (;;) co_await sleep_for(1s);
  }(&inner));
  test.advance(5s);
  EXPECT_EQ(inner.size(), 0U);
  EXPECT_EQ(outer.size(), 1U);
  outer.cancel();
  test.settle();
  EXPECT_EQ(outer.size(), 0U);
}

// A WebSocket session did: it catches its cancellation and stops its own tasks, all of them.
TEST(TaskGroup, WhoCaughtItsCancellationCanStopAGroup) {
  TestLoop test;
  TaskGroup outer(test.loop(), "outer");
  std::size_t left = 99;
  outer.spawn("owner of a group", [](Loop* loop, std::size_t* still_there) -> Task<> {
    TaskGroup inner(*loop, "inner");
    inner.spawn("sleeper", sleep_for(24h));
    std::exception_ptr cancelled;
    try {
      co_await sleep_for(24h);
    } catch (...) {
      cancelled = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await inner.stop();
    *still_there = inner.size();
    std::rethrow_exception(cancelled);
  }(&test.loop(), &left));
  test.settle();
  test.run(outer.stop());
  EXPECT_EQ(left, 0U);
}

TEST(TaskGroup, AnExceptionIsRecordedNotLost) {
  TestLoop test;
  TaskGroup group(test.loop(), "owner");
  group.spawn("thrower", []() -> Task<> {
    co_await sleep_for(1ms);
    throw std::runtime_error("broke");
  }());
  test.advance(1s);
  EXPECT_EQ(test.tasks().ended().front().error, "broke");
  test.run(group.stop());
}

TEST(OneShot, WaitForGivesUpAndValueArrives) {
  TestLoop test;
  const OneShot<int> shot(test.loop());
  EXPECT_FALSE(test.run(shot.wait_for(5s)).has_value());
  test.loop().schedule_at(test.clock().now() + 2s, [shot] { shot.set(7); });
  EXPECT_EQ(test.run(shot.wait()), 7);
  EXPECT_FALSE(shot.set(8));
}

TEST(Mailbox, IsBoundedAndDrainsAfterClose) {
  TestLoop test;
  const Mailbox<int> box(test.loop(), 2);
  EXPECT_TRUE(box.push(1));
  EXPECT_TRUE(box.push(2));
  EXPECT_FALSE(box.push(3));
  box.close();
  EXPECT_EQ(test.run(box.pop()), 1);
  EXPECT_EQ(test.run(box.pop()), 2);
  EXPECT_EQ(test.run(box.pop()), std::nullopt);
}

TaskResult<int> slow_answer() {
  co_await sleep_for(10s);
  co_return 1;
}

TEST(WithTimeout, CancelsTheInnerTask) {
  TestLoop test;
  const auto late = test.run(with_timeout<int>(1s, "too slow", slow_answer()));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, base::Code::deadline_exceeded);
  EXPECT_EQ(late.error().detail, "too slow");
  EXPECT_EQ(test.run(with_timeout<int>(11s, "too slow", slow_answer())).value(), 1);
}

TEST(CallOn, RunsThereAndComesBack) {
  Runtime runtime(2);
  runtime.start();
  TaskGroup background(runtime.loop(0), "test");
  const auto name =
      run_to_completion(runtime.loop(0), background, "call", [](Runtime* all) -> Task<std::string> {
        const auto there = co_await call_on(
            all->loop(1), []() -> Task<std::string> { co_return Loop::current()->name(); }());
        co_return there + " from " + Loop::current()->name();
      }(&runtime));
  EXPECT_EQ(name, "loop-1 from loop-0");
  runtime.stop();
}

TEST(CallOn, CancellationReachesTheOtherLoop) {
  Runtime runtime(2);
  runtime.start();
  TaskGroup group(runtime.loop(0), "test");
  TaskGroup background(runtime.loop(0), "background");
  const auto stopped = run_to_completion(runtime.loop(0), background, "cancel",
                                         [](Runtime* all, TaskGroup* tasks) -> Task<bool> {
                                           tasks->spawn("crosses", [](Runtime* inner) -> Task<> {
                                             co_await call_on(inner->loop(1), sleep_for(1h));
                                           }(all));
                                           co_await sleep_for(20ms);
                                           co_await tasks->stop();
                                           co_return tasks->size() == 0;
                                         }(&runtime, &group));
  EXPECT_EQ(stopped, true);
  runtime.stop();
}

TEST(RunToCompletion, OnALoopThreadItGoesToTheBackground) {
  Runtime runtime(1);
  runtime.start();
  TaskGroup background(runtime.loop(0), "background");
  std::latch ran(1);
  const auto inner =
      run_to_completion(runtime.loop(0), background, "outer",
                        [](Runtime* all, TaskGroup* tasks, std::latch* flag) -> Task<bool> {
                          const auto nested = run_to_completion(all->loop(0), *tasks, "nested",
                                                                [](std::latch* done) -> Task<int> {
                                                                  done->count_down();
                                                                  co_return 1;
                                                                }(flag));
                          co_return nested.has_value();
                        }(&runtime, &background, &ran));
  EXPECT_EQ(inner, false);
  ran.wait();
  std::promise<void> stopped;
  asio::co_spawn(runtime.loop(0).executor(), background.stop(),
                 [&](const std::exception_ptr&) { stopped.set_value(); });
  stopped.get_future().wait();
  runtime.stop();
}

TEST(BlockingPool, ResultComesBackToTheLoop) {
  Runtime runtime(1);
  runtime.start();
  TaskGroup background(runtime.loop(0), "background");
  const auto back =
      run_to_completion(runtime.loop(0), background, "pool", [](Runtime* all) -> Task<bool> {
        const bool off_loop =
            co_await all->blocking().run([] { return Loop::current() == nullptr; });
        co_return off_loop&& Loop::current() == &all -> loop(0);
      }(&runtime));
  EXPECT_EQ(back, true);
  runtime.stop();
}

TEST(Loop, AStallIsBlamedOnItsTask) {
  TestLoop test;
  std::vector<Stall> stalls;
  test.loop().on_stall([&](const Stall& stall) { stalls.push_back(stall); });
  TaskGroup group(test.loop(), "owner");
  group.spawn("greedy", [](base::VirtualClock* clock) -> Task<> {
    clock->advance(150ms);  // as a computation would
    co_return;
  }(&test.clock()));
  test.settle();
  ASSERT_EQ(stalls.size(), 1U);
  EXPECT_EQ(stalls.front().task, "greedy");
  EXPECT_GE(stalls.front().duration, base::Duration(150ms));
  test.run(group.stop());
}

}  // namespace
}  // namespace telltale::runtime
