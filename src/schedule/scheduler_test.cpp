// The scheduler over a real store, its loop under virtual time.
#include "schedule/scheduler.hpp"

#include <gtest/gtest.h>

#include "store/test_support.hpp"

namespace telltale::schedule {
namespace {

using namespace std::chrono_literals;

struct Events final : runtime::EventSink {
  void publish(runtime::Event event) override { all.push_back(std::move(event)); }
  std::vector<runtime::Event> all;
};

class SchedulerTest : public store::StoreTest {
 protected:
  SchedulerTest() { start(); }
  ~SchedulerTest() override { stop(); }
  void start() {
    scheduler = std::move(*Scheduler::open(
        {.loop = loop(),
         .store = *store_,
         .events = events,
         .run = [this](RunRequest request) { return answer(this, std::move(request)); },
         .check = [](const runtime::Actor&, const std::string& operation,
                     const base::JsonObject&) -> base::Result<void> {
           if (operation == "nosuch") return base::bad_field("/operation", "no such");
           return {};
         }}));
  }
  void stop() {
    if (!scheduler) return;
    run([](Scheduler* one) -> runtime::Task<bool> {
      co_await one->stop();
      co_return true;
    }(scheduler.get()));
    scheduler.reset();
  }
  static runtime::Task<RunEnd> answer(SchedulerTest* test, RunRequest request) {
    test->asked.push_back(request);
    while (test->held) co_await test->released.wait();
    co_return RunEnd{.operation_id = "op_1", .error = test->error};
  }
  base::JsonObject create(Definition definition) {
    auto made = run(runtime::call_on(loop(), Scheduler::create(scheduler.get(), ada, definition)));
    EXPECT_TRUE(made) << made.error().detail;
    return made ? *made : base::JsonObject();
  }
  base::JsonObject get(const std::string& id) {
    return *run(runtime::call_on(loop(), Scheduler::get(scheduler.get(), ada, id)));
  }
  // Waits until its newest run has that status; the loop's timers follow the runtime's clock.
  base::JsonObject wait_for(const std::string& id, std::string_view status) {
    for (;;) {
      auto record = get(id);
      const auto& history = record.at("history").as_array();
      if (!history.empty() && history[0].at("status") == base::Json(status)) return record;
      std::this_thread::yield();
    }
  }

  runtime::Actor ada{.id = "u1", .name = "ada"};
  Events events;
  std::vector<RunRequest> asked;  // on the loop
  bool held = false;
  std::string error;
  runtime::Notifier released{loop()};
  std::unique_ptr<Scheduler> scheduler;
};

TEST_F(SchedulerTest, RunsByHandAndKeepsTheHistory) {
  const auto job =
      create({.name = "nightly", .cron = "0 3 * * *", .operation = "x.y", .arguments = {{"a", 1}}});
  const auto id = base::string_or(job, "id");
  EXPECT_EQ(job.at("next_runs").as_array().size(), 10U);
  error = "it broke";
  ASSERT_TRUE(run(runtime::call_on(loop(), Scheduler::run_now(scheduler.get(), ada, id))));
  const auto record = wait_for(id, "failed");
  const auto& last = record.at("history").as_array()[0].as_object();
  EXPECT_EQ(base::string_or(last, "detail"), "it broke");
  EXPECT_EQ(base::string_or(last, "cause"), "manual");
  EXPECT_EQ(base::string_or(last, "operation_id"), "op_1");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].actor->name, "ada");
  EXPECT_EQ(asked[0].arguments.at("a"), base::Json(1));
}

TEST_F(SchedulerTest, NeverTwoAtATime) {
  const auto id =
      base::string_or(create({.name = "slow", .cron = "0 3 * * *", .operation = "x.y"}), "id");
  held = true;
  ASSERT_TRUE(run(runtime::call_on(loop(), Scheduler::run_now(scheduler.get(), ada, id))));
  const auto again = run(runtime::call_on(loop(), Scheduler::run_now(scheduler.get(), ada, id)));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::Code::conflict);
  held = false;
  loop().post([this] { released.notify_all(); });
  wait_for(id, "completed");
}

