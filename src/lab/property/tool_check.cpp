#include "lab/property/tool_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/duration.hpp"
#include "lab/choose_tools.hpp"
#include "lab/property/generate.hpp"
#include "lab/property/invalid.hpp"
#include "lab/property/shrink.hpp"
#include "mcp/json_schema.hpp"
#include "mcp/jsonrpc.hpp"

namespace telltale::lab {
namespace {

using base::Json;
using base::JsonObject;
using runtime::TaskResult;

constexpr std::int64_t kInvalidParams = -32602;  // JSON-RPC 2.0, section 5.1
constexpr std::size_t kFailuresLimit = 100;

// One run over all tools: what its coroutines share.
struct Check {
  Connect connect;
  PropertyOptions options;
  std::uint64_t seed = 0;
  std::function<void(double, double, std::string)> progress;
  std::shared_ptr<mcp::Client> client;
  PropertyResult result;
};
using CheckRef = std::shared_ptr<Check>;

// What became of one call; `failure` empty: as it should.
struct Judgement {
  enum class Kind : std::uint8_t { ok, tool_error, refused } kind = Kind::ok;
  std::string failure;
  std::string expected;
};

TaskResult<bool> be_connected(CheckRef check) {
  if (check->client && check->client->connected()) co_return true;
  if (check->client) ++check->result.restarts;
  auto client = co_await check->connect([](mcp::ClientSettings&) {});
  if (!client) co_return std::unexpected(client.error());
  check->client = std::move(*client);
  co_return true;
}

Judgement judge_error(const base::Error& error, const PropertyOptions& options, bool valid,
                      bool sure) {
  if (error.code == base::Code::deadline_exceeded)
    return {.failure = fmt::format("no answer within {:.0f} ms", options.timeout_ms),
            .expected = "an answer"};
  if (!error.data.contains("rpc"))
    return {.failure = "the server ended or broke the connection: " + error.detail,
            .expected = "an answer"};
  const auto code = mcp::rpc_code(error);
  if (code == kInvalidParams) {
    if (valid && sure)
      return {.failure = "refused what its schema allows: " + error.detail,
              .expected = "a result, or isError with the reason"};
    return {.kind = Judgement::Kind::refused};
  }
  return {.failure = fmt::format("the JSON-RPC error {}: {}", code, error.detail),
          .expected = "a result, isError, or -32602"};
}

TaskResult<Judgement> call_once(CheckRef check, std::string tool, JsonObject arguments, bool valid,
                                bool sure) {
  if (auto there = co_await be_connected(check); !there) co_return std::unexpected(there.error());
  const auto limit = base::from_ms(check->options.timeout_ms);
  const auto client = check->client;
  auto result = co_await client->call_tool(tool, arguments, {.timeout = limit});
  if (!result) {
    auto out = judge_error(result.error(), check->options, valid, sure);
    // An answer that comes later would be taken for the next one's trouble.
    if (!out.failure.empty() && client->connected() &&
        result.error().code == base::Code::deadline_exceeded) {
      co_await client->close(std::chrono::milliseconds(200));
    }
    co_return out;
  }
  if (!valid && !result->is_error)
    co_return Judgement{.failure = "accepted what its schema forbids",
                        .expected = "-32602 or isError"};
  if (result->is_error) {
    if (valid && check->options.must == "succeed")
      co_return Judgement{.failure = "isError", .expected = "success"};
    co_return Judgement{.kind = Judgement::Kind::tool_error};
  }
  if (!result->schema_errors.empty())
    co_return Judgement{
        .failure = "structuredContent breaks outputSchema: " + result->schema_errors.front(),
        .expected = "what outputSchema says"};
  if (base::find_array(result->result, "content") == nullptr)
    co_return Judgement{.failure = "a result without content[]", .expected = "content[]"};
  co_return Judgement{};
}

// Failures are told apart by what went wrong, not by the input that is in the text.
std::string shape_of(std::string_view failure) {
  return std::string(failure.substr(0, failure.find(": ")));
}

TaskResult<bool> shrink_failure(CheckRef check, const Json* schema,
                                std::shared_ptr<Counterexample> found, bool valid, bool sure) {
  mcp::JsonSchema fits(*schema);
  int left = check->options.shrink;
  for (bool better = true; better && left > 0;) {
    better = false;
    for (auto& candidate : smaller(Json(found->arguments))) {
      if (left == 0) break;
      if (!candidate.is_object() || fits.validate(candidate).empty() != valid) continue;
      --left;
      auto judged = co_await call_once(check, found->tool, candidate.as_object(), valid, sure);
      if (!judged) co_return std::unexpected(judged.error());
      if (shape_of(judged->failure) != shape_of(found->what)) continue;
      found->arguments = std::move(candidate.as_object());
      ++found->shrunk;
      better = true;
      break;
    }
  }
  co_return true;
}

TaskResult<bool> take(CheckRef check, const Json* schema, ToolTally* tally, JsonObject arguments,
                      bool valid) {
  auto judged = co_await call_once(check, tally->tool, arguments, valid, tally->sure);
  if (!judged) co_return std::unexpected(judged.error());
  ++tally->calls;
  if (!valid) ++tally->invalid;
  if (judged->failure.empty()) {
    using Kind = Judgement::Kind;
    ++(judged->kind == Kind::ok           ? tally->ok
       : judged->kind == Kind::tool_error ? tally->tool_errors
                                          : tally->refused);
    co_return true;
  }
  auto& failures = check->result.failures;
  const auto known = std::ranges::find_if(failures, [&](const Counterexample& one) {
    return one.tool == tally->tool && shape_of(one.what) == shape_of(judged->failure);
  });
  if (known != failures.end()) {
    ++known->times;
    co_return true;
  }
  if (failures.size() >= kFailuresLimit) co_return true;
  const auto found = std::make_shared<Counterexample>(Counterexample{.tool = tally->tool,
                                                                     .what = judged->failure,
                                                                     .expected = judged->expected,
                                                                     .arguments = arguments,
                                                                     .original = arguments});
  auto shrunk = co_await shrink_failure(check, schema, found, valid, tally->sure);
  check->result.failures.push_back(std::move(*found));
  co_return shrunk;
}

TaskResult<bool> check_tool(CheckRef check, JsonObject tool, double before, double total) {
  static const Json kAnything = JsonObject{{"type", "object"}};
  const auto* schema = tool.if_contains("inputSchema");
  if (schema == nullptr || !schema->is_object()) schema = &kAnything;
  check->result.tools.push_back({.tool = base::string_or(tool, "name")});
  auto* const tally = &check->result.tools.back();
  Generator generator(*schema, check->seed + check->result.tools.size());
  for (int i = 0; i < check->options.runs; ++i) {
    auto value = generator.next();
    tally->sure = generator.sure();
    if (!value.is_object()) value = JsonObject{};
    if (auto done = co_await take(check, schema, tally, std::move(value.as_object()), true); !done)
      co_return done;
    check->progress(before + i + 1, total, tally->tool);
  }
  if (!check->options.invalid) co_return true;
  for (auto& arguments : invalid_arguments(*schema)) {
    if (auto done = co_await take(check, schema, tally, std::move(arguments), false); !done)
      co_return done;
  }
  co_return true;
}

TaskResult<PropertyResult> check_all(CheckRef check) {
  if (auto there = co_await be_connected(check); !there) co_return std::unexpected(there.error());
  auto tools = co_await check->client->list_tools();
  if (!tools) co_return std::unexpected(tools.error());
  auto mine = choose_tools(*tools, check->options.tools);
  if (!mine) co_return std::unexpected(mine.error());
  check->result.tools.reserve(mine->size());  // tallies are pointed at
  const double total = static_cast<double>(mine->size()) * check->options.runs;
  double before = 0;
  for (auto& tool : *mine) {
    if (auto done = co_await check_tool(check, tool.as_object(), before, total); !done)
      co_return std::unexpected(done.error());
    before += check->options.runs;
  }
  co_return std::move(check->result);
}

}  // namespace

TaskResult<PropertyResult> check_properties(
    Connect connect, PropertyOptions options, std::uint64_t seed,
    std::function<void(double done, double total, std::string message)> progress) {
  return check_all(std::make_shared<Check>(Check{.connect = std::move(connect),
                                                 .options = std::move(options),
                                                 .seed = seed,
                                                 .progress = std::move(progress)}));
}

}  // namespace telltale::lab
