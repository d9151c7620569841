// What is there: connections, operations, tasks, figures; in the shapes of the v0 interface and in
// ours.
#include <algorithm>
#include <map>

#include "rtc/operations.hpp"
#include "rtc/v0_records.hpp"

namespace telltale::rtc {

using base::FieldRule;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::Nothing;
using runtime::TaskResult;

struct ShownConnection {
  std::string connection_id;
};
BOOST_DESCRIBE_STRUCT(ShownConnection, (), (connection_id))

struct ListConnections {
  bool ended = false;
  int limit = 1000;
};
BOOST_DESCRIBE_STRUCT(ListConnections, (), (ended, limit))
constexpr auto field_rules(const ListConnections*) {
  return std::array{
      FieldRule{.name = "ended", .help = "also the last ones that ended", .has_default = true},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 10000, .has_default = true}};
}

namespace {

constexpr std::size_t kOperationsShown = 100;

double unix_now(const Control& control) {
  return base::unix_seconds(control.runtime.clock().wall());
}

// Newest first.
void sort_newest(std::vector<ConnectionPtr>& out) {
  std::ranges::sort(out, [](const auto& a, const auto& b) {
    return a->times.created != b->times.created ? a->times.created > b->times.created
                                                : a->id > b->id;
  });
}

std::vector<ConnectionPtr> connections_of(const Control& control, bool ended) {
  auto out = control.engine.list(ended);
  sort_newest(out);
  return out;
}

// What runs now for each connection: the tasks of the operations that are about it.
std::multimap<std::string, std::string> tasks_by_connection(const Control& control) {
  std::map<std::string, std::string> subjects;  // by operation
  for (const auto& running : control.running()) {
    if (base::string_or(running, "status") != "started") continue;
    const auto* const arguments = base::find_object(running, "arguments");
    auto subject =
        arguments == nullptr ? std::string() : base::string_or(*arguments, "connection_id");
    if (subject.empty()) subject = base::string_or(running, "subject");
    if (!subject.empty()) subjects[base::string_or(running, "operation_id")] = std::move(subject);
  }
  std::multimap<std::string, std::string> out;
  if (subjects.empty()) return out;
  for (const auto& task : control.runtime.tasks().running())
    if (const auto found = subjects.find(task.owner); found != subjects.end())
      out.emplace(found->second, task.name + "_" + std::to_string(task.id));
  return out;
}

JsonObject shown_connection(const Control& control, const ConnectionRecord& record,
                            const std::multimap<std::string, std::string>& tasks) {
  auto out = v0::connection(record);
  JsonArray own;
  for (auto [at, end] = tasks.equal_range(record.id); at != end; ++at)
    own.push_back(Json(at->second));
  out["async_tasks"] = std::move(own);
  if (control.complete) control.complete(record, out);
  return out;
}

TaskResult<JsonObject> v0_connections(Control* control, ContextPtr, Nothing) {
  control->expect();
  JsonArray list;
  const auto tasks = tasks_by_connection(*control);
  for (const auto& record : connections_of(*control, true))
    list.push_back(shown_connection(*control, *record, tasks));
  const auto count = list.size();
  co_return JsonObject{{"success", true},
                       {"connections", std::move(list)},
                       {"count", count},
                       {"timestamp", unix_now(*control)}};
}

// A map on the monitor's path, as its clients expect.
TaskResult<JsonObject> v0_connection_map(Control* control, ContextPtr, Nothing) {
  JsonObject map;
  const auto tasks = tasks_by_connection(*control);
  for (const auto& record : connections_of(*control, true))
    map[record->id] = shown_connection(*control, *record, tasks);
  const auto count = map.size();
  co_return JsonObject{{"success", true},
                       {"connections", std::move(map)},
                       {"count", count},
                       {"timestamp", unix_now(*control)}};
}

TaskResult<JsonObject> v0_connection(Control* control, ContextPtr, ShownConnection input) {
  const auto record = control->engine.find(input.connection_id);
  if (!record) co_return std::unexpected(no_connection(input.connection_id));
  co_return JsonObject{
      {"success", true},
      {"connection", shown_connection(*control, *record, tasks_by_connection(*control))},
      {"timestamp", unix_now(*control)}};
}

TaskResult<JsonObject> v0_statistics(Control* control, ContextPtr, ShownConnection input) {
  const auto record = control->engine.find(input.connection_id);
  if (!record) co_return std::unexpected(no_connection(input.connection_id));
  auto shown = shown_connection(*control, *record, {});
  co_return JsonObject{{"success", true},
                       {"connection_id", record->id},
                       {"stats", std::move(shown["stats"])},
                       {"timestamp", unix_now(*control)}};
}

store::OperationRecord record_of(const JsonObject& running) {
  store::OperationRecord out;
  out.operation_id = base::string_or(running, "operation_id");
  out.operation = base::string_or(running, "operation");
  out.actor = base::string_or(running, "actor");
  out.subject = base::string_or(running, "subject");
  out.status = base::string_or(running, "status");
  const auto copy = [&](std::string_view key, Json& to) {
    if (const auto* value = base::find(running, key)) to = *value;
  };
  copy("arguments", out.arguments);
  copy("result", out.result);
  copy("error", out.error);
  if (auto at = base::parse_rfc3339(base::string_or(running, "start_time"))) out.start_time = *at;
  if (auto at = base::parse_rfc3339(base::string_or(running, "end_time"))) out.end_time = *at;
  if (const auto* took = base::find(running, "duration_ms"); took != nullptr && took->is_number())
    out.duration_ms = took->to_number<double>();
  return out;
}

constexpr std::array kShownOperations{
    "webrtc.test_connection", "webrtc.stream_test_content", "webrtc.stream", "webrtc.close",
    "webrtc.close_all",       "webrtc.set_quality",         "webrtc.watch",  "webrtc.publish",
    "webrtc.async_close"};

// Those that run and the last ones that ended, newest first.
TaskResult<std::vector<store::OperationRecord>> operations_of(Control* control) {
  std::vector<store::OperationRecord> out;
  for (const auto& running : control->running())
    if (base::string_or(running, "operation").starts_with("webrtc."))
      out.push_back(record_of(running));
  for (const auto* const name : kShownOperations) {
    auto kept = co_await store::list_operations(control->store, {.status = {},
                                                                 .operation = name,
                                                                 .actor = {},
                                                                 .subject = {},
                                                                 .limit = kOperationsShown,
                                                                 .before_id = {}});
    if (!kept) co_return std::unexpected(kept.error());
    for (auto& record : *kept)
      if (std::ranges::find(out, record.operation_id, &store::OperationRecord::operation_id) ==
          out.end())
        out.push_back(std::move(record));
  }
  std::ranges::sort(out, std::ranges::greater(), &store::OperationRecord::operation_id);
  if (out.size() > kOperationsShown) out.resize(kOperationsShown);
  co_return out;
}

TaskResult<JsonObject> v0_operations(Control* control, ContextPtr, Nothing) {
  auto found = co_await operations_of(control);
  if (!found) co_return std::unexpected(found.error());
  JsonArray list;
  for (const auto& record : *found) list.push_back(v0::operation(record));
  co_return JsonObject{{"success", true}, {"operations", std::move(list)}};
}

// Those that run, as a map.
TaskResult<JsonObject> v0_operation_map(Control* control, ContextPtr, Nothing) {
  JsonObject map;
  for (const auto& running : control->running()) {
    const auto record = record_of(running);
    if (record.operation.starts_with("webrtc.") && record.status == "started")
      map[record.operation_id] = v0::operation(record);
  }
  const auto count = map.size();
  co_return JsonObject{{"success", true},
                       {"operations", std::move(map)},
                       {"count", count},
                       {"timestamp", unix_now(*control)}};
}

bool is_ours(const runtime::TaskInfo& task) {
  return task.name.starts_with("rtc ") || task.name.starts_with("webrtc.") ||
         task.owner.starts_with("rtc");
}

TaskResult<JsonObject> v0_tasks(Control* control, ContextPtr, Nothing) {
  JsonArray list;
  for (const auto& task : control->runtime.tasks().running())
    if (is_ours(task)) list.push_back(v0::task(task));
  for (const auto& task : control->runtime.tasks().ended())
    if (is_ours(task)) list.push_back(v0::task(task));
  co_return JsonObject{{"success", true}, {"tasks", std::move(list)}};
}

// By owner, which for the originals was a connection; a worker's tasks serve all of its own.
TaskResult<JsonObject> v0_task_map(Control* control, ContextPtr, Nothing) {
  JsonObject map;
  std::size_t count = 0;
  for (const auto& task : control->runtime.tasks().running()) {
    if (!is_ours(task)) continue;
    const auto owner = task.owner.empty() ? std::string("rtc") : task.owner;
    if (!map.contains(owner)) map[owner] = JsonArray();
    map[owner].as_array().push_back(Json(task.name + "_" + std::to_string(task.id)));
    ++count;
  }
  co_return JsonObject{{"success", true},
                       {"tasks", std::move(map)},
                       {"count", count},
                       {"timestamp", unix_now(*control)}};
}

TaskResult<JsonObject> v0_summary(Control* control, ContextPtr, Nothing) {
  control->expect();
  JsonObject states{{"total", 0},      {"connected", 0}, {"disconnected", 0}, {"new", 0},
                    {"connecting", 0}, {"closed", 0},    {"failed", 0}};
  const auto add = [](JsonObject& counts, std::string_view key) {
    counts[key] = counts[key].as_int64() + 1;
  };
  std::uint64_t events = 0;
  for (const auto& record : control->engine.list(true)) {
    const auto shown = shown_connection(*control, *record, {});
    add(states, "total");
    add(states, base::string_or(shown, "connection_state"));
    events += shown.at("lifecycle_events").as_array().size();
  }
  auto found = co_await operations_of(control);
  if (!found) co_return std::unexpected(found.error());
  JsonObject operations{
      {"total", 0}, {"started", 0}, {"completed", 0}, {"failed", 0}, {"canceled", 0}};
  for (const auto& record : *found) {
    add(operations, "total");
    if (operations.contains(record.status)) add(operations, record.status);
  }
  const auto tasks = control->runtime.tasks().running();
  const auto now = control->runtime.clock().wall();
  co_return JsonObject{{"success", true},
                       {"uptime_seconds", base::to_seconds(now - control->started)},
                       {"connection_states", std::move(states)},
                       {"operation_stats", std::move(operations)},
                       {"pending_tasks", std::ranges::count_if(tasks, is_ours)},
                       {"event_count", events},
                       {"debug_mode", control->debug},
                       {"logging_enabled", control->logging},
                       {"timestamp", base::unix_seconds(now)}};
}

TaskResult<JsonObject> v0_resources(Control* control, ContextPtr, Nothing) {
  const auto counters = control->engine.counters();
  const auto& settings = control->engine.settings();
  JsonArray workers;
  for (const auto& worker : control->engine.addresses()) {
    JsonArray addresses;
    for (const auto& address : worker.addresses) addresses.push_back(Json(address));
    workers.push_back(JsonObject{
        {"worker", worker.worker}, {"port", worker.port}, {"addresses", std::move(addresses)}});
  }
  co_return JsonObject{
      {"success", true},
      {"connections", JsonObject{{"total", counters.connections_total},
                                 {"open", counters.connections},
                                 {"connecting", counters.connecting},
                                 {"limit", settings.connections_max},
                                 {"limit_per_user", settings.connections_per_actor_max}}},
      {"traffic", JsonObject{{"datagrams_received", counters.datagrams_received},
                             {"datagrams_sent", counters.datagrams_sent},
                             {"bytes_received", counters.bytes_received},
                             {"bytes_sent", counters.bytes_sent},
                             {"sends", counters.sends},
                             {"send_refused", counters.send_refused},
                             {"dropped_unknown", counters.dropped_unknown}}},
      {"workers", std::move(workers)},
      {"system", control->process()},
      {"timestamp", unix_now(*control)}};
}

TaskResult<JsonObject> list(Control* control, ContextPtr, ListConnections input) {
  control->expect();
  JsonArray items;
  auto found = control->engine.list(input.ended);
  if (control->foreign) std::ranges::move(control->foreign(input.ended), std::back_inserter(found));
  sort_newest(found);
  const auto total = found.size();
  found.resize(std::min(total, static_cast<std::size_t>(input.limit)));
  for (const auto& record : found) items.push_back(to_json(*record));
  co_return JsonObject{{"items", std::move(items)}, {"total", total}, {"next_cursor", nullptr}};
}

TaskResult<JsonObject> get(Control* control, ContextPtr, ShownConnection input) {
  auto record = control->engine.find(input.connection_id);
  if (!record && control->foreign)
    for (auto& one : control->foreign(true))
      if (one->id == input.connection_id) record = one;
  if (!record) co_return std::unexpected(no_connection(input.connection_id));
  auto out = to_json(*record);
  if (const auto source = control->engine.source_of(record->id))
    out["playing"] = playing_json(*source);
  co_return out;
}

TaskResult<JsonObject> ice_servers(Control* control, ContextPtr context, Nothing) {
  co_return JsonObject{
      {"ice_servers",
       control->ice_servers.as_json(context->actor().name, control->runtime.clock().wall())}};
}

template <class Input>
void read(runtime::OperationRegistry& registry, Control& control, std::string name,
          std::string help, std::vector<runtime::Route> routes,
          TaskResult<JsonObject> (*body)(Control*, ContextPtr, Input)) {
  runtime::OperationSpec spec = {.name = "webrtc." + std::move(name),
                                 .help = std::move(help),
                                 .permission = "webrtc:read",
                                 .routes = std::move(routes)};
  add_operation(registry, control, std::move(spec), body);
}

}  // namespace

