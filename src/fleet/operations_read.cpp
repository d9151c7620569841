// What can be read of the fleet. Lists come from the snapshot, without a hop to the server's loop.
#include <algorithm>

#include "fleet/inputs.hpp"
#include "fleet/operations.hpp"
#include "runtime/run.hpp"

namespace telltale::fleet {

base::JsonObject log_line(const store::LogRecord& line) {
  return {{"log_seq", line.log_seq}, {"time", base::format_rfc3339(line.time)},
          {"server", line.server},   {"stream", line.stream},
          {"level", line.level},     {"message", line.message}};
}

namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

runtime::OperationSpec read_spec(std::string name, std::string help, std::string permission,
                                 std::string path, std::string method = "GET") {
  return {.name = std::move(name),
          .help = std::move(help),
          .permission = std::move(permission),
          .server = path.starts_with("/api/servers/{id}") ? "id" : "",
          .routes = {{std::move(method), std::move(path)}},
          .group = "Servers"};
}

bool matches(const JsonObject& record, const ListServers& input) {
  if (!input.health_status.empty() &&
      base::string_or(record, "health_status") != input.health_status)
    return false;
  if (!input.transport.empty() && base::string_or(record, "transport") != input.transport)
    return false;
  const auto& tags = record.at("tags").get_array();
  if (!input.tag.empty() && std::ranges::find(tags, Json(input.tag)) == tags.end()) return false;
  if (input.q.empty()) return true;
  const auto has = [&](std::string_view text) {
    return text.find(input.q) != std::string_view::npos;
  };
  return has(base::string_or(record, "name")) || has(base::string_or(record, "target")) ||
         std::ranges::any_of(tags, [&](const Json& tag) { return has(tag.get_string()); });
}

TaskResult<JsonObject> list_servers(Registry* fleet, ContextPtr context, ListServers input) {
  std::vector<JsonObject> found;
  const bool all = context->actor().sees_all();
  for (auto& record : fleet->records())
    if ((all || context->actor().sees(base::string_or(record.get_object(), "name"))) &&
        matches(record.get_object(), input))
      found.push_back(std::move(record.get_object()));
  const bool down = input.sort.starts_with('-');
  const auto key = input.sort.empty() ? std::string("name") : input.sort.substr(down ? 1 : 0);
  std::ranges::sort(found, [&](const JsonObject& a, const JsonObject& b) {
    const auto left = std::pair(base::string_or(a, key), base::string_or(a, "name"));
    const auto right = std::pair(base::string_or(b, key), base::string_or(b, "name"));
    return down ? left > right : left < right;
  });
  JsonArray items;
  Json next = nullptr;
  bool after_cursor = input.cursor.empty();
  for (auto& record : found) {
    const auto name = base::string_or(record, "name");
    if (!after_cursor) {
      after_cursor = name == input.cursor;
      continue;
    }
    if (items.size() >= static_cast<std::size_t>(input.limit)) {
      next = base::string_or(items.back().get_object(), "name");
      break;
    }
    items.push_back(std::move(record));
  }
  co_return JsonObject{{"items", std::move(items)}, {"next_cursor", next}, {"total", found.size()}};
}

// Each is a free coroutine with values: nothing of the lambda that starts it is needed afterwards.
TaskResult<JsonObject> get_server(Registry* fleet, std::string id) {
  auto server = fleet->find(id);
  if (!server) co_return std::unexpected(server.error());
  co_return (*server)->view()->record;
}

TaskResult<JsonObject> get_definition(Registry* fleet, std::string id) {
  auto server = fleet->find(id);
  if (!server) co_return std::unexpected(server.error());
  co_return redacted((*server)->view()->definition.source);
}

TaskResult<JsonObject> get_tools(Registry* fleet, std::string id) {
  auto server = fleet->find(id);
  if (!server) co_return std::unexpected(server.error());
  const auto view = (*server)->view();
  JsonArray items;
  for (const auto& tool : view->lists->tools) {
    auto shown = tool.get_object();
    shown["last_good_at"] = view->lists_at;
    shown["stale"] = view->stale;
    items.push_back(std::move(shown));
  }
  co_return JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}};
}

TaskResult<JsonObject> get_resources(Registry* fleet, std::string id) {
  auto server = fleet->find(id);
  if (!server) co_return std::unexpected(server.error());
  const auto view = (*server)->view();
  co_return JsonObject{{"items", view->lists->resources},
                       {"templates", view->lists->templates},
                       {"stale", view->stale}};
}

TaskResult<JsonObject> get_prompts(Registry* fleet, std::string id) {
  auto server = fleet->find(id);
  if (!server) co_return std::unexpected(server.error());
  co_return JsonObject{{"items", (*server)->view()->lists->prompts},
                       {"next_cursor", nullptr},
                       {"stale", (*server)->view()->stale}};
}

