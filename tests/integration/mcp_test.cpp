// The MCP client against real servers: the npm reference servers (legacy era) and the SDK's own
// modern server, over stdio, Streamable HTTP and HTTP+SSE, with the era found by itself.
#include "mcp/client.hpp"
#include "real.hpp"

namespace telltale::mcp {
namespace {

using namespace std::chrono_literals;
using testing_support::node;
using testing_support::npm_server;
using testing_support::support_server;

Target stdio(std::vector<std::string> arguments,
             std::map<std::string, std::string> environment = {}) {
  return StdioTarget{{.command = node(),
                      .arguments = std::move(arguments),
                      .environment = net::child_environment(environment)}};
}

struct Seen {
  SessionInfo session;
  base::JsonArray tools, resources, prompts;
  std::vector<Finding> findings;
  bool live = false;
  std::optional<ToolCallResult> call;
  int progress = 0;
};

struct Plan {
  std::string tool;
  base::JsonObject arguments;
  bool accept = false;  // elicitation
  std::string again;    // a second tool, called with {"text": "after"}
};

runtime::TaskResult<Seen> visit(Target target, Plan plan, ClientSettings settings = {}) {
  const auto seen = std::make_shared<Seen>();
  Listener listener;
  listener.on_finding = [seen](const Finding& finding) { seen->findings.push_back(finding); };
  const auto client = std::make_shared<Client>(*runtime::Loop::current(), std::move(target),
                                               settings, std::move(listener));
  auto outcome = co_await [](std::shared_ptr<Client> c, std::shared_ptr<Seen> out,
                             Plan todo) -> runtime::TaskResult<bool> {
    auto session = co_await c->connect();
    if (!session) co_return std::unexpected(session.error());
    out->session = *session;
    auto ping = co_await c->check(5s);
    if (!ping) co_return std::unexpected(ping.error());
    out->live = true;
    auto tools = co_await c->list_tools();
    if (!tools) co_return std::unexpected(tools.error());
    out->tools = std::move(*tools);
    auto resources = co_await c->list_resources();
    if (!resources) co_return std::unexpected(resources.error());
    out->resources = std::move(*resources);
    auto prompts = co_await c->list_prompts();
    if (!prompts) co_return std::unexpected(prompts.error());
    out->prompts = std::move(*prompts);
    if (todo.tool.empty()) co_return true;
    CallOptions options{.timeout = 20s};
    options.on_progress = [out](const Progress&) { ++out->progress; };
    if (todo.accept)
      options.on_elicitation = [](base::JsonObject) -> runtime::TaskResult<base::JsonObject> {
        co_return base::JsonObject{{"action", "accept"},
                                   {"content", {{"name", "Ada"}, {"color", "blue"}}}};
      };
    auto call = co_await c->call_tool(todo.tool, todo.arguments, std::move(options));
    if (!call) co_return std::unexpected(call.error());
    out->call = std::move(*call);
    if (todo.again.empty()) co_return true;
    auto second = co_await c->call_tool(todo.again, {{"text", "after"}}, {.timeout = 20s});
    if (!second) co_return std::unexpected(second.error());
    out->call = std::move(*second);
    co_return true;
  }(client, seen, std::move(plan));
  co_await client->close();
  if (!outcome) co_return std::unexpected(outcome.error());
  co_return std::move(*seen);
}

// Starts an HTTP server of tests/support and waits for the line in which it says where it listens.
struct HttpServerProcess {
  std::unique_ptr<net::Process> process;
  std::string url;
};

runtime::TaskResult<Seen> visit_http(std::vector<std::string> command,
                                     std::map<std::string, std::string> environment,
                                     std::string path, TransportKind kind, Plan plan) {
  auto* const loop = runtime::Loop::current();
  const runtime::OneShot<std::string> found(*loop);
  const auto look = [found](std::string_view line) {
    const auto at = line.find("http://");
    if (at != std::string_view::npos)
      found.set(std::string(line.substr(at, line.find_first_of(" \t\"'", at) - at)));
  };
  net::Process::Events events{.stdout_line = look, .stderr_line = look};
  auto process = net::Process::spawn(*loop,
                                     {.command = node(),
                                      .arguments = std::move(command),
                                      .environment = net::child_environment(environment)},
                                     std::move(events));
  if (!process) co_return std::unexpected(process.error());
  auto url = co_await found.wait_for(20s);
  base::Result<Seen> seen =
      base::fail(base::Code::unavailable, "the server did not say where it listens");
  if (url) {
    auto target = *url;
    if (!path.empty() && !target.ends_with(path)) target += path;
    seen = co_await visit(HttpTarget{.url = target, .kind = kind}, std::move(plan));
  }
  co_await (*process)->stop(1s);
  co_return seen;
}

class RealServers : public testing_support::RealLoops {};

TEST_F(RealServers, EverythingOverStdio) {
  const auto seen = run(visit(stdio({npm_server("server-everything"), "stdio"}),
                              {.tool = "echo", .arguments = {{"message", "hi"}}}));
  ASSERT_TRUE(seen) << seen.error().detail;
  EXPECT_EQ(seen->session.era, Era::legacy);
  EXPECT_EQ(seen->session.protocol_version, "2025-11-25");
  EXPECT_GT(seen->tools.size(), 10U);
  EXPECT_GT(seen->resources.size(), 0U);
  EXPECT_GT(seen->prompts.size(), 0U);
  EXPECT_EQ(seen->call->result.at("content").at(0).at("text"), "Echo: hi");
}

TEST_F(RealServers, ProgressArrivesAndTheStructureIsChecked) {
  const auto slow = run(visit(
      stdio({npm_server("server-everything"), "stdio"}),
      {.tool = "trigger-long-running-operation", .arguments = {{"duration", 1}, {"steps", 4}}}));
  ASSERT_TRUE(slow) << slow.error().detail;
  EXPECT_EQ(slow->progress, 4);
  const auto structured =
      run(visit(stdio({npm_server("server-everything"), "stdio"}),
                {.tool = "get-structured-content", .arguments = {{"location", "New York"}}}));
  ASSERT_TRUE(structured) << structured.error().detail;
  EXPECT_TRUE(structured->call->schema_errors.empty());
  EXPECT_TRUE(structured->call->result.contains("structuredContent"));
}

TEST_F(RealServers, TheOtherReferenceServers) {
  const auto folder = std::filesystem::temp_directory_path() / "telltale-mcp-test";
  std::filesystem::create_directories(folder);
  struct Row {
    std::string name;
    std::vector<std::string> more;
    std::size_t least_tools;
  };
  for (const auto& row : {Row{"server-filesystem", {folder.string()}, 10},
                          Row{"server-memory", {}, 9}, Row{"server-sequential-thinking", {}, 1}}) {
    std::vector<std::string> arguments{npm_server(row.name)};
    arguments.insert(arguments.end(), row.more.begin(), row.more.end());
    const auto seen =
        run(visit(stdio(arguments, {{"MEMORY_FILE_PATH", (folder / "memory.json").string()}}), {}));
    ASSERT_TRUE(seen) << row.name << ": " << seen.error().detail;
    EXPECT_GE(seen->tools.size(), row.least_tools) << row.name;
  }
}

TEST_F(RealServers, AModernServerOverStdio) {
  const auto seen = run(visit(stdio({support_server("modern-stdio.mjs")}),
                              {.tool = "echo", .arguments = {{"message", "hi"}, {"text", "hi"}}}));
  ASSERT_TRUE(seen) << seen.error().detail;
  EXPECT_EQ(seen->session.era, Era::modern);
  EXPECT_EQ(seen->session.protocol_version, "2026-07-28");
  EXPECT_TRUE(seen->live);
  EXPECT_GT(seen->tools.size(), 2U);
}

TEST_F(RealServers, AQuestionInTheMiddleOfACallIsAnsweredInBothEras) {
  const auto modern =
      run(visit(stdio({support_server("modern-stdio.mjs")}), {.tool = "ask", .accept = true}));
  ASSERT_TRUE(modern) << modern.error().detail;
  EXPECT_NE(base::write_json(modern->call->result).find("Ada"), std::string::npos)
      << base::write_json(modern->call->result);
  const auto legacy = run(visit_http({support_server("legacy-http.mjs")}, {{"PORT", "0"}}, "",
                                     TransportKind::http, {.tool = "ask", .accept = true}));
  ASSERT_TRUE(legacy) << legacy.error().detail;
  EXPECT_NE(base::write_json(legacy->call->result).find("Ada"), std::string::npos)
      << base::write_json(legacy->call->result);
}

TEST_F(RealServers, ASessionTheServerForgotIsMadeAnewUnseen) {
  const auto seen =
      run(visit_http({support_server("legacy-http.mjs")}, {{"PORT", "0"}}, "", TransportKind::http,
                     {.tool = "forget_sessions", .again = "echo"}));
  ASSERT_TRUE(seen) << seen.error().detail;
  EXPECT_NE(base::write_json(seen->call->result).find("after"), std::string::npos)
      << base::write_json(seen->call->result);
}

TEST_F(RealServers, ARememberedEraIsTriedFirst) {
  const auto seen = run(visit(stdio({npm_server("server-memory")}), {}, {.era = Era::legacy}));
  ASSERT_TRUE(seen) << seen.error().detail;
  EXPECT_EQ(seen->session.era, Era::legacy);
}

TEST_F(RealServers, StreamableHttpInBothErasAndTheOldTransport) {
  const auto modern =
      run(visit_http({support_server("modern-http.mjs")}, {{"PORT", "0"}}, "", TransportKind::http,
                     {.tool = "echo", .arguments = {{"message", "hi"}, {"text", "hi"}}}));
  ASSERT_TRUE(modern) << modern.error().detail;
  EXPECT_EQ(modern->session.era, Era::modern);
  const auto legacy = run(visit_http({support_server("legacy-http.mjs")}, {{"PORT", "0"}}, "",
                                     TransportKind::http, {}));
  ASSERT_TRUE(legacy) << legacy.error().detail;
  EXPECT_EQ(legacy->session.era, Era::legacy);
  const auto sse = run(
      visit_http({support_server("legacy-sse.mjs")}, {{"PORT", "0"}}, "", TransportKind::http, {}));
  ASSERT_TRUE(sse) << sse.error().detail;
  EXPECT_EQ(sse->session.transport, TransportKind::sse)
      << "found by itself after Streamable HTTP was refused";
}

TEST_F(RealServers, HostileServersGetErrorsNotCrashes) {
  const auto hostile = [&](std::string how) {
    return run(visit(stdio({support_server("hostile.mjs"), how}), {},
                     {.probe_timeout = 1s, .connect_timeout = 2s}));
  };
  for (const std::string how : {"exit-at-once", "hang-initialize"}) {
    const auto seen = hostile(how);
    EXPECT_FALSE(seen) << how;
  }
  const auto garbage = hostile("garbage");
  ASSERT_TRUE(garbage) << garbage.error().detail;
  EXPECT_FALSE(garbage->findings.empty());
  const auto twice = hostile("double-answer");
  ASSERT_TRUE(twice) << twice.error().detail;
  EXPECT_FALSE(twice->findings.empty());
  const auto old = hostile("old-protocol");
  ASSERT_TRUE(old) << old.error().detail;
  EXPECT_EQ(old->session.protocol_version, "2024-11-05");
}

TEST_F(RealServers, AMissingCommandIsNamed) {
  const auto seen = run(visit(StdioTarget{{.command = "/no/such/program"}}, {}));
  ASSERT_FALSE(seen);
  EXPECT_NE(seen.error().detail.find("/no/such/program"), std::string::npos) << seen.error().detail;
}

}  // namespace
}  // namespace telltale::mcp
