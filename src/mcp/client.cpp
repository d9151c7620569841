#include "mcp/client.hpp"

#include "base/check.hpp"
#include "mcp/json_schema.hpp"
#include "mcp/param_headers.hpp"
#include "mcp/session.hpp"
#include "runtime/uncancelled.hpp"

namespace telltale::mcp {

std::string_view era_name(Era era) noexcept {
  return era == Era::modern ? "modern" : "legacy";
}

std::string_view transport_name(TransportKind kind) noexcept {
  switch (kind) {
    case TransportKind::stdio:
      return "stdio";
    case TransportKind::http:
      return "http";
    case TransportKind::sse:
      return "sse";
  }
  return "stdio";
}

Client::Client(runtime::Loop& loop, Target target, ClientSettings settings, Listener listener)
    : state_(std::make_shared<State>(loop, std::move(target), std::move(settings),
                                     std::move(listener))) {}

Client::~Client() {
  CHECK(!state_->wire || state_->closed);
}  // close() comes first

runtime::TaskResult<SessionInfo> Client::connect() {
  return state_->connect();
}
const std::optional<SessionInfo>& Client::session() const noexcept {
  return state_->info;
}
bool Client::connected() const noexcept {
  return state_->info && !state_->closed;
}

runtime::TaskResult<base::Duration> Client::check(base::Duration timeout) {
  const auto state = state_;
  if (!state->info) co_return base::fail(base::Code::unavailable, "not connected");
  const auto before = state->loop.clock().now();
  const bool modern = state->info->era == Era::modern;
  auto answer =
      co_await state->request(modern ? "server/discover" : "ping", {}, {.timeout = timeout});
  if (!answer) co_return std::unexpected(answer.error());
  co_return state->loop.clock().now() - before;
}

runtime::TaskResult<base::JsonArray> Client::list_tools(CallOptions options) {
  const auto state = state_;
  auto tools = co_await state->list("tools", "tools/list", "tools", std::move(options));
  if (!tools) co_return std::unexpected(tools.error());
  base::JsonArray out;
  state->input_schemas.clear();
  state->output_schemas.clear();
  const bool over_http =
      state->info->transport != TransportKind::stdio && state->info->era == Era::modern;
  for (auto& tool : *tools) {
    const auto* object = tool.if_object();
    const auto name = object == nullptr ? std::string() : base::string_or(*object, "name");
    if (name.empty()) {
      state->finding("tool.no-name", "a tool without a name");
      continue;
    }
    if (const auto* input = base::find_object(*object, "inputSchema")) {
      if (auto fine = check_param_headers(*input); over_http && !fine) {
        state->finding("tool.invalid-header-annotation", name + ": " + fine.error().detail);
        continue;
      }
      state->input_schemas[name] = *input;
    }
    if (const auto* output = object->if_contains("outputSchema"))
      state->output_schemas[name] = *output;
    out.push_back(std::move(tool));
  }
  co_return out;
}

runtime::TaskResult<base::JsonArray> Client::list_resources(CallOptions options) {
  return state_->list("resources", "resources/list", "resources", std::move(options));
}
runtime::TaskResult<base::JsonArray> Client::list_resource_templates(CallOptions options) {
  return state_->list("resources", "resources/templates/list", "resourceTemplates",
                      std::move(options));
}
runtime::TaskResult<base::JsonArray> Client::list_prompts(CallOptions options) {
  return state_->list("prompts", "prompts/list", "prompts", std::move(options));
}

runtime::TaskResult<ToolCallResult> Client::call_tool(std::string name, base::JsonObject arguments,
                                                      CallOptions options) {
  const auto state = state_;
  base::JsonObject params{{"name", name}, {"arguments", std::move(arguments)}};
  ToolCallResult out{.request_bytes = base::write_json(params).size()};
  auto result = co_await state->request("tools/call", std::move(params), std::move(options));
  if (!result) co_return std::unexpected(result.error());
  out.result_bytes = base::write_json(*result).size();
  out.is_error = base::find_bool(*result, "isError").value_or(false);
  const auto schema = state->output_schemas.find(name);
  if (schema != state->output_schemas.end() && !out.is_error) {
    const auto* structured = result->if_contains("structuredContent");
    if (structured == nullptr)
      out.schema_errors.emplace_back(
          "structuredContent is missing though the tool declares an outputSchema");
    else
      out.schema_errors = validate_schema(schema->second, *structured);
    if (!out.schema_errors.empty())
      state->finding("tool.output-schema", name + ": " + out.schema_errors.front());
  }
  out.result = std::move(*result);
  co_return out;
}

runtime::TaskResult<base::JsonObject> Client::read_resource(std::string uri, CallOptions options) {
  return state_->request("resources/read", {{"uri", std::move(uri)}}, std::move(options));
}
runtime::TaskResult<base::JsonObject> Client::get_prompt(std::string name,
                                                         base::JsonObject arguments,
                                                         CallOptions options) {
  return state_->request("prompts/get",
                         {{"name", std::move(name)}, {"arguments", std::move(arguments)}},
                         std::move(options));
}

runtime::TaskResult<base::JsonObject> Client::complete(base::JsonObject reference,
                                                       base::JsonObject argument,
                                                       base::JsonObject context,
                                                       CallOptions options) {
  base::JsonObject params{{"ref", std::move(reference)}, {"argument", std::move(argument)}};
  if (!context.empty()) params["context"] = {{"arguments", std::move(context)}};
  return state_->request("completion/complete", std::move(params), std::move(options));
}

runtime::TaskResult<bool> Client::set_log_level(std::string level) {
  const auto state = state_;
  if (!state->info || state->info->era == Era::modern || !state->info->has("logging"))
    co_return false;
  auto done = co_await state->request("logging/setLevel", {{"level", std::move(level)}}, {});
  if (!done) co_return std::unexpected(done.error());
  co_return true;
}

runtime::TaskResult<bool> Client::subscribe_resource(std::string uri) {
  auto done = co_await state_->request("resources/subscribe", {{"uri", std::move(uri)}}, {});
  if (!done) co_return std::unexpected(done.error());
  co_return true;
}
runtime::TaskResult<bool> Client::unsubscribe_resource(std::string uri) {
  auto done = co_await state_->request("resources/unsubscribe", {{"uri", std::move(uri)}}, {});
  if (!done) co_return std::unexpected(done.error());
  co_return true;
}
runtime::TaskResult<base::JsonObject> Client::request(std::string method, base::JsonObject params,
                                                      CallOptions options) {
  return state_->request(std::move(method), std::move(params), std::move(options));
}

runtime::Task<> Client::close(base::Duration grace) {
  return runtime::uncancelled(
      [](std::shared_ptr<State> state, base::Duration limit) -> runtime::Task<> {
        state->closed = true;
        for (auto& [id, call] : state->pending)
          call->answer.set(base::fail(base::Code::cancelled, "the session was closed"));
        co_await state->tasks.stop();
        if (state->wire) co_await state->wire->close(limit);
      }(state_, grace));
}

int Client::pid() const noexcept {
  return state_->wire ? state_->wire->pid() : 0;
}
std::optional<net::ProcessUsage> Client::sample() {
  return state_->wire ? state_->wire->sample() : std::nullopt;
}
std::size_t Client::in_flight() const noexcept {
  return state_->pending.size();
}
void Client::kill_process() {
  if (state_->wire) state_->wire->kill_process();
}

}  // namespace telltale::mcp