void declare_read_operations(runtime::OperationRegistry& registry, Control& control) {
  const std::string monitor = "/api/v0/mcp/monitor/webrtc/";
  read(registry, control, "v0.connections", "Connections, as the dashboards before us read them",
       {{"GET", "/api/v0/webrtc/connections"}, {"GET", "/api/v0/mcp/webrtc/connections"}},
       v0_connections);
  read(registry, control, "v0.operations", "The last operations of WebRTC",
       {{"GET", "/api/v0/webrtc/operations"}}, v0_operations);
  read(registry, control, "v0.tasks", "Tasks of WebRTC", {{"GET", "/api/v0/webrtc/tasks"}},
       v0_tasks);
  read(registry, control, "v0.connection_stats", "Statistics of a connection",
       {{"GET", "/api/v0/mcp/webrtc/connections/{connection_id}/stats"}}, v0_statistics);
  read(registry, control, "v0.resources", "What WebRTC takes of this machine",
       {{"GET", "/api/v0/mcp/webrtc/stats/resources"}}, v0_resources);
  read(registry, control, "v0.monitor_summary", "Counts of connections, operations, tasks",
       {{"GET", monitor + "summary"}}, v0_summary);
  read(registry, control, "v0.monitor_connections", "Connections by id",
       {{"GET", monitor + "connections"}}, v0_connection_map);
  read(registry, control, "v0.monitor_connection", "One connection",
       {{"GET", monitor + "connections/{connection_id}"}}, v0_connection);
  read(registry, control, "v0.monitor_operations", "Operations of WebRTC that run now",
       {{"GET", monitor + "operations"}}, v0_operation_map);
  read(registry, control, "v0.monitor_tasks", "Tasks of WebRTC that run now",
       {{"GET", monitor + "tasks"}}, v0_task_map);
  read(registry, control, "list", "Connections, newest first", {{"GET", "/api/webrtc/connections"}},
       list);
  read(registry, control, "get", "One connection, also one that ended lately",
       {{"GET", "/api/webrtc/connections/{connection_id}"}}, get);
  read(registry, control, "ice_servers", "STUN and TURN servers for clients",
       {{"GET", "/api/webrtc/ice_servers"}}, ice_servers);
}

}  // namespace telltale::rtc
