// Calls and answers, what the server says by itself, lost sessions: against a server of functions
// under virtual time.
#include <functional>

#include "base/random.hpp"
#include "mcp/fake_server.hpp"

namespace telltale::mcp {
namespace {

class Calls : public SessionTest {};

TEST_F(Calls, AnswersOutOfOrderReachTheirCallers) {
  server->silent = {"a", "b"};
  connect_legacy();
  const auto a = start("a");
  const auto b = start("b");
  server->say(result_message(FakeServer::id_of(server->all("b").at(0)), {{"is", "b"}}));
  server->say(result_message(FakeServer::id_of(server->all("a").at(0)), {{"is", "a"}}));
  test.settle();
  ASSERT_TRUE(*a && *b);
  EXPECT_EQ(base::string_or(***a, "is"), "a");
  EXPECT_EQ(base::string_or(***b, "is"), "b");
  EXPECT_EQ(session->calls().size(), 0U);
}

TEST_F(Calls, UnknownDuplicateAndLateAnswersAreCounted) {
  connect_legacy();
  server->say(result_message(4711, {}));
  EXPECT_TRUE(found("response.unknown-id"));
  server->say(result_message("x", {}));
  server->handlers["a"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject();
  };
  ASSERT_TRUE(call("a"));
  server->say(result_message(FakeServer::id_of(server->all("a").at(0)), {}));
  EXPECT_TRUE(found("response.duplicate"));
  server->silent = {"b"};
  EXPECT_FALSE(call("b", {}, {.timeout = 1s}));
  server->say(result_message(FakeServer::id_of(server->all("b").at(0)), {}));
  EXPECT_TRUE(found("response.late"));
}

TEST_F(Calls, ACallSaysWhatItDoesInItsTrace) {
  server->silent = {"slow"};
  connect_legacy();
  const auto trace = std::make_shared<runtime::Trace>(test.clock(), test.clock().now());
  EXPECT_FALSE(call("slow", {}, {.timeout = 2s, .trace = {.trace = trace}}));
  const auto spans = trace->spans().records;
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].name, "write");
  EXPECT_EQ(spans[1].name, "wait");
  EXPECT_EQ(spans[1].to - spans[1].from, 2s);
  EXPECT_FALSE(spans[1].ok);
}

TEST_F(Calls, ATimeoutTellsTheServer) {
  server->silent = {"slow"};
  connect_legacy();
  const auto outcome = call("slow", {}, {.timeout = 2s});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::Code::deadline_exceeded);
  test.settle();
  const auto told = server->all("notifications/cancelled");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].at("params").at("requestId"), server->all("slow").at(0).at("id"));
}

TEST_F(Calls, OnModernHttpTheEndOfTheStreamTells) {
  server->silent = {"slow"};
  connect_modern();
  EXPECT_FALSE(call("slow", {}, {.timeout = 2s}));
  test.settle();
  EXPECT_EQ(server->count("notifications/cancelled"), 0U);
  EXPECT_TRUE(server->abandoned.contains(FakeServer::id_of(server->all("slow").at(0))));
}

TEST_F(Calls, CancellingTheCallerTells) {
  server->silent = {"slow"};
  connect_legacy();
  start("slow");
  EXPECT_EQ(session->calls().size(), 1U);
  tasks.cancel();
  test.settle();
  EXPECT_EQ(session->calls().size(), 0U);
  EXPECT_EQ(server->count("notifications/cancelled"), 1U);
}

TEST_F(Calls, ProgressRestartsTheTimeoutUpToTheCeiling) {
  server->silent = {"slow"};
  settings.request_ceiling = 10s;
  connect_legacy();
  std::vector<double> seen;
  const auto outcome =
      start("slow", {}, {.timeout = 2s, .on_progress = [&](const Progress& progress) {
                           seen.push_back(progress.progress);
                         }});
  const auto request = server->all("slow").at(0);
  EXPECT_EQ(request.at("params").at("_meta").at("progressToken"), request.at("id"));
  for (int i = 1; i <= 6; ++i) {
    test.advance(1900ms);
    server->notify("notifications/progress",
                   {{"progressToken", request.at("id")}, {"progress", i}, {"total", 10}});
    test.settle();
    if (i < 6) EXPECT_FALSE(outcome->has_value()) << i;
  }
  ASSERT_TRUE(outcome->has_value());  // the ceiling passed, progress or not
  EXPECT_EQ((*outcome)->error().code, base::Code::deadline_exceeded);
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_TRUE(found("progress.late"));
  server->notify("notifications/progress", {{"progressToken", "foreign"}, {"progress", 1}});
  EXPECT_TRUE(found("progress.unknown-token"));
}

TEST_F(Calls, InFlightIsBoundedAndChecksAreExempt) {
  server->silent = {"slow"};
  settings.in_flight_limit = 2;
  connect_legacy();
  start("slow");
  start("slow");
  const auto third = call("slow");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, base::Code::rate_limited);
  EXPECT_TRUE(test.run(session->exchange({.method = "ping", .exempt = true})));
  tasks.cancel();
  test.settle();
}