TEST_F(SchedulerTest, OthersDoNotSeeIt) {
  const auto id =
      base::string_or(create({.name = "mine", .cron = "@daily", .operation = "x.y"}), "id");
  const runtime::Actor eve{.id = "u2", .name = "eve"};
  EXPECT_TRUE(run(runtime::call_on(loop(), Scheduler::list(scheduler.get(), eve)))->empty());
  EXPECT_EQ(run(runtime::call_on(loop(), Scheduler::remove(scheduler.get(), eve, id))).error().code,
            base::Code::not_found);
  EXPECT_EQ(run(runtime::call_on(loop(), Scheduler::list(scheduler.get(), ada)))->size(), 1U);
}

TEST_F(SchedulerTest, WhatIsWrongIsRefused) {
  for (const Definition& bad :
       {Definition{.name = "a", .cron = "x", .operation = "x.y"},
        Definition{.name = "a", .cron = "@daily", .time_zone = "Mars", .operation = "x.y"},
        Definition{.name = "a", .cron = "@daily", .operation = "nosuch"},
        Definition{.name = "a", .cron = "@daily", .operation = "schedules.run"}}) {
    const auto made = run(runtime::call_on(loop(), Scheduler::create(scheduler.get(), ada, bad)));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fields.size(), 1U);
  }
}

TEST_F(SchedulerTest, AMissedRunComesOnceAfterARestartAsItsOwner) {
  const auto now = runtime_.clock().wall();
  for (const auto* const policy : {"skip", "run_once"}) {
    const Definition definition{
        .name = policy, .cron = "0 * * * *", .operation = "x.y", .missed = policy};
    const store::ScheduleRecord record{.id = policy,
                                       .definition = base::to_json(definition).as_object(),
                                       .owner_id = "u1",
                                       .owner_name = "ada",
                                       .token = "tok_7",
                                       .created_at = now,
                                       .changed_at = now,
                                       .handled = now - 5h};
    ASSERT_TRUE(
        store_->write_now([&](store::Connection& db) { return store::save_schedule(db, record); }));
  }
  stop();
  start();
  loop().post([this] { scheduler->start(); });
  const auto once = wait_for("run_once", "completed");
  const auto& history = once.at("history").as_array();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[1].at("status"), base::Json("missed"));
  EXPECT_EQ(history[0].at("cause"), base::Json("missed"));
  wait_for("skip", "missed");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_FALSE(asked[0].actor);
  EXPECT_EQ(asked[0].owner_id, "u1");
  EXPECT_EQ(asked[0].token, "tok_7");
  // Handled is handled: another start runs nothing.
  stop();
  start();
  loop().post([this] { scheduler->start(); });
  EXPECT_EQ(get("run_once").at("history").as_array().size(), 2U);
}

TEST_F(SchedulerTest, WhatRanWhenTheProcessEndedIsSaidToBeInterrupted) {
  const auto id =
      base::string_or(create({.name = "long", .cron = "@daily", .operation = "x.y"}), "id");
  held = true;
  ASSERT_TRUE(run(runtime::call_on(loop(), Scheduler::run_now(scheduler.get(), ada, id))));
  wait_for(id, "running");
  stop();
  start();
  EXPECT_EQ(get(id).at("history").as_array()[0].at("status"), base::Json("interrupted"));
  EXPECT_FALSE(get(id).at("running").as_bool());
}

TEST_F(SchedulerTest, TheNewestRunsAreKept) {
  const auto id =
      base::string_or(create({.name = "often", .cron = "@daily", .operation = "x.y"}), "id");
  ASSERT_TRUE(store_->write_now([&](store::Connection& db) -> base::Result<void> {
    for (std::size_t i = 0; i < store::kScheduleRunsKept + 20; ++i)
      if (auto done = store::save_schedule_run(
              db, {.id = "run_" + std::to_string(1000 + i), .schedule = id, .status = "completed"});
          !done)
        return done;
    return store::save_schedule_run(db, {.id = "run_x", .schedule = "gone", .status = "completed"});
  }));
  EXPECT_EQ(count("SELECT count(*) FROM schedule_runs"),
            static_cast<std::int64_t>(store::kScheduleRunsKept));
}

}  // namespace
}  // namespace telltale::schedule
