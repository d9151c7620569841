// analytics.reliability and .changes: how servers did day by day, and what was changed meanwhile.
#include "series/operations.hpp"
#include "series/point.hpp"
#include "series/reliability.hpp"
#include "series/selection.hpp"

namespace telltale::series {

using base::FieldRule;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct AskDays {
  std::string server;
  std::optional<std::string> start, end, range;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(AskDays, (), (server, start, end, range, limit))
constexpr auto field_rules(const AskDays*) {
  return std::array{
      FieldRule{.name = "server", .help = "its name", .maximum = 200, .has_default = true},
      FieldRule{.name = "start", .help = "RFC 3339 or Unix time", .maximum = 64},
      FieldRule{.name = "end", .help = "default: now", .maximum = 64},
      FieldRule{.name = "range", .help = "back from the end; default 30d", .maximum = 64},
      FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kUsualMs = 30 * kDayMs;
constexpr std::int64_t kLongestMs = 366 * kDayMs;
constexpr std::chrono::milliseconds kDay{kDayMs};
constexpr std::size_t kSumsMax = 400'000;  // servers times days

struct Asked {
  store::Range range;
  JsonObject head;
};

base::Result<Asked> asked_of(const AskDays& input, const runtime::Actor& actor,
                             const base::Clock& clock, bool whole_days) {
  auto span = span_of({input.start, input.end, input.range}, clock, kUsualMs);
  if (!span) return std::unexpected(span.error());
  if (span->to_ms - span->from_ms > kLongestMs)
    return base::bad_field("/range", "must be a year at most");
  if (!input.server.empty() && !actor.sees(input.server))
    return base::fail(base::Code::not_found, "there is no server called " + input.server);
  if (whole_days) span->from_ms = span->from_ms / kDayMs * kDayMs;
  Asked out{.range = {.from = base::from_unix_ms(span->from_ms),
                      .to = base::from_unix_ms(span->to_ms),
                      .server = input.server},
            .head = {}};
  out.head = {{"start", base::format_rfc3339(out.range.from)},
              {"end", base::format_rfc3339(out.range.to)},
              {"next_cursor", nullptr}};
  return out;
}

TaskResult<JsonObject> reliability(store::Store* store, ContextPtr context, AskDays input) {
  auto asked = asked_of(input, context->actor(), store->clock(), true);
  if (!asked) co_return std::unexpected(asked.error());
  const auto limit = static_cast<std::size_t>(input.limit);
  auto items = co_await store->read([range = asked->range, limit, actor = context->actor()](
                                        store::Connection& db) -> base::Result<JsonArray> {
    Reliability all;
    const auto take = [&](const auto& sums) -> base::Result<void> {
      if (!sums) return std::unexpected(sums.error());
      for (const auto& sum : *sums)
        if (actor.sees(sum.server)) all.add(sum);
      return {};
    };
    if (auto done = take(store::sum_health(db, range, kDay, kSumsMax)); !done)
      return std::unexpected(done.error());
    if (auto done = take(store::sum_calls(db, range, kDay, kSumsMax)); !done)
      return std::unexpected(done.error());
    if (auto done = take(store::sum_falls(db, range, kDay, kSumsMax)); !done)
      return std::unexpected(done.error());
    return all.result(limit);
  });
  if (!items) co_return std::unexpected(items.error());
  asked->head["items"] = std::move(*items);
  co_return std::move(asked->head);
}

TaskResult<JsonObject> changes(store::Store* store, ContextPtr context, AskDays input) {
  auto asked = asked_of(input, context->actor(), store->clock(), false);
  if (!asked) co_return std::unexpected(asked.error());
  const auto limit = static_cast<std::size_t>(input.limit);
  auto found = co_await store->read([range = asked->range, limit](store::Connection& db) {
    return store::change_markers(db, range, limit);
  });
  if (!found) co_return std::unexpected(found.error());
  JsonArray items;
  for (const auto& one : *found)
    if (one.server.empty() || context->actor().sees(one.server))
      items.push_back(JsonObject{
          {"time", base::format_rfc3339(one.time)}, {"server", one.server}, {"what", one.what}});
  asked->head["items"] = std::move(items);
  co_return std::move(asked->head);
}

void add(runtime::OperationRegistry& registry, store::Store& store, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(store::Store*, ContextPtr, AskDays)) {
  spec.permission = "metrics:read";
  spec.group = "Analytics";
  registry.add(runtime::declare<AskDays, JsonObject>(
      std::move(spec), [store = &store, body](ContextPtr context, AskDays input) {
        return body(store, std::move(context), std::move(input));
      }));
}

}  // namespace

void declare_reliability(runtime::OperationRegistry& registry, store::Store& store) {
  add(registry, store,
      {.name = "analytics.reliability",
       .help = "The reliability score of each server day by day, with its parts",
       .routes = {{"GET", "/api/analytics/reliability"}}},
      reliability);
  add(registry, store,
      {.name = "analytics.changes",
       .help = "Changes of the fleet: moments to compare before and after",
       .routes = {{"GET", "/api/analytics/changes"}}},
      changes);
}

}  // namespace telltale::series
