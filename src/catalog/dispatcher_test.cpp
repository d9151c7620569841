// An operation's way to its answer, and how else it may end.
#include "catalog/dispatcher.hpp"

#include "catalog/test_support.hpp"

namespace telltale::catalog {
namespace {

using base::Code;

// --- Answers ---

TEST_F(DispatcherTest, AnOperationAnswers) {
  const auto done = call(call_of("test.read"));
  ASSERT_TRUE(done.result) << done.result.error().detail;
  EXPECT_TRUE(done.finished);
  EXPECT_EQ(done.result->at("name"), "a");
  EXPECT_EQ(events.of_type("operation").size(), 0U) << "a read is not shown";
  EXPECT_EQ(audited(), Lines{}) << "a read is not audited";
}

TEST_F(DispatcherTest, AChangeIsRecordedShownAndAuditedBeforeItsAnswer) {
  auto asked = call_of("test.change");
  asked.arguments.as_object()["password"] = "hunter2";
  const auto done = call(std::move(asked));
  ASSERT_TRUE(done.result) << done.result.error().detail;
  const auto record = record_on_disk(done.operation_id);
  EXPECT_EQ(record.status, "completed");
  EXPECT_EQ(record.actor, "ada");
  EXPECT_EQ(record.subject, "subject of a");
  EXPECT_EQ(record.result, *done.result);
  EXPECT_TRUE(record.end_time);
  EXPECT_EQ(record.arguments.at("name"), "a");
  EXPECT_EQ(base::write_json(record.arguments).find("hunter2"), std::string::npos);
  EXPECT_EQ(audited(), (Lines{"ada test.change started ", "ada test.change ok "}));
  const auto shown = events.of_type("operation");
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[0].data.at("status"), "started");
  EXPECT_EQ(shown[1].data.at("status"), "completed");
  EXPECT_FALSE(shown[1].data.contains("result"));
  EXPECT_EQ(shown[1].subject, done.operation_id);
  EXPECT_EQ(dispatcher->stats().started, 1U);
  EXPECT_EQ(dispatcher->stats().running, 0U);
}

TEST_F(DispatcherTest, ASecretResultIsSeenByItsCallerAlone) {
  const auto done = call(call_of("test.secret"));
  ASSERT_TRUE(done.result);
  EXPECT_EQ(done.result->at("token"), "t-123");
  EXPECT_NE(record_on_disk(done.operation_id).result.at("token"), "t-123");
  EXPECT_NE(described(done.operation_id).at("result").at("token"), "t-123");
}

TEST_F(DispatcherTest, WhatIsNotDoneInTimeGoesOnAndItsResultIsReadLater) {
  const auto begun = call(call_of("test.slow", 5ms));
  EXPECT_FALSE(begun.finished);
  ASSERT_NE(begun.operation_id, "");
  await_entered();
  EXPECT_EQ(base::string_or(described(begun.operation_id, 0s), "status"), "started");
  ASSERT_EQ(dispatcher->running().size(), 1U);
  EXPECT_EQ(base::string_or(dispatcher->running().front(), "operation_id"), begun.operation_id);
  open_gate();
  const auto ended = described(begun.operation_id);
  EXPECT_EQ(ended.at("status"), "completed");
  EXPECT_EQ(ended.at("result").at("name"), "a");
  EXPECT_EQ(dispatcher->running().size(), 0U);
  begin_a_new_life();
  EXPECT_EQ(described(begun.operation_id).at("result").at("name"), "a") << "from the store";
}

TEST_F(DispatcherTest, AReadThatIsSlowCanBeFoundAgainToo) {
  const auto begun = call(call_of("test.slow_read", 5ms));
  EXPECT_FALSE(begun.finished);
  open_gate();
  EXPECT_EQ(described(begun.operation_id).at("result").at("name"), "a");
}

TEST_F(DispatcherTest, AnUnknownOperationOrRecordIsNotFound) {
  const auto done = call(call_of("test.nothing"));
  ASSERT_FALSE(done.result);
  EXPECT_EQ(done.result.error().code, Code::not_found);
  EXPECT_NE(done.result.error().detail.find("test.nothing"), std::string::npos);
  const auto record = run(dispatcher->describe("op_nothing", 0s));
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, Code::not_found);
}