TEST_F(Calls, CloseFailsEveryCallOnce) {
  server->silent = {"slow"};
  connect_legacy();
  std::vector<Started> outcomes;
  outcomes.reserve(20);
  for (int i = 0; i < 20; ++i) outcomes.push_back(start("slow"));
  test.run(session->close(1s));
  test.settle();
  for (const auto& outcome : outcomes) {
    ASSERT_TRUE(outcome->has_value());
    EXPECT_EQ((*outcome)->error().code, base::Code::cancelled);
  }
  EXPECT_TRUE(closed_because.empty());
  EXPECT_EQ(server->closed, 1);
  EXPECT_FALSE(call("slow"));
}

TEST_F(Calls, ADyingServerFailsEveryCallOnceAndIsReportedOnce) {
  server->silent = {"slow"};
  connect_legacy();
  const auto outcome = start("slow");
  server->listener->on_closed({.code = base::Code::unavailable, .detail = "killed"});
  server->listener->on_closed({.code = base::Code::unavailable, .detail = "again"});
  test.settle();
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->error().detail, "killed");
  EXPECT_EQ(closed_because, std::vector<std::string>{"killed"});
}

TEST_F(Calls, GarbageDoesNotEndTheSession) {
  connect_legacy();
  for (const auto* line : {"hello", "{", "[[[", "\x01\x02", "null", "{\"jsonrpc\":\"2.0\"}"})
    server->say_text(line);
  server->handlers["a"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject();
  };
  EXPECT_TRUE(call("a"));
  EXPECT_GE(findings.size(), 6U);
}

// Seeded: broken copies of everything a server may say. The session must survive them all, and each
// call end once.
TEST_F(Calls, SurvivesMutatedMessages) {
  constexpr std::uint64_t kSeed = 20261120;
  const std::vector<std::string> good{
      R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"\u00e9"}]}})",
      R"({"jsonrpc":"2.0","id":9,"error":{"code":-32602,"message":"no","data":{"a":[1]}}})",
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":3}})",
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}})",
      R"({"jsonrpc":"2.0","id":"s","method":"elicitation/create","params":{"mode":"form"}})",
      R"([{"jsonrpc":"2.0","id":4,"result":{}},{"jsonrpc":"2.0","method":"x"}])"};
  server->silent = {"slow"};
  connect_legacy();
  std::vector<Started> calls;
  calls.reserve(10);
  for (int i = 0; i < 10; ++i) calls.push_back(start("slow"));
  base::Random random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    auto text = good[random.below(good.size())];
    for (auto left = random.below(4); left > 0 && !text.empty(); --left) {
      const auto at = random.below(text.size());
      switch (random.below(4)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text.erase(at, 1 + random.below(8));
          break;
        case 2:
          text.insert(at, text.substr(random.below(text.size()), random.below(8)));
          break;
        default:
          text.insert(at, 1, "{}[],:\"0-"[random.below(9)]);
          break;
      }
    }
    server->say_text(text);
    if (i % 100 == 0) test.settle();
  }
  test.run(session->close(1s));
  test.settle();
  for (const auto& outcome : calls) EXPECT_TRUE(outcome->has_value()) << "seed " << kSeed;
}

TEST_F(Calls, TraceContextGoesAlong) {
  connect_legacy();
  (void)call("a", {{"_meta", {{"own", 1}}}}, {.trace_parent = "00-1-2-01"});
  const auto meta = server->all("a").at(0).at("params").at("_meta").as_object();
  EXPECT_EQ(base::string_or(meta, "traceparent"), "00-1-2-01");
  EXPECT_TRUE(meta.contains("own"));
  EXPECT_FALSE(meta.contains(meta::kVersion));
}

class FromTheServer : public SessionTest {
 protected:
  JsonObject ask(std::string_view method, JsonObject params = {}) {
    JsonObject message{
        {"jsonrpc", "2.0"}, {"id", "s1"}, {"method", method}, {"params", std::move(params)}};
    const auto before = server->received.size();
    server->say(std::move(message));
    test.settle();
    EXPECT_EQ(server->received.size(), before + 1) << method;
    return server->received.back();
  }
};

TEST_F(FromTheServer, PingRootsSamplingAndTheUnknown) {
  listener.roots = {{{"uri", "file:///work"}}};
  listener.on_sampling = [](JsonObject) -> runtime::TaskResult<JsonObject> {
    co_return JsonObject{{"role", "assistant"}};
  };
  connect_legacy();
  EXPECT_TRUE(ask("ping").at("result").as_object().empty());
  EXPECT_EQ(ask("roots/list").at("result").at("roots").as_array().size(), 1U);
  EXPECT_EQ(ask("sampling/createMessage").at("result").at("role"), "assistant");
  EXPECT_EQ(ask("tools/steal").at("error").at("code"), -32601);
  EXPECT_TRUE(found("server.unknown-request"));
  EXPECT_EQ(ask("elicitation/create").at("result").at("action"), "decline");  // nobody is there
  EXPECT_EQ(ask("elicitation/create", {{"mode", "telepathy"}}).at("error").at("code"), -32602);
}

