#include "simulate/tool_caller.hpp"

#include "base/encoding.hpp"

namespace telltale::simulate {
namespace {

constexpr std::uint64_t kApartFromViewers = 0x5bd1e995;

runtime::TaskResult<base::JsonArray> items_of(Stage* stage, std::string path) {
  auto answer = co_await Stage::ask(stage, {.method = "GET", .path = std::move(path)});
  if (!answer) co_return std::unexpected(answer.error());
  auto json = base::parse_json(answer->body);
  if (!json || !json->is_object()) co_return base::JsonArray();
  const auto* const items = base::find(json->get_object(), "items");
  co_return items != nullptr && items->is_array() ? items->get_array() : base::JsonArray();
}

bool is_harmless(const base::JsonObject& tool) {
  const auto* const hints = base::find_object(tool, "annotations");
  if (hints == nullptr || !base::find_bool(*hints, "readOnlyHint").value_or(false)) return false;
  const auto* const schema = base::find_object(tool, "inputSchema");
  const auto* const required = schema == nullptr ? nullptr : base::find(*schema, "required");
  return required == nullptr || (required->is_array() && required->get_array().empty());
}

}  // namespace

ToolCaller::ToolCaller(Stage& stage, std::size_t index)
    : stage_(stage), random_((stage.plan.seed ^ kApartFromViewers) * 1'000'003 + index) {}

runtime::Task<> ToolCaller::run(ToolCaller* self) {
  auto& stage = self->stage_;
  auto& tally = stage.tally;
  while (co_await Stage::pause(&stage, drawn(self->random_, stage.plan.think))) {
    const auto& call = stage.calls[self->random_.below(stage.calls.size())];
    const auto began = stage.loop.clock().now();
    ++tally.calls;
    const auto answer = co_await Stage::ask(
        &stage, {.path = "/api/servers/" + base::percent_encode(call.server) + "/tools/" +
                         base::percent_encode(call.tool) + "/call",
                 .body = base::write_json(base::JsonObject{{"arguments", call.arguments}})});
    tally.call_us.record(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(stage.loop.clock().now() - began)
            .count()));
    const auto result = answer ? base::parse_json(answer->body) : base::Result<base::Json>();
    const bool is_error = answer && result && result->is_object() &&
                          base::find_bool(result->get_object(), "isError").value_or(false);
    if (answer && !is_error) continue;
    ++tally.call_failures;
    tally.error(call.server + " " + call.tool + ": " +
                (answer ? "isError" : answer.error().detail));
  }
}

runtime::TaskResult<std::vector<ToolCall>> harmless_calls(Stage* stage) {
  auto servers = co_await items_of(stage, "/api/servers?limit=500");
  if (!servers) co_return std::unexpected(servers.error());
  std::vector<ToolCall> out;
  for (const auto& server : *servers) {
    if (!server.is_object()) continue;
    const auto name = base::string_or(server.get_object(), "name");
    const auto health = base::string_or(server.get_object(), "health_status");
    if (health != "healthy" && health != "degraded") continue;
    auto tools = co_await items_of(stage, "/api/servers/" + base::percent_encode(name) + "/tools");
    if (!tools) continue;  // stopped meanwhile
    for (const auto& tool : *tools)
      if (tool.is_object() && is_harmless(tool.get_object()))
        out.push_back({.server = name, .tool = base::string_or(tool.get_object(), "name")});
  }
  if (out.empty())
    co_return base::fail(base::Code::conflict,
                         "no running server has a tool that it declares read-only (readOnlyHint) "
                         "and that needs no arguments; name calls with --call");
  co_return out;
}

}  // namespace telltale::simulate
