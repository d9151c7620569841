// Shutdown: what ends in time is waited for, and whoever waits is answered.
#include <future>
#include <semaphore>
#include <thread>

#include "catalog/dispatcher.hpp"
#include "catalog/test_support.hpp"

namespace telltale::catalog {
namespace {

using base::Code;

TEST_F(DispatcherTest, ShutdownWaitsForWhatEndsInTime) {
  auto waiting = start_call(call_of("test.slow", 1min));
  await_entered();
  auto stopped = start_stop(1min);
  open_gate();
  const auto done = waiting.get();
  EXPECT_TRUE(done.result);
  stopped.get();
  EXPECT_EQ(probe.cancelled, 0);
}

TEST_F(DispatcherTest, ShutdownAnswersWhoeverWaits) {
  std::vector<std::future<Outcome>> waiting;
  for (const auto* const name : {"test.slow", "test.slow_call", "test.slow_read"}) {
    waiting.push_back(start_call(call_of(name, 1min)));
    await_entered();
  }
  const auto change = dispatcher->running().back();
  const auto id = base::string_or(change, "operation_id");
  auto looking = start(dispatcher->describe(id, 1min));
  stop(5ms);
  EXPECT_EQ(probe.cancelled, 3);
  for (auto& one : waiting) {
    const auto outcome = one.get();
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, Code::unavailable);
    EXPECT_EQ(outcome.result.error().detail, "the server is shutting down");
  }
  const auto seen = looking.get();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->at("status"), "failed");
  EXPECT_EQ(record_on_disk(id).status, "failed");
  const auto late = call(call_of("test.change"));
  ASSERT_FALSE(late.result);
  EXPECT_EQ(late.result.error().code, Code::unavailable);
  EXPECT_EQ(probe.ran, 3);
}

// Taken, but not yet running when everything stops: the store is busy with something else.
TEST_F(DispatcherTest, ShutdownAnswersWhoeverWasAboutToBegin) {
  std::binary_semaphore busy{0};
  std::binary_semaphore free{0};
  auto writing = start(store->write("test", [&](store::Connection&) -> base::Result<void> {
    busy.release();
    free.acquire();
    return {};
  }));
  ASSERT_TRUE(busy.try_acquire_for(20s));
  auto waiting = start_call(call_of("test.change", 1min, "k1"));
  while (dispatcher->running().empty()) std::this_thread::yield();
  const auto id = base::string_or(dispatcher->running().front(), "operation_id");
  stop(0s);
  free.release();
  const auto outcome = waiting.get();
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::unavailable);
  EXPECT_EQ(probe.ran, 0);
  EXPECT_EQ(status(id), "failed");
  EXPECT_EQ(dispatcher->running().size(), 0U);
  EXPECT_TRUE(writing.get());
}

}  // namespace
}  // namespace telltale::catalog