TaskResult<JsonObject> get_stats(Registry* fleet, std::string id) {
  auto server = fleet->find(id);
  if (!server) co_return std::unexpected(server.error());
  co_return co_await runtime::call_on(
      (*server)->loop(),
      [](Registry::ServerPtr one) -> TaskResult<JsonObject> { co_return one->stats(); }(*server));
}

// The newest lines are in memory; older or filtered ones come from the store.
TaskResult<JsonObject> get_logs(Registry* fleet, store::Store* store, ListOf input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  const auto limit = static_cast<std::size_t>(input.limit);
  JsonArray items;
  if (input.before == 0 && input.q.empty() && input.level.empty()) {
    auto recent = co_await runtime::call_on(
        (*server)->loop(),
        [](Registry::ServerPtr one,
           std::size_t count) -> TaskResult<std::vector<store::LogRecord>> {
          co_return one->recent_logs(count);
        }(*server, limit));
    if (!recent) co_return std::unexpected(recent.error());
    if (recent->size() >= limit || recent->size() >= 50) {
      for (const auto& line : *recent) items.push_back(log_line(line));
      co_return JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}};
    }
  }
  auto lines = co_await store::list_logs(*store, {.server = (*server)->view()->definition.name,
                                                  .before = input.before,
                                                  .level = input.level,
                                                  .text = input.q,
                                                  .limit = limit});
  if (!lines) co_return std::unexpected(lines.error());
  for (const auto& line : *lines) items.push_back(log_line(line));
  // What the store does not have yet (it writes once a second) is still in memory.
  if (input.before == 0) {
    auto recent = co_await runtime::call_on(
        (*server)->loop(),
        [](Registry::ServerPtr one) -> TaskResult<std::vector<store::LogRecord>> {
          co_return one->recent_logs(1000);
        }(*server));
    const auto last = lines->empty() ? 0 : lines->back().log_seq;
    if (recent && input.q.empty() && input.level.empty())
      for (const auto& line : *recent)
        if (line.log_seq > last) items.push_back(log_line(line));
  }
  co_return JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}};
}

TaskResult<JsonObject> get_health(Registry* fleet, store::Store* store, ListOf input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  auto checks = co_await store::list_health(*store, (*server)->view()->definition.name,
                                            static_cast<std::size_t>(input.limit));
  if (!checks) co_return std::unexpected(checks.error());
  JsonArray items;
  for (const auto& check : *checks)
    items.push_back({{"time", base::format_rfc3339(check.time)},
                     {"ok", check.ok},
                     {"health_status", check.health_status},
                     {"response_time_ms",
                      check.response_time_ms ? Json(*check.response_time_ms) : Json(nullptr)},
                     {"kind", check.kind},
                     {"error", check.error}});
  co_return JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}};
}

TaskResult<JsonObject> get_calls(Registry* fleet, store::Store* store, ListOf input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  auto calls = co_await store::list_calls(*store, (*server)->view()->definition.name, input.tool,
                                          static_cast<std::size_t>(input.limit));
  if (!calls) co_return std::unexpected(calls.error());
  JsonArray items;
  for (const auto& call : *calls)
    items.push_back({{"id", call.id},
                     {"operation_id", call.operation_id},
                     {"tool", call.tool},
                     {"actor", call.actor},
                     {"time", base::format_rfc3339(call.time)},
                     {"duration_ms", call.duration_ms},
                     {"ok", call.ok},
                     {"error", call.error},
                     {"request_bytes", call.request_bytes},
                     {"result_bytes", call.result_bytes}});
  co_return JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}};
}

TaskResult<JsonObject> read_resource(Registry* fleet, ReadResource input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  co_return co_await runtime::call_on((*server)->loop(),
                                      (*server)->read_resource(std::move(input.uri)));
}

TaskResult<JsonObject> get_prompt(Registry* fleet, GetPrompt input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  co_return co_await runtime::call_on(
      (*server)->loop(),
      (*server)->get_prompt(std::move(input.prompt), std::move(input.arguments)));
}

TaskResult<JsonObject> complete(Registry* fleet, Complete input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  auto answer = co_await runtime::call_on(
      (*server)->loop(), (*server)->complete(std::move(input.ref), std::move(input.argument),
                                             std::move(input.context)));
  if (!answer) co_return std::unexpected(answer.error());
  const auto* completion = base::find_object(*answer, "completion");
  if (completion == nullptr)
    co_return base::fail(base::Code::protocol, "the answer has no completion");
  JsonObject out{{"values", JsonArray()},
                 {"total", nullptr},
                 {"has_more", base::find_bool(*completion, "hasMore").value_or(false)}};
  if (const auto* values = base::find_array(*completion, "values")) out["values"] = *values;
  if (const auto* total = completion->if_contains("total")) out["total"] = *total;
  co_return out;
}

}  // namespace

