#include "catalog/operations.hpp"

#include "base/duration.hpp"
#include "catalog/running.hpp"
#include "catalog/task_watch.hpp"
#include "catalog/visibility.hpp"

namespace telltale::catalog {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;
using Rule = base::FieldRule;

struct ListOperations {
  int limit = 100;
  std::string cursor, status, operation, actor, subject;
};
BOOST_DESCRIBE_STRUCT(ListOperations, (), (limit, cursor, status, operation, actor, subject))
constexpr auto field_rules(const ListOperations*) {
  return std::array{
      Rule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true},
      Rule{.name = "cursor", .has_default = true},
      Rule{.name = "status", .one_of = "|started|completed|failed|canceled", .has_default = true},
      Rule{.name = "operation", .has_default = true},
      Rule{.name = "actor", .has_default = true},
      Rule{.name = "subject", .has_default = true}};
}

struct OperationId {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(OperationId, (), (id))

struct WaitFor {
  std::string id;
  double wait = 0;
};
BOOST_DESCRIBE_STRUCT(WaitFor, (), (id, wait))
constexpr auto field_rules(const WaitFor*) {
  return std::array{Rule{.name = "wait",
                         .help = "seconds to wait for its end",
                         .minimum = 0,
                         .maximum = 300,
                         .has_default = true}};
}

struct InputAnswer {
  std::string id, request_id, action;
  std::optional<JsonObject> content;
};
BOOST_DESCRIBE_STRUCT(InputAnswer, (), (id, request_id, action, content))
constexpr auto field_rules(const InputAnswer*) {
  return std::array{Rule{.name = "action", .one_of = "accept|decline|cancel"}};
}

struct ListEvents {
  std::int64_t since = 0;
  int limit = 1000;
};
BOOST_DESCRIBE_STRUCT(ListEvents, (), (since, limit))
constexpr auto field_rules(const ListEvents*) {
  return std::array{Rule{.name = "since", .minimum = 0, .has_default = true},
                    Rule{.name = "limit", .minimum = 1, .maximum = 10000, .has_default = true}};
}

namespace {

bool wanted(const JsonObject& record, const ListOperations& in) {
  const auto fits = [&](std::string_view key, const std::string& value) {
    return value.empty() || base::string_or(record, key) == value;
  };
  return fits("status", in.status) && fits("operation", in.operation) && fits("actor", in.actor) &&
         fits("subject", in.subject);
}

TaskResult<JsonObject> list_operations(Dispatcher* dispatcher, store::Store* store,
                                       ContextPtr context, ListOperations in) {
  const auto visible = [&](const JsonObject& record) {
    return sees(context->actor(), dispatcher->catalog(), record);
  };
  JsonArray items;
  std::vector<std::string> running;
  if (in.cursor.empty())
    for (auto& record : dispatcher->running()) {
      running.push_back(base::string_or(record, "operation_id"));
      if (wanted(record, in) && visible(record)) items.push_back(std::move(record));
    }
  auto kept = co_await store::list_operations(*store, {.status = in.status,
                                                       .operation = in.operation,
                                                       .actor = in.actor,
                                                       .subject = in.subject,
                                                       .limit = static_cast<std::size_t>(in.limit),
                                                       .before_id = in.cursor});
  if (!kept) co_return std::unexpected(kept.error());
  for (const auto& record : *kept) {
    if (std::ranges::find(running, record.operation_id) != running.end()) continue;
    auto shown = describe_record(record);
    shown.erase("result");  // one operation gives its result; a list of hundreds would not be read
    if (visible(shown)) items.push_back(std::move(shown));
  }
  const bool more = kept->size() >= static_cast<std::size_t>(in.limit);
  co_return JsonObject{{"items", std::move(items)},
                       {"next_cursor", more ? Json(kept->back().operation_id) : Json(nullptr)}};
}

TaskResult<JsonObject> get(Dispatcher* dispatcher, ContextPtr context, std::string id,
                           base::Duration wait) {
  auto record = co_await dispatcher->describe(id, wait);
  if (record && !sees(context->actor(), dispatcher->catalog(), *record))
    co_return base::fail(base::Code::not_found, "no operation has the id " + id);
  co_return record;
}

TaskResult<JsonObject> cancel(Dispatcher* dispatcher, ContextPtr context, OperationId in) {
  if (auto seen = co_await get(dispatcher, std::move(context), in.id, {}); !seen)
    co_return std::unexpected(seen.error());
  if (auto done = dispatcher->cancel(in.id); !done) co_return std::unexpected(done.error());
  co_return co_await dispatcher->describe(in.id, std::chrono::seconds(2));
}

TaskResult<JsonObject> answer(Dispatcher* dispatcher, ContextPtr context, InputAnswer in) {
  if (auto seen = co_await get(dispatcher, std::move(context), in.id, {}); !seen)
    co_return std::unexpected(seen.error());
  JsonObject given{{"action", in.action}};
  if (in.content) given["content"] = *in.content;
  if (auto done = dispatcher->answer_input(in.id, in.request_id, std::move(given)); !done)
    co_return std::unexpected(done.error());
  co_return JsonObject{{"success", true}};
}

TaskResult<JsonObject> list_tasks(runtime::Runtime* runtime, ContextPtr context) {
  JsonArray items;
  const auto& actor = context->actor();
  const auto add = [&](const std::vector<runtime::TaskInfo>& tasks) {
    for (const auto& task : tasks)
      if (const auto server = server_of_task(task.owner); server.empty() || actor.sees(server))
        items.push_back(task_record(task));
  };
  add(runtime->tasks().running());
  add(runtime->tasks().ended());
  co_return JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}};
}

