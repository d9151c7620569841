#include "mcp/volley.hpp"

#include <fmt/format.h>

#include "mcp/fake_server.hpp"

namespace telltale::mcp {
namespace {

class VolleyTest : public SessionTest {
 protected:
  ~VolleyTest() override { volley.reset(); }

  void begin(std::size_t callers,
             VolleyRequest request = {.method = "tools/call", .params = {{"name", "echo"}}}) {
    request.callers = callers;
    volley = std::make_unique<Volley>(
        session, std::move(request),
        VolleyEvents{
            .judge =
                [this](base::Result<ToolCallResult> answer) {
                  ++judged;
                  if (!answer) return "refused: " + answer.error().detail;
                  return base::string_or(answer->result, "wrong") +
                         (answer->schema_errors.empty() ? "" : "schema");
                },
            .answered = [this](std::size_t caller,
                               const std::string& wrong) { answered.emplace_back(caller, wrong); },
            .failed = [this](std::size_t caller,
                             const base::Error& why) { failed.emplace_back(caller, why.detail); },
            .unfit = [this] { ++unfit; }});
    for (std::size_t caller = 0; caller < callers; ++caller) ask(caller);
  }
  void ask(std::size_t caller) {
    ASSERT_TRUE(volley->ask(caller));
    test.settle();
  }
  std::int64_t asked(std::size_t index) const {
    return FakeServer::id_of(server->all("tools/call").at(index));
  }
  static std::string answer(std::int64_t id, std::string_view rest = R"({"content":[]})") {
    return fmt::format(R"({{"result":{},"jsonrpc":"2.0","id":{}}})", rest, id);
  }

  std::unique_ptr<Volley> volley;
  using Told = std::vector<std::pair<std::size_t, std::string>>;
  Told answered, failed;
  int judged = 0;
  int unfit = 0;
};

TEST_F(VolleyTest, WhatWasReadOnceIsNotReadAgain) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(3);
  const auto first = server->all("tools/call");
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(first[0].at("params").at("name"), "echo");
  server->say_text(answer(asked(1)));
  server->say_text(answer(asked(0)));
  server->say_text(answer(asked(2)));
  EXPECT_EQ(answered, (Told{{1, ""}, {0, ""}, {2, ""}}));
  EXPECT_EQ(judged, 1);
  ask(1);
  server->say_text(answer(asked(3), R"({"wrong":"yes"})"));
  ask(1);
  server->say_text(answer(asked(4), R"({"wrong":"yes"})"));
  EXPECT_EQ(answered.back(), (std::pair<std::size_t, std::string>{1, "yes"}));
  EXPECT_EQ(answered.size(), 5U);
  EXPECT_EQ(judged, 2);
  EXPECT_TRUE(findings.empty());
}

TEST_F(VolleyTest, TheIdMayStandAnywhereAndWithASpace) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(1);
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) ask(0);
    server->say_text(
        fmt::format(R"({{"jsonrpc": "2.0", "id": {}, "result": {{"id": 7}}}})", asked(i)));
  }
  EXPECT_EQ(answered.size(), 4U);
  EXPECT_EQ(judged, 1);
  // It stands in the result as well: what it means there nobody knows, so each is read.
  for (std::size_t i = 4; i < 7; ++i) {
    ask(0);
    server->say_text(answer(asked(i), fmt::format(R"({{"id":{}}})", asked(i))));
  }
  EXPECT_EQ(answered.size(), 7U);
  EXPECT_EQ(judged, 4);
}

TEST_F(VolleyTest, AnIdThatStandsThereByChanceMisleadsNobody) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(2);
  // The answer's own id is written in a way that is not looked for.
  server->say_text(fmt::format(R"({{"jsonrpc":"2.0","id" : {},"result":{{"wrong":"a","id":{}}}}})",
                               asked(0), asked(0)));
  // Its result names the other caller's request, whose answer this is not.
  ask(0);
  server->say_text(fmt::format(R"({{"jsonrpc":"2.0","id" : {},"result":{{"wrong":"b","id":{}}}}})",
                               asked(2), asked(1)));
  EXPECT_EQ(answered, (Told{{0, "a"}, {0, "b"}}));
}