TEST_F(DispatcherTest, FromAPlainThreadItBlocksAndOnALoopItDoesNot) {
  const auto done = dispatcher->call_blocking(call_of("test.read"));
  ASSERT_TRUE(done.result);
  EXPECT_TRUE(done.finished);
  const auto begun = run([](Dispatcher* all, Call call) -> Task<Outcome> {
    co_return all->call_blocking(std::move(call));
  }(dispatcher.get(), call_of("test.slow")));
  EXPECT_FALSE(begun.finished);
  open_gate();
  EXPECT_EQ(status(begun.operation_id), "completed");
}

TEST_F(DispatcherTest, AnOperationAsksAndIsAnswered) {
  auto done = start_call(call_of("test.asks", 20s));
  const auto question = events.first("input_request");
  const auto id = base::string_or(question.data, "operation_id");
  const auto request = base::string_or(question.data, "request_id");
  EXPECT_EQ(question.data.at("message"), "sure?");
  const auto wrong = dispatcher->answer_input(id, "ask_nothing", {{"action", "accept"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::not_found);
  ASSERT_TRUE(dispatcher->answer_input(id, request, {{"action", "decline"}}));
  const auto outcome = done.get();
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.result->at("action"), "decline");
}

// --- Ends ---

TEST_F(DispatcherTest, CancelReachesTheOperationAndTheRecordSaysSo) {
  auto waiting = start_call(call_of("test.slow", 1min));
  await_entered();
  const auto id = base::string_or(dispatcher->running().front(), "operation_id");
  ASSERT_TRUE(dispatcher->cancel(id));
  const auto outcome = waiting.get();
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::cancelled);
  EXPECT_EQ(probe.cancelled, 1);
  EXPECT_EQ(status(id), "canceled");
  EXPECT_EQ(record_on_disk(id).status, "canceled");
  EXPECT_EQ(audited(), (Lines{"ada test.slow started ", "ada test.slow failed cancelled"}));
  const auto again = dispatcher->cancel(id);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::not_found);
}

TEST_F(DispatcherTest, ATimeLimitEndsIt) {
  const auto outcome = call(call_of("test.limited"));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::deadline_exceeded);
  EXPECT_EQ(outcome.result.error().detail, "test.limited took longer than its limit of 30 ms");
  EXPECT_EQ(probe.cancelled, 1) << "it does not go on unseen";
  EXPECT_EQ(record_on_disk(outcome.operation_id).status, "failed");
}

TEST_F(DispatcherTest, AnErrorIsTheCallersAndARecord) {
  const auto outcome = call(call_of("test.refuses"));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::conflict);
  EXPECT_EQ(outcome.result.error().detail, "it is full");
  const auto record = record_on_disk(outcome.operation_id);
  EXPECT_EQ(record.status, "failed");
  EXPECT_EQ(record.error.at("detail"), "it is full");
  EXPECT_EQ(audited(), (Lines{"ada test.refuses started ", "ada test.refuses failed it is full"}));
  EXPECT_EQ(events.of_type("operation").back().severity, runtime::Severity::warning);
  EXPECT_EQ(dispatcher->stats().failed, 1U);
}

TEST_F(DispatcherTest, AnExceptionIsAnErrorThatTellsNothingOfTheInside) {
  const auto outcome = call(call_of("test.throws"));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::internal);
  EXPECT_EQ(outcome.result.error().detail, "an internal error; the log has it");
  EXPECT_EQ(record_on_disk(outcome.operation_id).status, "failed");
  EXPECT_TRUE(call(call_of("test.change")).result) << "the next one runs";
}

}  // namespace
}  // namespace telltale::catalog
