#include "catalog/traces.hpp"

#include <algorithm>

#include "catalog/running.hpp"
#include "catalog/spans.hpp"
#include "catalog/visibility.hpp"
#include "store/traces.hpp"

namespace telltale::catalog {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;
using Rule = base::FieldRule;

struct ListTraces {
  int limit = 100;
  std::string cursor, operation, server, actor, from, to;
  double min_ms = 0;
  bool failed = false;
};
BOOST_DESCRIBE_STRUCT(ListTraces, (),
                      (limit, cursor, operation, server, actor, from, to, min_ms, failed))
constexpr auto field_rules(const ListTraces*) {
  return std::array{
      Rule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true},
      Rule{.name = "cursor", .has_default = true},
      Rule{.name = "operation",
           .help = "of its first operation",
           .maximum = 100,
           .has_default = true},
      Rule{.name = "server", .help = "its name", .maximum = 200, .has_default = true},
      Rule{.name = "actor", .maximum = 200, .has_default = true},
      Rule{.name = "from", .help = "RFC 3339; default: a day ago", .has_default = true},
      Rule{.name = "to", .help = "RFC 3339; default: now", .has_default = true},
      Rule{.name = "min_ms", .help = "took at least that", .minimum = 0, .has_default = true},
      Rule{.name = "failed",
           .help = "an operation of it failed, or a part of the first",
           .has_default = true}};
}

struct TraceId {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(TraceId, (), (id))
constexpr auto field_rules(const TraceId*) {
  return std::array{Rule{.name = "id",
                         .help = "a trace's id, or that of one of its operations",
                         .minimum = 1,
                         .maximum = 64}};
}

namespace {

constexpr std::size_t kOperationsMax = 1000;  // of one trace

base::Result<base::WallTime> moment(const std::string& text, const char* pointer,
                                    base::WallTime otherwise) {
  if (text.empty()) return otherwise;
  auto time = base::parse_rfc3339(text);
  if (!time) return base::bad_field(pointer, "must be a time as RFC 3339 writes it");
  return *time;
}

JsonObject describe_trace(const store::TraceRecord& trace) {
  const auto& first = trace.first;
  const auto spans = describe_spans(first.spans);
  // The tool that was called, where one was.
  const auto named = std::ranges::find_if(spans, [](const Json& span) {
    return !base::string_or(span.get_object(), "detail").empty();
  });
  const auto went_wrong = std::ranges::any_of(
      spans, [](const Json& span) { return !span.get_object().at("ok").get_bool(); });
  return {{"trace_id", first.trace_id},
          {"operation_id", first.operation_id},
          {"operation", first.operation},
          {"actor", first.actor},
          {"subject", first.subject},
          {"detail", named == spans.end() ? Json("") : named->get_object().at("detail")},
          {"status", first.status},
          {"start_time", base::format_rfc3339(first.start_time)},
          {"duration_ms", trace.operations > 1 ? trace.duration_ms
                                               : first.duration_ms.value_or(trace.duration_ms)},
          {"operations", trace.operations},
          {"spans", spans.size()},
          {"failed", trace.failed},
          {"ok", trace.failed == 0 && !went_wrong}};
}

TaskResult<JsonObject> list(Dispatcher* dispatcher, store::Store* store, ContextPtr context,
                            ListTraces in) {
  const auto now = store->clock().wall();
  auto to = moment(in.to, "/to", now);
  if (!to) co_return std::unexpected(to.error());
  auto from = moment(in.from, "/from", *to - std::chrono::days(1));
  if (!from) co_return std::unexpected(from.error());
  if (*from >= *to) co_return base::bad_field("/from", "must be before `to`");
  auto traces = co_await store::list_traces(*store, {.operation = in.operation,
                                                     .subject = in.server,
                                                     .actor = in.actor,
                                                     .failed_only = in.failed,
                                                     .min_ms = in.min_ms,
                                                     .from = *from,
                                                     .to = *to,
                                                     .limit = static_cast<std::size_t>(in.limit),
                                                     .before_id = in.cursor});
  if (!traces) co_return std::unexpected(traces.error());
  JsonArray items;
  for (const auto& trace : *traces) {
    auto shown = describe_trace(trace);
    if (sees(context->actor(), dispatcher->catalog(), shown)) items.push_back(std::move(shown));
  }
  const bool more = traces->size() == static_cast<std::size_t>(in.limit);
  co_return JsonObject{
      {"from", base::format_rfc3339(*from)},
      {"to", base::format_rfc3339(*to)},
      {"items", std::move(items)},
      {"next_cursor", more ? Json(traces->back().first.operation_id) : Json(nullptr)}};
}

TaskResult<JsonObject> get(Dispatcher* dispatcher, store::Store* store, ContextPtr context,
                           TraceId in) {
  const auto unknown = base::fail(base::Code::not_found, "no trace has the id " + in.id);
  auto id = in.id;
  if (id.starts_with("op_")) {
    auto operation = co_await dispatcher->describe(id, {});
    if (!operation) co_return unknown;
    id = base::string_or(*operation, "trace_id");
  }
  // What runs or has just ended is as it is now; the store follows within a second.
  auto operations = dispatcher->of_trace(id);
  auto kept = co_await store::trace_operations(*store, id, kOperationsMax);
  if (!kept) co_return std::unexpected(kept.error());
  const auto has = [&](const std::string& operation_id) {
    return std::ranges::any_of(operations, [&](const JsonObject& one) {
      return base::string_or(one, "operation_id") == operation_id;
    });
  };
  for (const auto& record : *kept)
    if (!has(record.operation_id)) operations.push_back(describe_record(record));
  std::erase_if(operations, [&](const JsonObject& one) {
    return !sees(context->actor(), dispatcher->catalog(), one);
  });
  if (operations.empty()) co_return unknown;
  std::ranges::sort(operations, {},
                    [](const JsonObject& one) { return base::string_or(one, "operation_id"); });
  JsonArray out;
  for (auto& one : operations) {
    one.erase("result");
    out.push_back(std::move(one));
  }
  co_return JsonObject{{"trace_id", id}, {"operations", std::move(out)}};
}

}  // namespace

void declare_traces(Catalog& catalog, Dispatcher& service, store::Store& history) {
  auto* const dispatcher = &service;
  auto* const store = &history;
  catalog.add(runtime::declare<ListTraces, JsonObject>(
      {.name = "traces.list",
       .help = "Traces, newest first, by their first operation",
       .permission = "operations:read",
       .routes = {{"GET", "/api/traces"}},
       .group = "Traces"},
      [dispatcher, store](ContextPtr context, ListTraces in) {
        return list(dispatcher, store, std::move(context), std::move(in));
      }));
  catalog.add(runtime::declare<TraceId, JsonObject>(
      {.name = "traces.get",
       .help = "One trace: its operations and their spans",
       .permission = "operations:read",
       .routes = {{"GET", "/api/traces/{id}"}},
       .group = "Traces"},
      [dispatcher, store](ContextPtr context, TraceId in) {
        return get(dispatcher, store, std::move(context), std::move(in));
      }));
}

}  // namespace telltale::catalog
