// The same features over every transport and both eras.
#include "client_fixture.hpp"

namespace telltale::mcp {
namespace {

struct Kind {
  const char* name;
  const char* script;
  std::vector<std::string> words;
  std::optional<Era> remembered;
  Era era;
  TransportKind transport;
};

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest looks for this name.
void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

class Features : public ClientTest, public ::testing::WithParamInterface<Kind> {
 protected:
  Target target() {
    const auto& kind = GetParam();
    if (kind.transport == TransportKind::stdio)
      return StdioTarget{node(kServers + kind.script, kind.words)};
    return HttpTarget{.url = listen(kServers + kind.script, kind.words)};
  }
  base::Result<SessionInfo> start() {
    settings_.era = GetParam().remembered;
    return connect(target());
  }
};

TEST_P(Features, ConnectsListsAndCalls) {
  const auto info = start();
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_EQ(info->era, GetParam().era);
  EXPECT_EQ(info->transport, GetParam().transport);
  EXPECT_EQ(info->instructions, "A server for tests.");
  EXPECT_FALSE(base::string_or(info->server_info, "name").empty());
  const auto tools = run(client_->list_tools());
  ASSERT_TRUE(tools) << tools.error().detail;
  EXPECT_GE(tools->size(), 6U);
  EXPECT_EQ(text_of(call("echo", {{"text", "snö ❄"}})), "snö ❄");
  const auto sum = call("add", {{"a", 2}, {"b", 3}});
  ASSERT_TRUE(sum) << sum.error().detail;
  EXPECT_TRUE(sum->schema_errors.empty());
  EXPECT_EQ(sum->result.at("structuredContent").at("sum").to_number<int>(), 5);
  EXPECT_GT(sum->request_bytes, 0U);
  EXPECT_GT(sum->result_bytes, 0U);
  EXPECT_TRUE(call("fail")->is_error);
  EXPECT_EQ(text_of(call("echo", {{"text", std::string(2'000'000, 'x')}})).size(), 2'000'000U);
  const auto alive = run(client_->check(5s));
  ASSERT_TRUE(alive) << alive.error().detail;
  EXPECT_GT(*alive, base::Duration::zero());
}

TEST_P(Features, ResourcesPromptsAndCompletion) {
  ASSERT_TRUE(start());
  EXPECT_EQ(run(client_->list_resources())->size(), 1U);
  EXPECT_EQ(run(client_->list_resource_templates())->size(), 1U);
  const auto read = run(client_->read_resource("test://item/7"));
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(base::string_or(read->at("contents").as_array().at(0).as_object(), "text"), "item 7");
  EXPECT_FALSE(run(client_->read_resource("test://nothing")));
  EXPECT_EQ(run(client_->list_prompts())->size(), 1U);
  const auto prompt = run(client_->get_prompt("greet", {{"name", "Ada"}}));
  ASSERT_TRUE(prompt) << prompt.error().detail;
  EXPECT_EQ(prompt->at("messages").as_array().size(), 1U);
  const auto unknown = run(client_->request("no/such/method", {}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, base::Code::unsupported);
}

TEST_P(Features, ProgressAndElicitation) {
  ASSERT_TRUE(start());
  std::vector<double> seen;
  const auto done = call(
      "progress", {{"steps", 4}, {"pause_ms", 5}},
      {.on_progress = [&seen](const Progress& progress) { seen.push_back(progress.progress); }});
  EXPECT_EQ(text_of(done), "4 steps");
  // Where every answer is one JSON body there is nowhere to report progress.
  if (std::string_view(GetParam().name) != "LegacyHttpJson")
    EXPECT_EQ(seen, (std::vector<double>{1, 2, 3, 4}));
  const auto answer = [](JsonObject) -> TaskResult<JsonObject> {
    co_return JsonObject{{"action", "accept"}, {"content", {{"name", "Ada"}}}};
  };
  // Without a session a legacy server has no way to ask back.
  const bool can_ask =
      GetParam().era == Era::modern || std::string_view(GetParam().name) != "LegacyOfModernHttp";
  const auto asked = call("ask", {}, {.on_elicitation = answer});
  if (can_ask) EXPECT_EQ(text_of(asked), "hello Ada");
  const auto declined = call("ask");
  if (can_ask && declined) EXPECT_TRUE(declined->is_error);
}

TEST_P(Features, ATimeoutEndsTheCallAndTheServerGoesOn) {
  ASSERT_TRUE(start());
  const auto late = call("progress", {{"steps", 1000}, {"pause_ms", 50}}, {.timeout = 200ms});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::Code::deadline_exceeded);
  EXPECT_EQ(text_of(call("echo", {{"text", "still here"}})), "still here");
  EXPECT_EQ(on_loop([this] { return client_->in_flight(); }), 0U);
}

TEST_P(Features, HearsThatTheToolsHaveChanged) {
  if (std::string_view(GetParam().name) == "LegacyOfModernHttp")
    return;  // stateless: it has nowhere to say it
  ASSERT_TRUE(start());
  const auto before = run(client_->list_tools())->size();
  // A subscription takes a moment to be accepted, and a change before that is nobody's news: change
  // until heard.
  int added = 0;
  for (; added < 20 && on_loop([this] { return changed_lists_.empty(); }); ++added) {
    ASSERT_TRUE(call("add_tool", {{"name", "extra_" + std::to_string(added)}}));
    eventually([this] { return !changed_lists_.empty(); }, 500ms);
  }
  EXPECT_EQ(on_loop([this] { return changed_lists_.at(0); }), "tools");
  EXPECT_EQ(run(client_->list_tools())->size(), before + static_cast<std::size_t>(added));
}

TEST_P(Features, ManyCallsAtOnce) {
  ASSERT_TRUE(start());
  const auto many = [](Client* client, runtime::TaskGroup* group) -> runtime::Task<int> {
    const auto right = std::make_shared<int>(0);
    const auto done = std::make_shared<int>(0);
    for (int i = 0; i < 100; ++i)
      group->spawn(
          "call",
          [](Client* to, int number, std::shared_ptr<int> good,
             std::shared_ptr<int> ended) -> runtime::Task<> {
            auto outcome = co_await to->call_tool("add", {{"a", number}, {"b", 1}});
            if (outcome &&
                outcome->result.at("structuredContent").at("sum").to_number<int>() == number + 1)
              ++*good;
            ++*ended;
          }(client, i, right, done));
    while (*done < 100) co_await runtime::sleep_for(5ms);
    co_return *right;
  };
  EXPECT_EQ(run(many(client_.get(), group_.get())), 100);
}

INSTANTIATE_TEST_SUITE_P(
    Servers, Features,
    ::testing::Values(
        Kind{"ModernStdio", "modern-stdio.mjs", {}, {}, Era::modern, TransportKind::stdio},
        Kind{"ModernHttp", "modern-http.mjs", {}, {}, Era::modern, TransportKind::http},
        Kind{"BothStdio", "modern-stdio.mjs", {"--both"}, {}, Era::modern, TransportKind::stdio},
        Kind{"LegacyOfModernStdio",
             "modern-stdio.mjs",
             {"--both"},
             Era::legacy,
             Era::legacy,
             TransportKind::stdio},
        Kind{"LegacyOfModernHttp",
             "modern-http.mjs",
             {"--both"},
             Era::legacy,
             Era::legacy,
             TransportKind::http},
        Kind{"LegacyHttp", "legacy-http.mjs", {}, {}, Era::legacy, TransportKind::http},
        Kind{"LegacyHttpJson", "legacy-http.mjs", {"--json"}, {}, Era::legacy, TransportKind::http},
        Kind{"LegacySse", "legacy-sse.mjs", {}, {}, Era::legacy, TransportKind::sse}),
    [](const auto& info) { return std::string(info.param.name); });

class Sessions : public ClientTest {};

TEST_F(Sessions, ALostOneIsMadeAnewUnseen) {
  ASSERT_TRUE(connect(HttpTarget{.url = listen(kServers + "legacy-http.mjs")}));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(call("forget_sessions"));
    const auto outcome = call("echo", {{"text", "again"}});
    EXPECT_EQ(text_of(outcome), "again");
  }
  EXPECT_TRUE(found("session.renewed"));
  ASSERT_TRUE(call("forget_sessions"));
  EXPECT_TRUE(run(client_->check(5s)));
}

TEST_F(Sessions, AModernServerRememberedAsLegacyIsFoundOut) {
  settings_.era = Era::legacy;
  const auto info = connect(HttpTarget{.url = listen(kServers + "modern-http.mjs")});
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_EQ(info->era, Era::modern);
}

TEST_F(Sessions, ClosingTwiceAndClosingWhatNeverOpened) {
  ASSERT_TRUE(connect(StdioTarget{node(kServers + "modern-stdio.mjs")}));
  const auto twice = [](Client* client) -> runtime::Task<bool> {
    co_await client->close(1s);
    co_await client->close(1s);
    co_return !client->connected();
  };
  EXPECT_TRUE(run(twice(client_.get())));
  EXPECT_FALSE(call("echo", {{"text", "x"}}));
  make(StdioTarget{node(kServers + "modern-stdio.mjs")});
  EXPECT_TRUE(run(twice(client_.get())));
}

TEST_F(Sessions, NobodyThere) {
  const auto info = connect(HttpTarget{.url = "http://127.0.0.1:1/mcp"});
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, base::Code::unavailable);
}

TEST_F(Sessions, NoSuchProgram) {
  const auto info = connect(StdioTarget{{.command = "/no/such/program", .environment = {}}});
  ASSERT_FALSE(info);
}

}  // namespace
}  // namespace telltale::mcp
