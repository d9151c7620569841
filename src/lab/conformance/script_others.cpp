// The scenes beside "session": which eras a server speaks, the handshake done wrongly, garbage.
#include <fmt/format.h>

#include "lab/conformance/scripts.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {
namespace {

constexpr std::size_t kHugeBytes = 4U << 20U;
constexpr std::size_t kDeep = 5'000;

// A request that every server answers, with `params` as they are.
std::string proof(mcp::Era era, std::string_view id, std::string_view params) {
  const bool modern = era == mcp::Era::modern;
  const auto meta = fmt::format(R"("_meta":{{"{}":"{}","{}":{{}}}})", mcp::meta::kVersion,
                                mcp::kModernVersion, mcp::meta::kClientCapabilities);
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{{{}{}{}}}}})", id,
                     modern ? "server/discover" : "ping", modern ? meta : "",
                     modern && !params.empty() ? "," : "", params);
}

}  // namespace

const std::vector<Garbage>& garbage_inputs() {
  using mcp::Era;
  static const std::vector<Garbage> kAll{
      {"truncated", "JSON cut in the middle", true,
       [](Era, bool) -> std::string { return R"({"jsonrpc":"2.0","id":9001,"method":"tools/li)"; }},
      {"no-json", "text that is no JSON", true,
       [](Era, bool) -> std::string { return "hello, is anybody there?"; }},
      {"nul-bytes", "NUL bytes", true,
       [](Era, bool) -> std::string { return std::string("\0\0\0{}", 5); }},
      {"bad-utf8", "a request with ill-formed UTF-8", false,
       [](Era era, bool) { return proof(era, "9004", "\"x\":\"\xff\xfe\xc3\""); }},
      {"scalar", "a number instead of a message", true,
       [](Era, bool) -> std::string { return "42"; }},
      {"empty-object", "an object without members", true,
       [](Era, bool) -> std::string { return "{}"; }},
      {"wrong-types", "method, id and params of wrong types", true,
       [](Era, bool) -> std::string {
         return R"({"jsonrpc":"2.0","id":{"a":[1]},"method":17,"params":"text"})";
       }},
      {"no-method", "a request without a method", true,
       [](Era, bool) -> std::string { return R"({"jsonrpc":"2.0","id":9008,"params":{}})"; }},
      {"wrong-version", "JSON-RPC 1.0", true,
       [](Era, bool) -> std::string { return R"({"jsonrpc":"1.0","id":9009,"method":"ping"})"; }},
      {"params-array", "params that are a list", true,
       [](Era, bool) -> std::string {
         return R"({"jsonrpc":"2.0","id":9010,"method":"tools/list","params":[1,2]})";
       }},
      {"null-id", "a request whose id is null", true,
       [](Era era, bool) { return proof(era, "null", ""); }},
      {"unknown-method", "a method that does not exist", true,
       [](Era, bool) -> std::string {
         return R"({"jsonrpc":"2.0","id":9012,"method":"../../etc/passwd","params":{}})";
       }},
      {"stray-response", "an answer to nothing", false,
       [](Era, bool) -> std::string { return R"({"jsonrpc":"2.0","id":9013,"result":{}})"; }},
      {"batch", "a batch, which 2025-06-18 took out", false,
       [](Era era, bool) {
         return "[" + proof(era, "9014", "") + "," + proof(era, "9015", "") + "]";
       }},
      {"empty-batch", "an empty batch", true, [](Era, bool) -> std::string { return "[]"; }},
      {"deep", "5,000 nested lists", true,
       [](Era, bool) { return std::string(kDeep, '[') + std::string(kDeep, ']'); }},
      {"huge", "a request of 4 MiB", false,
       [](Era era, bool) {
         return proof(era, "9017", "\"x\":\"" + std::string(kHugeBytes, 'x') + "\"");
       }},
  };
  return kAll;
}

runtime::Task<bool> play_garbage(std::shared_ptr<Conversation> talk, Play play) {
  if (!co_await talk->begin(play.version)) co_return false;
  const auto era = talk->http().era;
  const bool stdio = talk->wire()->is_stdio();
  const auto& all = garbage_inputs();
  for (auto i = play.garbage_from; i < all.size() && talk->usable(); ++i)
    co_await talk->tell(std::string(all[i].name), all[i].make(era, stdio));
  // Two requests under one id, at once: both, one, or an error, but no death.
  if (talk->usable())
    co_await talk->ask_many("duplicate-id", era == mcp::Era::modern ? "server/discover" : "ping", 2,
                            base::Json(9'100));
  if (talk->usable())
    co_await talk->ask("last", era == mcp::Era::modern ? "server/discover" : "ping", {});
  talk->finish();
  co_return true;
}

runtime::Task<bool> play_discover(std::shared_ptr<Conversation> talk, Play play) {
  co_await talk->ask("server/discover", "server/discover", {}, {.limit = play.limit});
  talk->finish();
  co_return true;
}

runtime::Task<bool> play_version(std::shared_ptr<Conversation> talk, Play play) {
  co_await talk->begin(play.version);
  talk->finish();
  co_return true;
}

runtime::Task<bool> play_early(std::shared_ptr<Conversation> talk, Play play) {
  co_await talk->ask("early", "tools/list", {});
  if (talk->usable()) co_await talk->ask("initialize bare", "initialize", {});
  if (talk->usable()) co_await talk->begin(play.version);
  talk->finish();
  co_return true;
}

}  // namespace telltale::lab
