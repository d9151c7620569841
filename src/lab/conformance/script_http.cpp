// The scenes "http": what Streamable HTTP says about methods, headers and status codes.
#include "base/encoding.hpp"
#include "lab/conformance/scripts.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

net::Headers header(std::string name, std::string value) {
  net::Headers out;
  out.set(std::move(name), std::move(value));
  return out;
}

}  // namespace

runtime::Task<bool> play_http(std::shared_ptr<Conversation> talk, Play play) {
  if (!co_await talk->begin(play.version)) co_return false;
  const bool sessions = !talk->http().session_id.empty();
  co_await talk->ask("origin", "ping", {}, {.headers = header("origin", "http://evil.example")});
  co_await talk->ask("bad-version", "ping", {},
                     {.headers = header("mcp-protocol-version", "1999-01-01")});
  co_await talk->ask("no-version", "ping", {}, {.without = {"mcp-protocol-version"}});
  if (sessions) {
    co_await talk->ask("no-session", "ping", {}, {.without = {"mcp-session-id"}});
    co_await talk->ask("unknown-session", "ping", {},
                       {.headers = header("mcp-session-id", "telltale-no-such-session")});
  }
  co_await talk->ask("content-type", "ping", {}, {.headers = header("content-type", "text/plain")});
  co_await talk->ask("accept", "ping", {}, {.headers = header("accept", "image/png")});
  co_await talk->ask("put", "ping", {}, {.method = "PUT"});
  co_await talk->tell("not-json", "{\"jsonrpc\":");
  co_await talk->tell("response", R"({"jsonrpc":"2.0","id":"telltale-nothing","result":{}})");
  co_await talk->ask("second", "initialize",
                     {{"protocolVersion", play.version},
                      {"capabilities", base::JsonObject()},
                      {"clientInfo", {{"name", "telltale-probe"}, {"version", "0.1.0"}}}},
                     {.without = {"mcp-session-id", "mcp-protocol-version"}});
  if (sessions) {
    auto headers = mcp::http_stream_headers({}, talk->http(), "");
    co_await talk->start("delete", "",
                         {.headers = headers, .without = {"content-type"}, .method = "DELETE"});
    co_await talk->ask("after-delete", "ping", {});
  }
  talk->finish();
  co_return true;
}

runtime::Task<bool> play_http_modern(std::shared_ptr<Conversation> talk, Play play) {
  (void)play;
  co_await talk->ask("origin", "server/discover", {},
                     {.headers = header("origin", "http://evil.example")});
  co_await talk->ask("version-mismatch", "server/discover", {},
                     {.headers = header("mcp-protocol-version", "2025-11-25")});
  co_await talk->ask("version-missing", "server/discover", {},
                     {.without = {"mcp-protocol-version"}});
  co_await talk->ask("method-mismatch", "server/discover", {},
                     {.headers = header("mcp-method", "tools/list")});
  co_await talk->ask("method-missing", "server/discover", {}, {.without = {"mcp-method"}});
  co_await talk->ask("name-mismatch", "tools/call",
                     {{"name", "telltale-no-such-tool"}, {"arguments", base::JsonObject()}},
                     {.headers = header("mcp-name", "telltale-another")});
  co_await talk->ask("content-type", "server/discover", {},
                     {.headers = header("content-type", "text/plain")});
  co_await talk->ask("session", "server/discover", {},
                     {.headers = header("mcp-session-id", "telltale-session")});
  co_await talk->tell("not-json", "{\"jsonrpc\":");
  auto headers = header("accept", "text/event-stream");
  co_await talk->start("get", "",
                       {.headers = headers, .without = {"content-type"}, .method = "GET"});
  co_await talk->start("delete", "", {.without = {"content-type"}, .method = "DELETE"});
  talk->finish();
  co_return true;
}

}  // namespace telltale::lab