TaskResult<JsonObject> list_events(bus::Bus* bus, ContextPtr context, ListEvents in) {
  const auto replay =
      bus->since(static_cast<std::uint64_t>(in.since), static_cast<std::size_t>(in.limit));
  JsonArray items;
  for (const auto& event : replay.events) {
    if (!sees(context->actor(), event->event)) continue;
    auto parsed = base::parse_json(*event->text);
    if (parsed) items.push_back(std::move(*parsed));
  }
  const auto next = replay.events.empty() ? bus->last_seq() : replay.events.back()->event.seq;
  co_return JsonObject{{"items", std::move(items)},
                       {"next_since", next},
                       {"gap", replay.gap ? Json({{"from_seq", replay.gap->from_seq},
                                                  {"to_seq", replay.gap->to_seq}})
                                          : Json(nullptr)}};
}

TaskResult<JsonObject> system_info(runtime::Runtime* runtime, store::Store* store, bus::Bus* bus,
                                   const SystemParts* parts, base::WallTime started) {
  JsonArray loops;
  const auto running = runtime->tasks().running();
  for (std::size_t i = 0; i < runtime->size(); ++i) {
    const auto stats = runtime->loop(i).stats();
    const auto tasks = std::ranges::count(running, stats.name, &runtime::TaskInfo::loop);
    loops.push_back({{"name", stats.name},
                     {"lag_p99_ms", static_cast<double>(stats.lag_p99_us) / 1000},
                     {"lag_max_ms", static_cast<double>(stats.lag_max_us) / 1000},
                     {"stalls", stats.stalls},
                     {"tasks", tasks},
                     {"resumes", stats.resumes}});
  }
  const auto now = runtime->clock().wall();
  const auto stored = store->stats();
  co_return JsonObject{{"version", parts->version},
                       {"started_at", base::format_rfc3339(started)},
                       {"uptime_seconds", base::unix_seconds(now) - base::unix_seconds(started)},
                       {"loops", std::move(loops)},
                       {"process", parts->process()},
                       {"websocket_clients", parts->websocket_clients()},
                       {"events_seq", bus->last_seq()},
                       {"store",
                        {{"path", store->path()},
                         {"size_bytes", stored.size_bytes},
                         {"commits", stored.commits},
                         {"dropped", stored.dropped},
                         {"health", store->health()}}}};
}

runtime::OperationSpec read_spec(std::string name, std::string help, std::string permission,
                                 std::string path) {
  return {.name = std::move(name),
          .help = std::move(help),
          .permission = std::move(permission),
          .routes = {{"GET", std::move(path)}},
          .group = "Operations"};
}

}  // namespace

void declare_operations(Catalog& catalog, Dispatcher& service, runtime::Runtime& loops,
                        store::Store& history, bus::Bus& events, SystemParts given) {
  auto* const dispatcher = &service;
  auto* const runtime = &loops;
  auto* const store = &history;
  auto* const bus = &events;
  const auto parts = std::make_shared<const SystemParts>(std::move(given));
  const auto started = loops.clock().wall();
  catalog.add(runtime::declare<ListOperations, JsonObject>(
      read_spec("operations.list", "Operations, newest first", "operations:read",
                "/api/operations"),
      [dispatcher, store](ContextPtr context, ListOperations in) {
        return list_operations(dispatcher, store, std::move(context), std::move(in));
      }));
  auto one = read_spec("operations.get", "One operation, with its result", "operations:read",
                       "/api/operations/{id}");
  one.time_limit = std::chrono::minutes(6);
  catalog.add(runtime::declare<WaitFor, JsonObject>(
      std::move(one), [dispatcher](ContextPtr context, WaitFor in) {
        return get(dispatcher, std::move(context), std::move(in.id), base::from_seconds(in.wait));
      }));
  catalog.add(runtime::declare<OperationId, JsonObject>(
      {.name = "operations.cancel",
       .help = "Cancels a running operation",
       .permission = "operations:cancel",
       .changes = true,
       .routes = {{"POST", "/api/operations/{id}/cancel"}},
       .group = "Operations"},
      [dispatcher](ContextPtr context, OperationId in) {
        return cancel(dispatcher, std::move(context), std::move(in));
      }));
  catalog.add(runtime::declare<InputAnswer, JsonObject>(
      {.name = "operations.input",
       .help = "Answers what a running tool call asks",
       .permission = "tools:call",
       .changes = true,
       .routes = {{"POST", "/api/operations/{id}/input"}},
       .group = "Operations"},
      [dispatcher](ContextPtr context, InputAnswer in) {
        return answer(dispatcher, std::move(context), std::move(in));
      }));
  catalog.add(runtime::declare<runtime::Nothing, JsonObject>(
      read_spec("tasks.list", "Tasks that run, then the last that ended", "operations:read",
                "/api/tasks"),
      [runtime](ContextPtr context, runtime::Nothing) {
        return list_tasks(runtime, std::move(context));
      }));
  catalog.add(runtime::declare<ListEvents, JsonObject>(
      read_spec("events.list", "Events after a sequence number", "operations:read", "/api/events"),
      [bus](ContextPtr context, ListEvents in) {
        return list_events(bus, std::move(context), in);
      }));
  catalog.add(runtime::declare<runtime::Nothing, JsonObject>(
      read_spec("system.info", "This process: loops, memory, store", "system:read", "/api/system"),
      [runtime, store, bus, parts, started](ContextPtr, runtime::Nothing) {
        return system_info(runtime, store, bus, parts.get(), started);
      }));
}

}  // namespace telltale::catalog
