// What only the modern era has: input rounds, tasks, subscriptions, caching, headers of parameters.
#include "mcp/fake_server.hpp"

namespace telltale::mcp {
namespace {

class Modern : public SessionTest {
 protected:
  static JsonObject want_input(std::string state = "") {
    JsonObject out{{"resultType", "input_required"},
                   {"inputRequests",
                    {{"who", {{"method", "elicitation/create"}, {"params", {{"message", "?"}}}}}}}};
    if (!state.empty()) out["requestState"] = state;
    return out;
  }
  static ElicitationHandler accept() {
    return [](JsonObject) -> runtime::TaskResult<JsonObject> {
      co_return JsonObject{{"action", "accept"}, {"content", {{"name", "Ada"}}}};
    };
  }
  const JsonObject& params_of(std::string_view method, std::size_t index) {
    kept_ = server->all(method).at(index).at("params").as_object();
    return kept_;
  }
  JsonObject kept_;
};

TEST_F(Modern, EveryRequestSaysWhoAndWhich) {
  connect_modern({{"tools", JsonObject()}, {"logging", JsonObject()}});
  session->log_level = "debug";
  (void)call("tools/call", {{"name", "add"}});
  const auto meta = params_of("tools/call", 0).at("_meta").as_object();
  EXPECT_EQ(base::string_or(meta, meta::kVersion), kModernVersion);
  EXPECT_TRUE(meta.contains(meta::kClientCapabilities) && meta.contains(meta::kClientInfo));
  EXPECT_EQ(base::string_or(meta, meta::kLogLevel), "debug");
  EXPECT_EQ(transport->last_hints.method, "tools/call");
  EXPECT_EQ(transport->last_hints.name, "add");
}

TEST_F(Modern, InputRoundsEchoTheStateExactlyWithANewId) {
  const std::string state = "{\"odd\" : \"\\u00e9 =?\"}";
  server->handlers["tools/call"] = [&](const JsonObject& params) -> base::Result<JsonObject> {
    if (!params.contains("inputResponses")) return want_input(state);
    return JsonObject{{"resultType", "complete"}, {"content", JsonArray()}};
  };
  connect_modern();
  const auto outcome =
      call("tools/call", {{"name", "x"}, {"arguments", {{"a", 1}}}}, {.on_elicitation = accept()});
  ASSERT_TRUE(outcome) << outcome.error().detail;
  const auto asked = server->all("tools/call");
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_NE(asked[0].at("id"), asked[1].at("id"));
  const auto& again = asked[1].at("params").as_object();
  EXPECT_EQ(base::string_or(again, "requestState"), state);
  EXPECT_EQ(again.at("inputResponses").at("who").at("content").at("name"), "Ada");
  EXPECT_EQ(again.at("arguments").at("a"), 1);
}

TEST_F(Modern, WithoutAStateNoneIsSent) {
  server->handlers["prompts/get"] = [&](const JsonObject& params) -> base::Result<JsonObject> {
    return params.contains("inputResponses") ? JsonObject{{"messages", JsonArray()}} : want_input();
  };
  connect_modern({{"prompts", JsonObject()}});
  ASSERT_TRUE(call("prompts/get", {{"name", "x"}}));
  EXPECT_FALSE(params_of("prompts/get", 1).contains("requestState"));
  EXPECT_EQ(params_of("prompts/get", 1).at("inputResponses").at("who").at("action"), "decline");
}

TEST_F(Modern, RoundsAreBounded) {
  server->handlers["tools/call"] = [&](const JsonObject&) -> base::Result<JsonObject> {
    return want_input("again");
  };
  connect_modern();
  const auto outcome = call("tools/call", {{"name", "x"}}, {.on_elicitation = accept()});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::Code::protocol);
  EXPECT_EQ(server->count("tools/call"), 11U);
}

TEST_F(Modern, WrongResultTypesAreProtocolErrors) {
  server->handlers["tools/list"] = [&](const JsonObject&) -> base::Result<JsonObject> {
    return want_input();
  };
  server->handlers["tools/call"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject{{"resultType", "dream"}};
  };
  connect_modern();
  EXPECT_EQ(call("tools/list").error().code, base::Code::protocol);
  EXPECT_EQ(call("tools/call", {{"name", "x"}}).error().code, base::Code::protocol);
  EXPECT_TRUE(found("result.type"));
}

TEST_F(Modern, ATaskIsFollowedToItsEnd) {
  int polls = 0;
  server->handlers["tools/call"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject{
        {"resultType", "task"}, {"taskId", "t1"}, {"status", "working"}, {"pollIntervalMs", 250}};
  };
  server->handlers["tasks/get"] = [&](const JsonObject&) -> base::Result<JsonObject> {
    ++polls;
    JsonObject task{{"resultType", "complete"},
                    {"taskId", "t1"},
                    {"status", "working"},
                    {"statusMessage", "half"}};
    if (polls == 2 || polls == 3) {
      task["status"] = "input_required";
      task["inputRequests"] = want_input().at("inputRequests");
    }
    if (polls == 5) {
      task["status"] = "completed";
      task["result"] = {{"content", {1}}};
    }
    return task;
  };
  server->handlers["tasks/update"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject();
  };
  connect_modern();
  std::vector<std::string> said;
  const auto before = test.clock().now();
  const auto outcome =
      call("tools/call", {{"name", "x"}},
           {.on_progress = [&](const Progress& progress) { said.push_back(progress.message); },
            .on_elicitation = accept()});
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(outcome->at("content").as_array().size(), 1U);
  EXPECT_EQ(test.clock().now() - before, 5 * 250ms);
  EXPECT_EQ(server->count("tasks/update"), 1U);  // each key is answered once
  EXPECT_EQ(said, std::vector<std::string>{"half"});
  EXPECT_EQ(transport->last_hints.name, "t1");
  EXPECT_EQ(server->count("tasks/cancel"), 0U);
}

TEST_F(Modern, ATaskThatFailsAndOneNobodyWaitsFor) {
  server->handlers["tools/call"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject{{"resultType", "task"}, {"taskId", "t1"}, {"status", "working"}};
  };
  bool fails = true;
  server->handlers["tasks/get"] = [&](const JsonObject&) -> base::Result<JsonObject> {
    if (!fails) return JsonObject{{"taskId", "t1"}, {"status", "working"}};
    return JsonObject{
        {"taskId", "t1"}, {"status", "failed"}, {"error", {{"code", -32602}, {"message", "bad"}}}};
  };
  connect_modern();
  EXPECT_EQ(call("tools/call", {{"name", "x"}}).error().code, base::Code::invalid_argument);
  fails = false;
  start("tools/call", {{"name", "x"}});
  test.advance(3s);
  tasks.cancel();
  test.settle();
  EXPECT_EQ(server->count("tasks/cancel"), 1U);
}

TEST_F(Modern, ListsAreCachedUntilTheyChange) {
  int asked = 0;
  server->handlers["tools/list"] = [&](const JsonObject& params) -> base::Result<JsonObject> {
    ++asked;
    if (!params.contains("cursor"))
      return JsonObject{{"tools", {{{"name", "a"}, {"inputSchema", JsonObject()}}}},
                        {"nextCursor", "2"},
                        {"ttlMs", 60000}};
    return JsonObject{{"tools", {{{"name", "b"}, {"inputSchema", JsonObject()}}}}, {"ttlMs", 5000}};
  };
  connect_modern();
  const auto list = [&] { return test.run(list_tools(session, {}))->size(); };
  EXPECT_EQ(list(), 2U);
  EXPECT_EQ(list(), 2U);
  EXPECT_EQ(asked, 2);
  server->notify("notifications/tools/list_changed");
  list();
  EXPECT_EQ(asked, 4);
  test.advance(6s);  // the shorter of the pages counts
  list();
  EXPECT_EQ(asked, 6);
}

TEST_F(Modern, ListsAreBounded) {
  int asked = 0;
  server->handlers["tools/list"] = [&](const JsonObject&) -> base::Result<JsonObject> {
    ++asked;
    return JsonObject{{"tools", JsonArray()},
                      {"nextCursor", asked < 3 ? std::to_string(asked) : "1"}};
  };
  server->handlers["resources/list"] = [&](const JsonObject& params) -> base::Result<JsonObject> {
    return JsonObject{{"resources", {1}}, {"nextCursor", base::string_or(params, "cursor") + "x"}};
  };
  connect_modern({{"tools", JsonObject()}, {"resources", JsonObject()}});
  EXPECT_TRUE(test.run(list(session, kTools, {})));
  EXPECT_TRUE(found("list.cursor-loop"));
  EXPECT_EQ(test.run(list(session, kResources, {}))->size(), kPageLimit);
  EXPECT_TRUE(found("list.too-long"));
  EXPECT_TRUE(test.run(list(session, kTemplates, {}))->empty());  // not this part of it
  EXPECT_TRUE(test.run(list(session, kPrompts, {}))->empty());
  EXPECT_EQ(server->count("prompts/list"), 0U);
}

TEST_F(Modern, AHeaderMismatchFetchesTheToolsOnce) {
  std::string header = "Old";
  server->handlers["tools/list"] = [&](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject{
        {"ttlMs", 60000},
        {"tools",
         {{{"name", "x"},
           {"inputSchema",
            {{"properties", {{"a", {{"type", "string"}, {"x-mcp-header", header}}}}}}}}}}};
  };
  server->handlers["tools/call"] = [&](const JsonObject&) -> base::Result<JsonObject> {
    if (transport->last_hints.parameters.at(0).first == "New")
      return JsonObject{{"content", JsonArray()}};
    header = "New";
    return std::unexpected(rpc_failure(rpc::kHeaderMismatch));
  };
  connect_modern();
  (void)test.run(list_tools(session, {}));
  EXPECT_TRUE(call("tools/call", {{"name", "x"}, {"arguments", {{"a", "1"}}}}));
  EXPECT_EQ(server->count("tools/list"), 2U);
}

class Listening : public Modern {
 protected:
  void SetUp() override {
    server->silent = {"subscriptions/listen"};
    connect_modern({{"tools", {{"listChanged", true}}}, {"resources", {{"subscribe", true}}}});
    test.settle();
  }
  std::int64_t last_listen() const {
    return FakeServer::id_of(server->all("subscriptions/listen").back());
  }
};

TEST_F(Listening, AsksForWhatTheServerHas) {
  ASSERT_EQ(server->count("subscriptions/listen"), 1U);
  EXPECT_EQ(base::write_json(params_of("subscriptions/listen", 0).at("notifications")),
            R"({"toolsListChanged":true})");
  server->notify("notifications/subscriptions/acknowledged",
                 {{"_meta", {{meta::kSubscription, last_listen()}}},
                  {"notifications", {{"toolsListChanged", true}}}});
  EXPECT_TRUE(session->subscriptions().is_current(last_listen()));
  server->notify("notifications/tools/list_changed");
  EXPECT_EQ(changed, std::vector<std::string>{"tools"});
  test.advance(24h);
  EXPECT_EQ(server->count("subscriptions/listen"), 1U);  // no deadline
}

TEST_F(Listening, BeginsAgainWithBackoffHoweverItEnded) {
  server->say(result_message(last_listen(), {{"resultType", "complete"}}));
  test.advance(3s);
  EXPECT_EQ(server->count("subscriptions/listen"), 2U);
  server->listener->on_failed(last_listen(),
                              {.code = base::Code::unavailable, .detail = "the stream broke"});
  test.advance(1s);
  EXPECT_EQ(server->count("subscriptions/listen"), 2U);
  test.advance(5s);
  EXPECT_EQ(server->count("subscriptions/listen"), 3U);
  server->notify("notifications/subscriptions/acknowledged",
                 {{"_meta", {{meta::kSubscription, last_listen()}}}});
  server->notify("notifications/cancelled", {{"requestId", last_listen()}});
  test.advance(10s);
  EXPECT_EQ(server->count("subscriptions/listen"), 4U);
  EXPECT_EQ(session->calls_in_flight(), 0U);
}

TEST_F(Listening, OtherWishesAreOtherRequests) {
  EXPECT_TRUE(test.run(Subscriptions::subscribe(session, "a://b")));
  test.settle();
  ASSERT_EQ(server->count("subscriptions/listen"), 2U);
  EXPECT_EQ(base::write_json(params_of("subscriptions/listen", 1).at("notifications")),
            R"({"toolsListChanged":true,"resourceSubscriptions":["a://b"]})");
  EXPECT_EQ(server->abandoned.size(), 1U);
  EXPECT_TRUE(test.run(Subscriptions::unsubscribe(session, "a://b")));
  test.settle();
  EXPECT_EQ(server->count("subscriptions/listen"), 3U);
}

TEST_F(SessionTest, WithoutAnythingToHearNobodyListens) {
  connect_modern();
  test.advance(1h);
  EXPECT_EQ(server->count("subscriptions/listen"), 0U);
}

TEST_F(SessionTest, LegacySubscriptionsOutliveTheSession) {
  server->handlers["resources/subscribe"] = [](const JsonObject&) -> base::Result<JsonObject> {
    return JsonObject();
  };
  connect_legacy({{"resources", JsonObject()}}, TransportKind::http);
  EXPECT_TRUE(test.run(Subscriptions::subscribe(session, "a://b")));
  server->listener->on_session_lost();
  test.settle();
  EXPECT_EQ(server->count("resources/subscribe"), 2U);
}

}  // namespace
}  // namespace telltale::mcp