TEST_F(VolleyTest, LateTwiceAndInventedAnswersAreFindings) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(2);
  server->say_text(answer(asked(0)));
  server->say_text(answer(asked(0)));
  EXPECT_EQ(findings, std::vector<std::string>{"response.duplicate"});
  volley->give_up(1);
  test.settle();
  ASSERT_EQ(server->count("notifications/cancelled"), 1U);
  EXPECT_EQ(server->all("notifications/cancelled")[0].at("params").at("requestId").as_int64(),
            asked(1));
  server->say_text(answer(asked(1)));
  EXPECT_EQ(findings.back(), "response.late");
  server->say_text(answer(asked(1) + 2'000));
  EXPECT_EQ(findings.back(), "response.unknown-id");
  EXPECT_EQ(answered, (Told{{0, ""}}));
}

TEST_F(VolleyTest, AnAnswerAfterItsEndIsLate) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(1);
  const auto id = asked(0);
  volley.reset();
  server->say_text(answer(id));
  EXPECT_EQ(findings, std::vector<std::string>{"response.late"});
}

TEST_F(VolleyTest, OtherCallsAndNotificationsGoOnBeside) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(2);
  server->notify("notifications/tools/list_changed");
  server->handlers["resources/read"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject{{"contents", JsonArray()}};
  };
  EXPECT_TRUE(call("resources/read", {{"uri", "a:b"}}).has_value());
  EXPECT_EQ(changed, std::vector<std::string>{"tools"});
  // Several at once, as 2025-03-26 allows.
  server->say_text("[" + answer(asked(0)) + "," + answer(asked(1)) + "]");
  EXPECT_EQ(answered, (Told{{0, ""}, {1, ""}}));
}

TEST_F(VolleyTest, ErrorsAreJudgedOnceToo) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(1);
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0) ask(0);
    server->say_text(fmt::format(
        R"({{"jsonrpc":"2.0","id":{},"error":{{"code":-32602,"message":"no"}}}})", asked(i)));
  }
  EXPECT_EQ(answered, (Told{{0, "refused: no"}, {0, "refused: no"}, {0, "refused: no"}}));
  EXPECT_EQ(judged, 1);
}

TEST_F(VolleyTest, EveryAnswerAgainstItsSchemaIsAFinding) {
  connect_legacy();
  server->handlers["tools/list"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject{{"tools",
                       {{{"name", "echo"},
                         {"inputSchema", JsonObject()},
                         {"outputSchema", {{"type", "object"}}}}}}};
  };
  ASSERT_TRUE(test.run(list_tools(session, {})).has_value());
  server->silent.insert("tools/call");
  begin(1);
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0) ask(0);
    server->say_text(answer(asked(i)));
  }
  EXPECT_EQ(answered.back(), (std::pair<std::size_t, std::string>{0, "schema"}));
  EXPECT_EQ(judged, 1);
  EXPECT_EQ(findings, std::vector<std::string>(3, "tool.output-schema"));
}

TEST_F(VolleyTest, ADyingServerFailsEachOnce) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(2);
  server->say_text(answer(asked(0)));
  server->listener->on_closed({.code = base::Code::unavailable, .detail = "it exited"});
  EXPECT_EQ(failed, (Told{{1, "it exited"}}));
  EXPECT_EQ(volley->ask(0).error().code, base::Code::unavailable);
}

TEST_F(VolleyTest, ClosingTheSessionFailsEachOnce) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(2);
  test.run(session->close(1s));
  EXPECT_EQ(failed, (Told{{0, "the session was closed"}, {1, "the session was closed"}}));
}

TEST_F(VolleyTest, AServerThatAsksForInputIsNotForThis) {
  connect_legacy();
  server->silent.insert("tools/call");
  begin(2);
  server->say_text(answer(asked(0), R"({"resultType":"input_required","requestState":"s"})"));
  server->say_text(answer(asked(1)));
  test.settle();
  EXPECT_EQ(unfit, 1);
  EXPECT_TRUE(answered.empty());
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(server->count("notifications/cancelled"), 2U);
  EXPECT_FALSE(volley->ask(0));
}

}  // namespace
}  // namespace telltale::mcp