TEST_F(FromTheServer, ACallsOwnElicitationComesFirst) {
  listener.on_elicitation = [](JsonObject) -> runtime::TaskResult<JsonObject> {
    co_return JsonObject{{"action", "cancel"}};
  };
  server->silent = {"tools/call"};
  connect_legacy();
  EXPECT_EQ(ask("elicitation/create").at("result").at("action"), "cancel");
  start("tools/call", {{"name", "x"}},
        {.on_elicitation = [](JsonObject) -> runtime::TaskResult<JsonObject> {
          co_return JsonObject{{"action", "accept"}, {"content", {{"n", 1}}}};
        }});
  EXPECT_EQ(ask("elicitation/create").at("result").at("content").at("n"), 1);
}

TEST_F(FromTheServer, AFloodIsRefusedNotStored) {
  int open = 0;
  listener.on_sampling = std::bind_front(
      [](int* count, JsonObject) -> runtime::TaskResult<JsonObject> {
        ++*count;
        co_await runtime::sleep_for(1h);
        co_return JsonObject();
      },
      &open);
  connect_legacy();
  const auto before = server->received.size();
  for (int i = 0; i < 200; ++i)
    server->say({{"jsonrpc", "2.0"}, {"id", i}, {"method", "sampling/createMessage"}});
  test.settle();
  EXPECT_EQ(open, 64);
  EXPECT_EQ(server->received.size() - before, 136U);
  EXPECT_TRUE(found("server.request-flood"));
}

TEST_F(FromTheServer, AModernServerMayNotAsk) {
  connect_modern();
  const auto before = server->received.size();
  server->say({{"jsonrpc", "2.0"}, {"id", 1}, {"method", "sampling/createMessage"}});
  test.settle();
  EXPECT_EQ(server->received.size(), before);
  EXPECT_TRUE(found("server.request-in-modern-era"));
}

TEST_F(FromTheServer, NotificationsReachTheListener) {
  std::vector<std::string> logged;
  listener.on_log = [&](std::string_view level, std::string_view logger, const Json& data) {
    logged.push_back(std::string(level) + " " + std::string(logger) + " " + base::write_json(data));
  };
  connect_legacy();
  server->notify("notifications/message",
                 {{"level", "error"}, {"logger", "db"}, {"data", {{"x", 1}}}});
  server->notify("notifications/tools/list_changed");
  server->notify("notifications/resources/list_changed");
  server->notify("notifications/resources/updated", {{"uri", "a://b"}});
  server->notify("notifications/surprise");
  EXPECT_EQ(logged, std::vector<std::string>{"error db {\"x\":1}"});
  EXPECT_EQ(changed, (std::vector<std::string>{"tools", "resources"}));
  EXPECT_EQ(updated, std::vector<std::string>{"a://b"});
  EXPECT_TRUE(found("notification.unknown"));
}

class LostSession : public SessionTest {
 protected:
  void SetUp() override {
    server->handlers["echo"] = [](const JsonObject& params) -> base::Result<JsonObject> {
      return params;
    };
    connect_legacy({{"tools", JsonObject()}}, TransportKind::http);
  }
};

TEST_F(LostSession, IsMadeAnewUnseen) {
  server->lost_sessions = 1;
  const auto outcome = call("echo", {{"x", 1}});
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(outcome->at("x"), 1);
  EXPECT_EQ(server->count("initialize"), 2U);
  EXPECT_EQ(server->count("notifications/initialized"), 2U);
  EXPECT_EQ(server->ready, 2);
  EXPECT_TRUE(found("session.renewed"));
}

TEST_F(LostSession, OnceForAllWhoNotice) {
  std::vector<Started> outcomes;
  outcomes.reserve(10);
  for (int i = 0; i < 10; ++i) outcomes.push_back(spawn("echo"));
  server->lost_sessions = 10;
  test.settle();
  for (const auto& outcome : outcomes) ASSERT_TRUE(outcome->has_value() && outcome->value());
  EXPECT_EQ(server->count("initialize"), 2U);
}

TEST_F(LostSession, IsNotMadeForEver) {
  server->lost_sessions = 1000;
  const auto outcome = call("echo");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(server->count("initialize"), 2U);
}

TEST_F(LostSession, NoticedByTheServersStreamAlone) {
  server->listener->on_session_lost();
  server->listener->on_session_lost();
  test.settle();
  EXPECT_EQ(server->count("initialize"), 2U);
}

TEST_F(LostSession, AFailedRenewalFailsTheCallsWithItsReason) {
  server->handlers["initialize"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return base::fail(base::Code::unavailable, "gone for good");
  };
  server->lost_sessions = 1;
  const auto outcome = call("echo");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().detail, "gone for good");
  EXPECT_TRUE(found("session.not-renewed"));
}

}  // namespace
}  // namespace telltale::mcp
