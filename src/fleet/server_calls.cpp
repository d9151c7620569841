// What is asked of a server: tools, resources, prompts, and a test with its steps.
#include <algorithm>

#include "base/random.hpp"
#include "fleet/server.hpp"

namespace telltale::fleet {
namespace {

// A failure that speaks about the connection, not about the question.
bool is_transport_failure(const base::Error& error) {
  return error.code == base::Code::unavailable || error.code == base::Code::deadline_exceeded ||
         error.code == base::Code::protocol;
}

base::JsonObject step(std::string_view name, bool ok, base::Duration took, std::string detail) {
  return {{"name", name},
          {"ok", ok},
          {"duration_ms", base::to_ms(took)},
          {"detail", std::move(detail)}};
}

}  // namespace

base::Result<mcp::Client*> Server::usable() {
  const auto now = parts_.loop.clock().now();
  const auto& name = definition_.name;
  if (reconciler_.desired() == Desired::stopped)
    return base::fail(base::Code::conflict, name + " is stopped; start it first");
  if (reconciler_.desired() == Desired::disabled)
    return base::fail(base::Code::conflict, name + " is disabled; start it to enable it again");
  if (const auto retry = reconciler_.circuit().retry_at(); retry && *retry > now)
    return std::unexpected(base::Error{
        .code = base::Code::unavailable,
        .detail = name + ": the circuit is open: " + reconciler_.reason(),
        .retry_after = std::chrono::duration_cast<std::chrono::milliseconds>(*retry - now)});
  if (!client_ || !client_->connected())
    return std::unexpected(
        base::Error{.code = base::Code::unavailable,
                    .detail = name + " is not connected: " + reconciler_.reason(),
                    .retry_after = std::chrono::seconds(1)});
  if (!reconciler_.circuit().allow(now))
    return base::fail(base::Code::unavailable,
                      name + ": the circuit is half-open and its trial calls are under way");
  return client_.get();
}

void Server::note_call(const base::Error* failure) {
  const auto now = parts_.loop.clock().now();
  if (failure == nullptr || !is_transport_failure(*failure))
    reconciler_.on_call(true, now);
  else if (client_ && client_->connected())
    reconciler_.on_call(false, now);  // a lost session was counted when it was lost
  if (same_as_shown())
    refresh_soon();  // thousands of calls a second move nothing but counters
  else
    changed();
}

runtime::TaskResult<base::JsonObject> Server::call_tool(std::string tool,
                                                        base::JsonObject arguments,
                                                        runtime::ContextPtr context,
                                                        runtime::Span arriving) {
  const auto self = shared_from_this();
  arriving.end();
  context->set_subject(definition_.name);
  auto usable_client = usable();
  if (!usable_client) co_return std::unexpected(usable_client.error());
  const auto client = client_;
  const auto known = std::ranges::any_of(lists_->tools, [&](const base::Json& one) {
    return base::string_or(one.get_object(), "name") == tool;
  });
  if (!known && !lists_->tools.empty()) {
    note_call(nullptr);
    co_return base::fail(base::Code::not_found, definition_.name + " has no tool called " + tool);
  }
  const auto about = std::make_shared<const base::JsonObject>(
      base::JsonObject{{"server", definition_.name}, {"tool", tool}});
  mcp::CallOptions options{.timeout = definition_.request_timeout};
  options.trace_parent =
      "00-" + context->trace_id() + "-" + context->trace_id().substr(0, 16) + "-01";
  options.on_progress = [context, about](const mcp::Progress& progress) {
    context->progress(progress.progress, progress.total, progress.message, *about);
  };
  options.on_elicitation =
      [context, about](base::JsonObject params) -> runtime::TaskResult<base::JsonObject> {
    base::JsonObject request = *about;
    request["kind"] = "elicitation";
    request["message"] = base::string_or(params, "message");
    if (const auto* schema = params.if_contains("requestedSchema"))
      request["requested_schema"] = *schema;
    if (const auto* url = params.if_contains("url")) request["url"] = *url;
    return context->ask(std::move(request));
  };
  runtime::Span span(context->trace(), "tools/call", tool);
  options.trace = span.inside();
  const auto started = parts_.loop.clock().now();
  const auto wall = parts_.loop.clock().wall();
  ++in_flight_;
  struct Leave {
    Server& server;
    ~Leave() { --server.in_flight_; }
  } leave{*this};
  auto result = co_await client->call_tool(tool, std::move(arguments), std::move(options));

  const auto took = parts_.loop.clock().now() - started;
  const bool ok = result && !result->is_error;
  span.end(ok);
  auto& stats = tool_stats_[tool];
  ++stats.calls;
  ++calls_total_;
  stats.failures += ok ? 0 : 1;
  calls_failed_ += ok ? 0 : 1;
  stats.us.record(static_cast<std::uint64_t>(took.count() / 1000));
  stats.last = wall;
  store::record_call(parts_.store,
                     {.id = base::new_id("call"),
                      .operation_id = context->id(),
                      .server = definition_.name,
                      .tool = tool,
                      .actor = context->actor().name,
                      .time = wall,
                      .duration_ms = base::to_ms(took),
                      .ok = ok,
                      .error = result ? (result->is_error ? "the tool reported an error" : "")
                                      : result.error().detail,
                      .request_bytes = result ? result->request_bytes : 0,
                      .result_bytes = result ? result->result_bytes : 0});
  note_call(result ? nullptr : &result.error());
  publish("tool_result", "operations", ok ? runtime::Severity::info : runtime::Severity::warning,
          {{"operation_id", context->id()},
           {"server", definition_.name},
           {"tool", tool},
           {"is_error", !ok},
           {"duration_ms", base::to_ms(took)}});
  if (!result) co_return std::unexpected(for_caller(std::move(result.error())));
  base::JsonArray schema_errors;
  for (const auto& error : result->schema_errors) schema_errors.push_back(base::Json(error));
  co_return base::JsonObject{{"operation_id", context->id()},
                             {"server", definition_.name},
                             {"tool", tool},
                             {"duration_ms", base::to_ms(took)},
                             {"is_error", result->is_error},
                             {"result", std::move(result->result)},
                             {"schema_errors", std::move(schema_errors)}};
}

runtime::TaskResult<base::JsonObject> Server::read_resource(std::string uri) {
  const auto self = shared_from_this();
  if (auto ready = usable(); !ready) co_return std::unexpected(ready.error());
  const auto client = client_;
  auto result = co_await client->read_resource(std::move(uri));
  note_call(result ? nullptr : &result.error());
  if (!result) co_return std::unexpected(for_caller(std::move(result.error())));
  co_return result;
}

runtime::TaskResult<base::JsonObject> Server::get_prompt(std::string prompt,
                                                         base::JsonObject arguments) {
  const auto self = shared_from_this();
  if (auto ready = usable(); !ready) co_return std::unexpected(ready.error());
  const auto client = client_;
  auto result = co_await client->get_prompt(std::move(prompt), std::move(arguments));
  note_call(result ? nullptr : &result.error());
  if (!result) co_return std::unexpected(for_caller(std::move(result.error())));
  co_return result;
}

runtime::TaskResult<base::JsonObject> Server::complete(base::JsonObject reference,
                                                       base::JsonObject argument,
                                                       base::JsonObject context) {
  const auto self = shared_from_this();
  if (auto ready = usable(); !ready) co_return std::unexpected(ready.error());
  const auto client = client_;
  auto result =
      co_await client->complete(std::move(reference), std::move(argument), std::move(context));
  note_call(result ? nullptr : &result.error());
  if (!result) co_return std::unexpected(for_caller(std::move(result.error())));
  co_return result;
}

// A real check now, step by step. It tells what it finds and changes nothing but the health it
// proves.
runtime::TaskResult<base::JsonObject> Server::test() {
  const auto self = shared_from_this();
  base::JsonArray steps;
  const auto clock_now = [&] { return parts_.loop.clock().now(); };
  const auto answer = [&](bool ok, base::Json ms, const std::string& error) {
    base::JsonObject out{{"ok", ok}, {"steps", steps}, {"response_time_ms", std::move(ms)}};
    if (!error.empty()) out["error"] = error;
    return out;
  };
  auto ready = usable();
  steps.push_back(
      step("session", ready.has_value(), {},
           ready ? "connected, protocol " + info_->protocol_version : ready.error().detail));
  if (!ready) co_return answer(false, nullptr, ready.error().detail);
  const auto client = client_;
  auto ping = co_await client->check(std::chrono::seconds(10));
  steps.push_back(step(info_ && info_->era == mcp::Era::modern ? "server/discover" : "ping",
                       ping.has_value(), ping ? *ping : base::Duration{},
                       ping ? "answered" : ping.error().detail));
  note_call(ping ? nullptr : &ping.error());
  if (!ping) co_return answer(false, nullptr, ping.error().detail);
  const auto before = clock_now();
  auto lists = co_await load_lists();
  steps.push_back(step("lists", lists.has_value(), clock_now() - before,
                       lists ? std::to_string(lists_->tools.size()) + " tools, " +
                                   std::to_string(lists_->resources.size()) + " resources, " +
                                   std::to_string(lists_->prompts.size()) + " prompts"
                             : lists.error().detail));
  co_return answer(lists.has_value(), base::to_ms(*ping), lists ? "" : lists.error().detail);
}

}  // namespace telltale::fleet
