// The same idempotency key again: it ran once, and everybody has its outcome.
#include <future>

#include "catalog/dispatcher.hpp"
#include "catalog/test_support.hpp"

namespace telltale::catalog {
namespace {

using base::Code;

TEST_F(DispatcherTest, TheSameKeyGivesTheFirstResultAgain) {
  const auto first = call(call_of("test.change", 10s, "k1"));
  ASSERT_TRUE(first.result);
  const auto again = call(call_of("test.change", 10s, "k1"));
  ASSERT_TRUE(again.result) << again.result.error().detail;
  EXPECT_EQ(again.operation_id, first.operation_id);
  EXPECT_EQ(*again.result, *first.result);
  begin_a_new_life();
  const auto later = call(call_of("test.change", 10s, "k1"));
  ASSERT_TRUE(later.result) << later.result.error().detail;
  EXPECT_EQ(later.operation_id, first.operation_id);
  EXPECT_EQ(*later.result, *first.result);
  EXPECT_EQ(probe.ran, 1);
  EXPECT_TRUE(call(call_of("test.change", 10s, "k2")).result);
  EXPECT_EQ(probe.ran, 2) << "another key is another call";
}

TEST_F(DispatcherTest, TheSameKeyGivesTheFirstErrorAgain) {
  const auto first = call(call_of("test.refuses", 10s, "k1"));
  const auto again = call(call_of("test.refuses", 10s, "k1"));
  ASSERT_FALSE(again.result);
  EXPECT_EQ(again.operation_id, first.operation_id);
  EXPECT_EQ(again.result.error().code, Code::conflict);
  EXPECT_EQ(again.result.error().detail, "it is full");
  EXPECT_EQ(probe.ran, 1);
}

TEST_F(DispatcherTest, TheSameKeyWaitsForTheFirstWhileItRuns) {
  const auto first = call(call_of("test.slow", 0s, "k1"));
  await_entered();
  const auto impatient = call(call_of("test.slow", 0s, "k1"));
  EXPECT_FALSE(impatient.finished);
  EXPECT_EQ(impatient.operation_id, first.operation_id);
  auto patient = start_call(call_of("test.slow", 1min, "k1"));
  open_gate();
  const auto done = patient.get();
  ASSERT_TRUE(done.result) << done.result.error().detail;
  EXPECT_TRUE(done.finished);
  EXPECT_EQ(done.operation_id, first.operation_id);
  EXPECT_EQ(probe.ran, 1);
}

// A client that gives up at once and asks again: both are there before the key is kept.
TEST_F(DispatcherTest, TheSameKeyTwiceAtOnceRunsOnce) {
  std::vector<std::future<Outcome>> waiting;
  waiting.reserve(3);
  std::promise<void> begun;
  runtime.loop(0).post([&] {
    for (int i = 0; i < 3; ++i) waiting.push_back(start_call(call_of("test.slow", 1min, "k1")));
    begun.set_value();
  });
  begun.get_future().wait();
  await_entered();
  open_gate();
  std::string id;
  for (auto& one : waiting) {
    const auto done = one.get();
    ASSERT_TRUE(done.result) << done.result.error().detail;
    EXPECT_EQ(done.result->at("ran"), 1);
    if (id.empty()) id = done.operation_id;
    EXPECT_EQ(done.operation_id, id);
  }
  EXPECT_EQ(probe.ran, 1);
  EXPECT_EQ(dispatcher->stats().started, 1U);
  EXPECT_EQ(events.of_type("operation").size(), 2U);
  EXPECT_EQ(audited(), (Lines{"ada test.slow started ", "ada test.slow ok "}));
}

TEST_F(DispatcherTest, AKeyIsOfItsPrincipalItsOperationAndItsBody) {
  const auto first = call(call_of("test.change", 10s, "k1"));
  auto of_another = call_of("test.change", 10s, "k1");
  of_another.actor = operator_called("bob");
  const auto second = call(std::move(of_another));
  ASSERT_TRUE(second.result) << second.result.error().detail;
  EXPECT_NE(second.operation_id, first.operation_id);
  EXPECT_EQ(probe.ran, 2);
  auto other_body = call_of("test.change", 10s, "k1");
  other_body.arguments.as_object()["name"] = "b";
  const auto third = call(std::move(other_body));
  ASSERT_FALSE(third.result);
  EXPECT_EQ(third.result.error().code, Code::conflict);
  const auto fourth = call(call_of("test.other_change", 10s, "k1"));
  ASSERT_FALSE(fourth.result) << "to start a server is not to stop it";
  EXPECT_EQ(fourth.result.error().code, Code::conflict);
  EXPECT_EQ(probe.ran, 2);
}

}  // namespace
}  // namespace telltale::catalog