TaskResult<JsonObject> recording_of(const Registry* fleet, std::string id) {
  auto server = fleet->find(id);
  if (!server) co_return std::unexpected(server.error());
  co_return co_await runtime::call_on((*server)->loop(),
                                      [](Registry::ServerPtr one) -> TaskResult<JsonObject> {
                                        co_return one->recording();
                                      }(*server));
}

void declare_read_operations(runtime::OperationRegistry& registry, Registry& service,
                             store::Store& history) {
  auto* const fleet = &service;
  auto* const store = &history;
  // All that these show is in the views.
  const auto kept = [fleet](runtime::OperationSpec spec) {
    spec.version = [fleet] { return fleet->version(); };
    return spec;
  };
  registry.add(runtime::declare<ListServers, JsonObject>(
      kept(read_spec("fleet.list", "All servers and how they are", "fleet:read", "/api/servers")),
      [fleet](ContextPtr context, ListServers in) {
        return list_servers(fleet, std::move(context), std::move(in));
      }));
  registry.add(runtime::declare<ById, JsonObject>(
      kept(read_spec("fleet.get", "One server", "fleet:read", "/api/servers/{id}")),
      [fleet](ContextPtr, ById in) { return get_server(fleet, std::move(in.id)); }));
  registry.add(runtime::declare<ById, JsonObject>(
      read_spec("fleet.definition", "A server's definition, secrets hidden", "fleet:operate",
                "/api/servers/{id}/definition"),
      [fleet](ContextPtr, ById in) { return get_definition(fleet, std::move(in.id)); }));
  registry.add(runtime::declare<ListOf, JsonObject>(
      read_spec("fleet.health", "Health checks, newest first", "fleet:read",
                "/api/servers/{id}/health"),
      [fleet, store](ContextPtr, ListOf in) { return get_health(fleet, store, std::move(in)); }));
  registry.add(runtime::declare<ById, JsonObject>(
      kept(read_spec("fleet.tools", "A server's tools", "tools:read", "/api/servers/{id}/tools")),
      [fleet](ContextPtr, ById in) { return get_tools(fleet, std::move(in.id)); }));
  registry.add(runtime::declare<ById, JsonObject>(
      kept(read_spec("fleet.resources", "A server's resources and templates", "tools:read",
                     "/api/servers/{id}/resources")),
      [fleet](ContextPtr, ById in) { return get_resources(fleet, std::move(in.id)); }));
  registry.add(runtime::declare<ById, JsonObject>(
      kept(read_spec("fleet.prompts", "A server's prompts", "tools:read",
                     "/api/servers/{id}/prompts")),
      [fleet](ContextPtr, ById in) { return get_prompts(fleet, std::move(in.id)); }));
  registry.add(runtime::declare<ListOf, JsonObject>(
      read_spec("fleet.logs", "A server's log, newest last", "fleet:read",
                "/api/servers/{id}/logs"),
      [fleet, store](ContextPtr, ListOf in) { return get_logs(fleet, store, std::move(in)); }));
  registry.add(runtime::declare<ById, JsonObject>(
      read_spec("fleet.stats", "Calls, latencies and process of a server", "fleet:read",
                "/api/servers/{id}/stats"),
      [fleet](ContextPtr, ById in) { return get_stats(fleet, std::move(in.id)); }));
  registry.add(runtime::declare<ListOf, JsonObject>(
      read_spec("fleet.calls", "Tool calls, newest first", "fleet:read", "/api/servers/{id}/calls"),
      [fleet, store](ContextPtr, ListOf in) { return get_calls(fleet, store, std::move(in)); }));
  registry.add(runtime::declare<ById, JsonObject>(
      read_spec("fleet.recording",
                "The last messages with a server as a recording (docs/lab/recordings.md)",
                "fleet:operate", "/api/servers/{id}/recording"),
      [fleet](ContextPtr, ById in) { return recording_of(fleet, std::move(in.id)); }));
  registry.add(runtime::declare<ReadResource, JsonObject>(
      read_spec("fleet.resource_read", "Reads a resource", "tools:read",
                "/api/servers/{id}/resources/read", "POST"),
      [fleet](ContextPtr, ReadResource in) { return read_resource(fleet, std::move(in)); }));
  registry.add(runtime::declare<GetPrompt, JsonObject>(
      read_spec("fleet.prompt_get", "Gets a prompt with arguments", "tools:read",
                "/api/servers/{id}/prompts/{prompt}/get", "POST"),
      [fleet](ContextPtr, GetPrompt in) { return get_prompt(fleet, std::move(in)); }));
  registry.add(runtime::declare<Complete, JsonObject>(
      read_spec("fleet.complete", "Completes an argument of a prompt or template", "tools:read",
                "/api/servers/{id}/complete", "POST"),
      [fleet](ContextPtr, Complete in) { return complete(fleet, std::move(in)); }));
}

}  // namespace telltale::fleet
