// analytics.heatmap, .slowest, .errors, .compare: from the calls the store has.
#include "series/analytics.hpp"
#include "series/operations.hpp"
#include "series/selection.hpp"

namespace telltale::series {

using base::FieldRule;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct AskCalls {
  std::string server, tool;
  std::optional<std::string> start, end, range;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(AskCalls, (), (server, tool, start, end, range, limit))
constexpr auto field_rules(const AskCalls*) {
  return std::array{
      FieldRule{.name = "server", .help = "its name", .maximum = 200, .has_default = true},
      FieldRule{.name = "tool", .maximum = 200, .has_default = true},
      FieldRule{.name = "start", .help = "RFC 3339 or Unix time", .maximum = 64},
      FieldRule{.name = "end", .help = "default: now", .maximum = 64},
      FieldRule{.name = "range", .help = "back from the end; default 24h", .maximum = 64},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

struct AskHeatmap {
  std::string server, tool;
  std::optional<std::string> start, end, range;
  int limit = 100;
  std::string value = "count";
};
BOOST_DESCRIBE_STRUCT(AskHeatmap, (), (server, tool, start, end, range, limit, value))
constexpr auto field_rules(const AskHeatmap*) {
  return std::array{
      FieldRule{.name = "server", .help = "its name", .maximum = 200, .has_default = true},
      FieldRule{.name = "tool", .maximum = 200, .has_default = true},
      FieldRule{.name = "start", .help = "RFC 3339 or Unix time", .maximum = 64},
      FieldRule{.name = "end", .help = "default: now", .maximum = 64},
      FieldRule{.name = "range", .help = "back from the end; default 24h", .maximum = 64},
      FieldRule{
          .name = "limit", .help = "rows", .minimum = 1, .maximum = 1000, .has_default = true},
      FieldRule{.name = "value", .one_of = "count|errors|p95", .has_default = true}};
}

struct AskCompare {
  std::string server, tool;
  std::string at;
  std::string range = "1h";
};
BOOST_DESCRIBE_STRUCT(AskCompare, (), (server, tool, at, range))
constexpr auto field_rules(const AskCompare*) {
  return std::array{
      FieldRule{.name = "server", .help = "its name", .maximum = 200, .has_default = true},
      FieldRule{.name = "tool", .maximum = 200, .has_default = true},
      FieldRule{.name = "at", .help = "the moment of the change", .minimum = 1, .maximum = 64},
      FieldRule{.name = "range",
                .help = "of time before and after it",
                .maximum = 64,
                .has_default = true}};
}

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::size_t kCallsRead = 2'000'000;
constexpr std::int64_t kHeatmapMax = 32 * kDayMs;

// The newest calls of a range that the actor may see, one by one to `tally`; whether there were
// more than are read.
template <class Tally>
TaskResult<bool> tally_calls(store::Store* store, runtime::Actor actor, store::CallRange range,
                             std::shared_ptr<Tally> tally) {
  range.limit = kCallsRead;
  co_return co_await store->read([actor = std::move(actor), range = std::move(range),
                                  tally](store::Connection& db) -> base::Result<bool> {
    std::size_t read = 0;
    auto done = store::read_calls(db, range, [&](const store::CallRecord& call) {
      ++read;
      if (actor.sees(call.server)) tally->add(call);
    });
    if (!done) return std::unexpected(done.error());
    return read == kCallsRead;
  });
}

// A server that one may not see is not there; nor is one that never was called.
base::Result<store::CallRange> range_of(const auto& input, const runtime::Actor& actor, Span span) {
  if (!input.server.empty() && !actor.sees(input.server))
    return base::fail(base::Code::not_found, "there is no server called " + input.server);
  return store::CallRange{.server = input.server,
                          .tool = input.tool,
                          .from = base::from_unix_ms(span.from_ms),
                          .to = base::from_unix_ms(span.to_ms)};
}

JsonObject head(Span span, bool cut) {
  return {{"start", base::format_rfc3339(base::from_unix_ms(span.from_ms))},
          {"end", base::format_rfc3339(base::from_unix_ms(span.to_ms))},
          {"truncated", cut}};
}

TaskResult<JsonObject> heatmap(store::Store* store, ContextPtr context, AskHeatmap input) {
  auto span = span_of({input.start, input.end, input.range}, store->clock(), kDayMs);
  if (!span) co_return std::unexpected(span.error());
  if (span->to_ms - span->from_ms > kHeatmapMax)
    co_return base::bad_field("/range", "must be 32 days at most");
  const Span hours{floor_to(span->from_ms, kHourMs), floor_to(span->to_ms - 1, kHourMs) + kHourMs};
  auto range = range_of(input, context->actor(), hours);
  if (!range) co_return std::unexpected(range.error());
  using Value = Heatmap::Value;
  const auto tally = std::make_shared<Heatmap>(input.value == "p95"      ? Value::p95
                                               : input.value == "errors" ? Value::errors
                                                                         : Value::count,
                                               hours);
  auto cut = co_await tally_calls(store, context->actor(), std::move(*range), tally);
  if (!cut) co_return std::unexpected(cut.error());
  auto out = head(hours, *cut);
  out["value"] = input.value;
  for (auto& item : tally->result(static_cast<std::size_t>(input.limit)))
    out[item.key()] = std::move(item.value());
  co_return out;
}

template <class Tally>
TaskResult<JsonObject> listed(store::Store* store, ContextPtr context, AskCalls input) {
  auto span = span_of({input.start, input.end, input.range}, store->clock(), kDayMs);
  if (!span) co_return std::unexpected(span.error());
  auto range = range_of(input, context->actor(), *span);
  if (!range) co_return std::unexpected(range.error());
  const auto tally = std::make_shared<Tally>();
  auto cut = co_await tally_calls(store, context->actor(), std::move(*range), tally);
  if (!cut) co_return std::unexpected(cut.error());
  auto out = head(*span, *cut);
  out["items"] = tally->result(static_cast<std::size_t>(input.limit));
  out["next_cursor"] = nullptr;
  co_return out;
}

TaskResult<JsonObject> compare(store::Store* store, ContextPtr context, AskCompare input) {
  auto at = time_of(std::string_view(input.at), "/at");
  if (!at) co_return std::unexpected(at.error());
  auto around = parse_duration(input.range, "/range");
  if (!around) co_return std::unexpected(around.error());
  const Span span{*at - *around, *at + *around};
  auto range = range_of(input, context->actor(), span);
  if (!range) co_return std::unexpected(range.error());
  const auto tally = std::make_shared<Comparison>(base::from_unix_ms(*at));
  auto cut = co_await tally_calls(store, context->actor(), std::move(*range), tally);
  if (!cut) co_return std::unexpected(cut.error());
  auto out = head(span, *cut);
  out["at"] = base::format_rfc3339(base::from_unix_ms(*at));
  out["items"] = tally->result();
  out["next_cursor"] = nullptr;
  co_return out;
}

template <class Input>
void add(runtime::OperationRegistry& registry, store::Store& store, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(store::Store*, ContextPtr, Input)) {
  spec.permission = "metrics:read";
  spec.group = "Analytics";
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [store = &store, body](ContextPtr context, Input input) {
        return body(store, std::move(context), std::move(input));
      }));
}

}  // namespace

void declare_analytics(runtime::OperationRegistry& registry, store::Store& store) {
  add(registry, store,
      {.name = "analytics.heatmap",
       .help = "Tool calls by tool and hour: how many, how many failed, or their p95",
       .routes = {{"GET", "/api/analytics/heatmap"}}},
      heatmap);
  add(registry, store,
      {.name = "analytics.slowest",
       .help = "Tools by the p95 of their calls",
       .routes = {{"GET", "/api/analytics/slowest"}}},
      listed<Slowest>);
  add(registry, store,
      {.name = "analytics.errors",
       .help = "Failed calls by what their messages have in common",
       .routes = {{"GET", "/api/analytics/errors"}}},
      listed<ErrorClusters>);
  add(registry, store,
      {.name = "analytics.compare",
       .help = "Calls before and after a moment, tool by tool, with the size of the effect",
       .routes = {{"GET", "/api/analytics/compare"}}},
      compare);
}

}  // namespace telltale::series
