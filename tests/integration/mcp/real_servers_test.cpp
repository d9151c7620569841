// The servers that people run, from npm: they connect, list and do what they are for.
#include "client_fixture.hpp"
#include "net/http_server.hpp"

namespace telltale::mcp {
namespace {

class RealServers : public ClientTest {
 protected:
  net::ProcessSpec everything(std::string transport, std::map<std::string, std::string> more = {}) {
    return node(kNpm + "server-everything/dist/index.js", {std::move(transport)}, std::move(more));
  }
  // Port 0 is not offered by server-everything: a free one is asked of the kernel through a
  // listener of ours first.
  int free_port() {
    auto opened = net::HttpServer::open(
        {.port = 0}, {&loop()},
        [](net::Request) -> runtime::Task<net::Response> { co_return net::Response{}; });
    EXPECT_TRUE(opened);
    const int port = (*opened)->port();
    const auto stop = [](net::HttpServer* server) -> runtime::Task<bool> {
      co_await server->stop(0ms);
      co_return true;
    };
    run(stop(opened->get()));
    return port;
  }
  void try_everything(const base::Result<SessionInfo>& info) {
    ASSERT_TRUE(info) << info.error().detail;
    EXPECT_EQ(info->era, Era::legacy);
    EXPECT_EQ(info->protocol_version, "2025-11-25");
    const auto tools = run(client_->list_tools());
    ASSERT_TRUE(tools) << tools.error().detail;
    EXPECT_GE(tools->size(), 8U);
    EXPECT_EQ(text_of(call("echo", {{"message", "hi"}})), "Echo: hi");
    const auto resources = run(client_->list_resources());
    ASSERT_TRUE(resources && !resources->empty());
    EXPECT_TRUE(
        run(client_->read_resource(base::string_or(resources->front().as_object(), "uri"))));
    EXPECT_TRUE(run(client_->list_resource_templates()));
    const auto prompts = run(client_->list_prompts());
    ASSERT_TRUE(prompts && !prompts->empty());
    EXPECT_TRUE(run(client_->get_prompt("simple-prompt", {})));
    EXPECT_TRUE(run(client_->check(5s)));
    EXPECT_TRUE(run(client_->set_log_level("debug")));
    int heard = 0;
    const auto slow = call("trigger-long-running-operation", {{"duration", 1}, {"steps", 3}},
                           {.on_progress = [&heard](const Progress&) { ++heard; }});
    EXPECT_TRUE(slow) << text_of(slow);
    EXPECT_GE(heard, 2);
  }
};

TEST_F(RealServers, EverythingOverStdio) {
  try_everything(connect(StdioTarget{everything("stdio")}));
  const auto structured = call("get-structured-content", {{"location", "Chicago"}});
  ASSERT_TRUE(structured) << structured.error().detail;
  EXPECT_TRUE(structured->schema_errors.empty()) << structured->schema_errors.front();
  EXPECT_GT(on_loop([this] { return client_->pid(); }), 0);
  EXPECT_TRUE(on_loop([this] { return client_->sample(); }));
}

TEST_F(RealServers, FilesystemReadsWhatItMay) {
  const auto info = connect(StdioTarget{
      node(kNpm + "server-filesystem/dist/index.js", {source_path("tests/conformance")})});
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_EQ(run(client_->list_tools())->size(), 14U);
  EXPECT_NE(
      text_of(call("read_text_file", {{"path", source_path("tests/conformance/CMakeLists.txt")}}))
          .find("conformance"),
      std::string::npos);
  const auto denied = call("read_text_file", {{"path", "/etc/hostname"}});
  ASSERT_TRUE(denied) << denied.error().detail;
  EXPECT_TRUE(denied->is_error);
}

TEST_F(RealServers, Memory) {
  const auto file = ::testing::TempDir() + "telltale-memory.jsonl";
  std::filesystem::remove(file);
  const auto info = connect(
      StdioTarget{node(kNpm + "server-memory/dist/index.js", {}, {{"MEMORY_FILE_PATH", file}})});
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_EQ(run(client_->list_tools())->size(), 9U);
  const JsonArray entities{
      {{"name", "Ada"}, {"entityType", "person"}, {"observations", {"counts"}}}};
  const auto made = call("create_entities", {{"entities", entities}});
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_TRUE(made->schema_errors.empty());
  EXPECT_NE(text_of(call("read_graph")).find("Ada"), std::string::npos);
  std::filesystem::remove(file);
}

TEST_F(RealServers, SequentialThinking) {
  const auto info = connect(StdioTarget{node(kNpm + "server-sequential-thinking/dist/index.js")});
  ASSERT_TRUE(info) << info.error().detail;
  ASSERT_EQ(run(client_->list_tools())->size(), 1U);
  const auto thought = call(
      "sequentialthinking",
      {{"thought", "a"}, {"nextThoughtNeeded", false}, {"thoughtNumber", 1}, {"totalThoughts", 1}});
  ASSERT_TRUE(thought) << thought.error().detail;
  EXPECT_FALSE(thought->is_error);
}

// It takes no port 0: the kernel names a free one to a listener of ours first.
class EverythingOnAPort
    : public RealServers,
      public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(EverythingOnAPort, Works) {
  const auto [transport, path] = GetParam();
  const auto port = std::to_string(free_port());
  start_listening(everything(transport, {{"PORT", port}}), "on port");
  const auto info = connect(HttpTarget{.url = "http://127.0.0.1:" + port + path});
  try_everything(info);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->transport,
            std::string_view(transport) == "sse" ? TransportKind::sse : TransportKind::http);
}

INSTANTIATE_TEST_SUITE_P(Transports, EverythingOnAPort,
                         ::testing::Values(std::pair("streamableHttp", "/mcp"),
                                           std::pair("sse", "/sse")));

}  // namespace
}  // namespace telltale::mcp
