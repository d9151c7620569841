// metrics.list (points, and queries), metrics.summary, metrics.names.
#include "series/operations.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "series/anomalies.hpp"
#include "series/csv.hpp"
#include "series/filter_rules.hpp"
#include "series/selection.hpp"

namespace telltale::series {

using base::FieldRule;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct QueryMetrics {
  std::string name, metric_name, metric_type, test_run_id, labels;
  std::optional<std::string> q;
  std::optional<std::string> start, end, range;
  std::optional<std::string> step, agg, window;
  std::optional<std::vector<std::string>> by;
  std::optional<double> anomalies;
  int limit = 100;
  std::string cursor;
  std::string format = "json";
};
BOOST_DESCRIBE_STRUCT(QueryMetrics, (),
                      (name, metric_name, metric_type, test_run_id, labels, q, start, end, range,
                       step, agg, window, by, anomalies, limit, cursor, format))
constexpr auto field_rules(const QueryMetrics*) {
  return filter_rules_and(
      FieldRule{.name = "q",
                .help = "a query: rate(tool_calls{server=\"x\"}[5m]) by (tool)",
                .minimum = 1,
                .maximum = kExpressionMax},
      FieldRule{.name = "step", .help = "15s, 5m, 1h", .maximum = 64},
      FieldRule{.name = "agg", .help = "avg, rate, p99, …", .maximum = 64},
      FieldRule{.name = "window", .help = "each value's range; default: the step", .maximum = 64},
      FieldRule{.name = "by", .help = "labels to group by", .maximum = kMatchersMax},
      FieldRule{.name = "anomalies",
                .help = "of a query: also values of each curve with a robust z-score of so much",
                .minimum = 1,
                .maximum = 1'000},
      FieldRule{.name = "limit",
                .help = "of points without a query; as CSV 100000",
                .minimum = 1,
                .maximum = 10'000,
                .has_default = true},
      FieldRule{.name = "cursor", .maximum = 64, .has_default = true},
      FieldRule{.name = "format", .one_of = "json|csv", .has_default = true});
}

struct SummarizeMetrics {
  std::string name, metric_name, metric_type, test_run_id, labels;
  std::optional<double> window_hours;
  std::optional<std::string> start, end, range;
  std::optional<std::vector<std::string>> by;
};
BOOST_DESCRIBE_STRUCT(SummarizeMetrics, (),
                      (name, metric_name, metric_type, test_run_id, labels, window_hours, start,
                       end, range, by))
constexpr auto field_rules(const SummarizeMetrics*) {
  return filter_rules_and(
      FieldRule{.name = "window_hours",
                .help = "back from the end; default 24",
                .minimum = 0.001,
                .maximum = 87'840},
      FieldRule{.name = "by", .help = "labels to group by", .maximum = kMatchersMax});
}

struct NameMetrics {
  std::string q;
};
BOOST_DESCRIBE_STRUCT(NameMetrics, (), (q))
constexpr auto field_rules(const NameMetrics*) {
  return std::array{
      FieldRule{.name = "q", .help = "part of the name", .maximum = 200, .has_default = true}};
}

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::size_t kCsvPoints = 100'000;

std::string at(std::int64_t ms) {
  return base::format_rfc3339(base::from_unix_ms(ms));
}

JsonObject labels_json(const LabelList& labels) {
  JsonObject out;
  for (const auto& [label, value] : labels) out[label] = value;
  return out;
}

Filters filters_of(const auto& input) {
  return {input.name, input.metric_name, input.metric_type, input.test_run_id, input.labels};
}

// A cursor is the time of the last point and how many of that time were given.
struct Cursor {
  std::int64_t time_ms = 0;
  std::size_t given = 0;
};
base::Result<std::optional<Cursor>> cursor_of(const std::string& text) {
  if (text.empty()) return std::optional<Cursor>();
  Cursor out;
  const auto* const end = text.data() + text.size();
  const auto [dot, bad_time] = std::from_chars(text.data(), end, out.time_ms);
  if (bad_time == std::errc() && dot < end && *dot == '.') {
    const auto [stop, bad_count] = std::from_chars(dot + 1, end, out.given);
    if (bad_count == std::errc() && stop == end && out.given < 1'000'000) return std::optional(out);
  }
  return base::bad_field("/cursor", "must be a next_cursor of an answer");
}

struct Listing {
  std::vector<EntryPtr> entries;
  Span span;
  std::size_t limit;
  std::optional<Cursor> after;
};

TaskResult<std::vector<Raw>> read_listing(Engine* engine, Listing what) {
  co_return co_await engine->store().read(
      [what = std::move(what)](store::Connection& db) mutable -> base::Result<std::vector<Raw>> {
        std::size_t skipped = 0;
        if (what.after) {
          what.span.to_ms = std::min(what.span.to_ms, what.after->time_ms + 1);
          skipped = what.after->given;
        }
        auto out = newest_points(db, what.entries, what.span, what.limit + skipped);
        if (out)
          out->erase(out->begin(),
                     out->begin() + static_cast<std::ptrdiff_t>(std::min(skipped, out->size())));
        return out;
      });
}

std::string cursor_after(const std::vector<Raw>& points, const std::optional<Cursor>& before) {
  const auto time = points.back().point.time_ms;
  auto given = static_cast<std::size_t>(
      std::ranges::count_if(points, [&](const Raw& one) { return one.point.time_ms == time; }));
  if (before && before->time_ms == time) given += before->given;
  return std::to_string(time) + "." + std::to_string(given);
}

JsonObject record_of(const Raw& one) {
  JsonObject tags;
  Json type = nullptr;
  for (const auto& [label, value] : one.entry->labels) {
    if (*label == "metric_type") type = *value;
    tags[*label] = *value;
  }
  return {{"metric_name", *one.entry->name},
          {"metric_type", std::move(type)},
          {"value", one.point.value},
          {"unit", one.entry->unit.empty() ? Json(nullptr) : Json(one.entry->unit)},
          {"tags", std::move(tags)},
          {"timestamp", at(one.point.time_ms)}};
}

TaskResult<JsonObject> list(Engine* engine, ContextPtr context, QueryMetrics input) {
  auto selector = selector_of(filters_of(input));
  if (!selector) co_return std::unexpected(selector.error());
  auto cursor = cursor_of(input.cursor);
  if (!cursor) co_return std::unexpected(cursor.error());
  auto span = span_of({input.start, input.end, input.range}, engine->clock(), 24 * kHourMs);
  if (!span) co_return std::unexpected(span.error());
  auto entries = select(*engine, context->actor(), *selector, "/labels");
  if (!entries) co_return std::unexpected(entries.error());
  const bool csv = input.format == "csv";
  const auto limit = csv ? kCsvPoints : static_cast<std::size_t>(input.limit);
  auto points = co_await read_listing(engine, {std::move(*entries), *span, limit, *cursor});
  if (!points) co_return std::unexpected(points.error());
  if (csv) {
    auto curves = std::make_shared<const std::vector<Curve>>(curves_of(*points));
    if (context->answer_bytes(csv_answer(std::move(curves)))) co_return JsonObject();
    co_return base::bad_field("/format", "csv is answered over REST only");
  }
  JsonArray items;
  for (const auto& one : *points) items.push_back(record_of(one));
  const bool more = points->size() == limit;
  co_return JsonObject{
      {"items", std::move(items)},
      {"next_cursor", more ? Json(cursor_after(*points, *cursor)) : Json(nullptr)}};
}

// The query that the parameters make, in q or one by one.
base::Result<Expression> expression_of(const QueryMetrics& input) {
  Expression out;
  if (input.q) {
    auto parsed = parse_expression(*input.q, "/q");
    if (!parsed) return parsed;
    out = std::move(*parsed);
    if (!input.name.empty() || !input.metric_name.empty() || !input.labels.empty() ||
        !input.metric_type.empty() || !input.test_run_id.empty())
      return base::bad_field("/q", "says which series: leave out name, labels and the like");
  } else {
    auto selector = selector_of(filters_of(input));
    if (!selector) return std::unexpected(selector.error());
    out.selector = std::move(*selector);
  }
  if (input.agg) {
    if (out.function) return base::bad_field("/agg", "q has a function already");
    const auto known = function_of(*input.agg);
    if (!known)
      return base::bad_field("/agg", "must be one of " + std::string(function_names()) +
                                         "; quantile goes in q: quantile(0.95, name)");
    out.function = known->first;
    out.quantile = known->second;
  }
  if (input.window) {
    if (out.range_ms) return base::bad_field("/window", "q has a range already");
    auto range = parse_duration(*input.window, "/window");
    if (!range) return std::unexpected(range.error());
    out.range_ms = *range;
  }
  if (input.by) {
    if (out.by) return base::bad_field("/by", "q has a by already");
    out.by = input.by;
  }
  return out;
}

base::Result<Query> query_of(const Engine& engine, const runtime::Actor& actor,
                             const QueryMetrics& input, const Expression& expression) {
  Query out{.function = expression.function.value_or(Function::avg),
            .quantile = expression.quantile,
            .by = expression.by};
  auto span = span_of({input.start, input.end, input.range}, engine.clock(), kHourMs);
  if (!span) return std::unexpected(span.error());
  out.span = *span;
  const auto length = span->to_ms - span->from_ms;
  out.step_ms = step_for(length);
  if (input.step) {
    auto step = parse_duration(*input.step, "/step");
    if (!step) return std::unexpected(step.error());
    if (length / *step > static_cast<std::int64_t>(kStepsMax))
      return base::bad_field("/step", "would be over 11000 steps of this range");
    out.step_ms = *step;
  }
  out.range_ms = expression.range_ms.value_or(out.step_ms);
  const auto* const pointer = input.q ? "/q" : "/labels";
  auto entries = select(engine, actor, expression.selector, pointer);
  if (!entries) return std::unexpected(entries.error());
  if (out.by)
    if (auto known = check_by(*entries, *out.by, input.q ? "/q" : "/by"); !known)
      return std::unexpected(known.error());
  out.entries = std::move(*entries);
  if (auto kept = check_kept(engine, out.span, out.step_ms, out.range_ms); !kept)
    return std::unexpected(kept.error());
  return out;
}

JsonArray anomalies_json(const std::vector<Point>& points, const AnomalyRule& rule,
                         std::int64_t first_ms) {
  JsonArray out;
  for (const auto& one : find_anomalies(points, rule))
    if (one.point.time_ms >= first_ms)
      out.push_back({{"time", one.point.time_ms},
                     {"value", one.point.value},
                     {"expected", one.expected},
                     {"score", one.score}});
  return out;
}

TaskResult<JsonObject> query(Engine* engine, ContextPtr context, QueryMetrics input) {
  auto expression = expression_of(input);
  if (!expression) co_return std::unexpected(expression.error());
  if (!input.cursor.empty()) co_return base::bad_field("/cursor", "a query has none");
  auto asked = query_of(*engine, context->actor(), input, *expression);
  if (!asked) co_return std::unexpected(asked.error());
  // To judge the first values those before them are needed.
  const auto first_ms = floor_to(asked->span.from_ms, asked->step_ms);
  const auto asked_from_ms = asked->span.from_ms;
  const AnomalyRule rule{
      .threshold = input.anomalies.value_or(0),
      .reach_ms = 2 * static_cast<std::int64_t>(AnomalyRule{}.window) * asked->step_ms};
  if (input.anomalies) {
    if (input.format == "csv") co_return base::bad_field("/anomalies", "csv has points only");
    asked->span.from_ms = first_ms - rule.reach_ms;
  }
  const auto what = std::make_shared<const Query>(std::move(*asked));
  auto answer =
      co_await engine->store().read([what](store::Connection& db) { return run_query(db, *what); });
  if (!answer) co_return std::unexpected(answer.error());
  if (input.format == "csv") {
    auto curves = std::make_shared<const std::vector<Curve>>(std::move(answer->curves));
    if (context->answer_bytes(csv_answer(std::move(curves)))) co_return JsonObject();
    co_return base::bad_field("/format", "csv is answered over REST only");
  }
  JsonArray series;
  for (const auto& curve : answer->curves) {
    JsonArray points;
    points.reserve(curve.points.size());
    for (const auto& point : curve.points)
      if (point.time_ms >= first_ms)
        points.push_back(JsonArray{Json(point.time_ms),
                                   std::isfinite(point.value) ? Json(point.value) : Json(nullptr)});
    if (points.empty() && !curve.points.empty()) continue;  // it had some before only
    JsonObject one{
        {"name", curve.name}, {"labels", labels_json(curve.labels)}, {"points", std::move(points)}};
    if (input.anomalies) one["anomalies"] = anomalies_json(curve.points, rule, first_ms);
    series.push_back(std::move(one));
  }
  if (!expression->function) expression->function = Function::avg;
  const auto level = answer->level;
  co_return JsonObject{{"query", text_of(*expression)},
                       {"start", at(asked_from_ms)},
                       {"end", at(what->span.to_ms)},
                       {"step_ms", what->step_ms},
                       {"window_ms", what->range_ms},
                       {"resolution", level == 0 ? "points" : duration_text(kResolutionsMs[level])},
                       {"series", std::move(series)}};
}

TaskResult<JsonObject> list_or_query(Engine* engine, ContextPtr context, QueryMetrics input) {
  if (input.q || input.step || input.agg || input.window || input.by || input.anomalies)
    return query(engine, std::move(context), std::move(input));
  return list(engine, std::move(context), std::move(input));
}

JsonObject figures_json(const Rollup& total) {
  if (total.count == 0)
    return {{"count", 0},     {"sum", 0},        {"avg", nullptr}, {"min", nullptr},
            {"max", nullptr}, {"last", nullptr}, {"p50", nullptr}, {"p90", nullptr},
            {"p95", nullptr}, {"p99", nullptr},  {"increase", 0}};
  const auto quantile = [&](double fraction) { return *total.sketch.quantile(fraction); };
  return {{"count", total.count},  {"sum", total.sum},          {"avg", total.average()},
          {"min", total.minimum},  {"max", total.maximum},      {"last", total.last},
          {"p50", quantile(0.5)},  {"p90", quantile(0.9)},      {"p95", quantile(0.95)},
          {"p99", quantile(0.99)}, {"increase", total.increase}};
}

TaskResult<JsonObject> summary(Engine* engine, ContextPtr context, SummarizeMetrics input) {
  auto selector = selector_of(filters_of(input));
  if (!selector) co_return std::unexpected(selector.error());
  if (selector->name.empty() && selector->matchers.empty())
    co_return base::bad_field("/name", "say of which: name, metric_type, labels");
  if (input.window_hours && (input.range || input.start))
    co_return base::bad_field("/window_hours", "says the same as start or range: give one of them");
  const auto back = input.window_hours.value_or(24) * static_cast<double>(kHourMs);
  auto span = span_of({input.start, input.end, input.range}, engine->clock(),
                      static_cast<std::int64_t>(back));
  if (!span) co_return std::unexpected(span.error());
  auto entries = select(*engine, context->actor(), *selector, "/labels");
  if (!entries) co_return std::unexpected(entries.error());
  const auto by = input.by.value_or(std::vector<std::string>());
  if (auto known = check_by(*entries, by, "/by"); !known) co_return std::unexpected(known.error());
  auto figures = co_await engine->store().read(
      [entries = std::move(*entries), span = *span, by](store::Connection& db) {
        return summarize(db, entries, span, by);
      });
  if (!figures) co_return std::unexpected(figures.error());
  Rollup all;
  JsonArray items;
  for (const auto& one : *figures) {
    all.merge(one.total);
    auto item = figures_json(one.total);
    item["name"] = one.name;
    item["labels"] = labels_json(one.labels);
    items.push_back(std::move(item));
  }
  auto out = figures_json(all);
  out["start"] = at(span->from_ms);
  out["end"] = at(span->to_ms);
  out["items"] = std::move(items);
  co_return out;
}

TaskResult<JsonObject> names(Engine* engine, ContextPtr context, NameMetrics input) {
  JsonArray items;
  for (const auto& name : engine->index().names()) {
    if (name.find(input.q) == std::string::npos) continue;
    std::set<std::string> labels;
    std::size_t count = 0;
    std::string unit;
    std::int64_t newest = 0;
    for (const auto& entry : engine->index().find(name)) {
      const auto last = entry->series.with([](const Series& one) { return one.newest_ms(); });
      if (last == 0 || !visible(context->actor(), *entry)) continue;  // 0: a refused request's
      ++count;
      for (const auto& [label, ignored] : entry->labels) labels.insert(*label);
      if (unit.empty()) unit = entry->unit;
      newest = std::max(newest, last);
    }
    if (count == 0) continue;
    JsonArray label_names;
    for (const auto& label : labels) label_names.push_back(Json(label));
    items.push_back({{"name", name},
                     {"unit", unit.empty() ? Json(nullptr) : Json(unit)},
                     {"series", count},
                     {"labels", std::move(label_names)},
                     {"newest", at(newest)}});
  }
  co_return JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}};
}

// A page of points, a query's curves, or either as CSV.
JsonObject list_schema() {
  const JsonObject text{{"type", "string"}};
  const JsonObject number{{"type", "number"}};
  const JsonObject labels{{"type", "object"}, {"additionalProperties", text}};
  const auto object = [](JsonObject properties) {
    JsonArray required;
    for (const auto& one : properties) required.push_back(Json(one.key()));
    return JsonObject{{"type", "object"},
                      {"properties", std::move(properties)},
                      {"required", std::move(required)}};
  };
  const auto list = [](JsonObject items) {
    return JsonObject{{"type", "array"}, {"items", std::move(items)}};
  };
  const auto page = object(
      {{"items", list({{"type", "object"}})}, {"next_cursor", {{"type", {"string", "null"}}}}});
  auto curve = object({{"name", text},
                       {"labels", labels},
                       {"points", list({{"type", "array"},
                                        {"prefixItems", {number, {{"type", {"number", "null"}}}}},
                                        {"description", "[milliseconds since 1970, value]"}})}});
  curve["properties"].as_object()["anomalies"] =
      list(object({{"time", number}, {"value", number}, {"expected", number}, {"score", number}}));
  const auto query = object({{"query", text},
                             {"start", text},
                             {"end", text},
                             {"step_ms", number},
                             {"window_ms", number},
                             {"resolution", text},
                             {"series", list(curve)}});
  return {{"oneOf", {page, query, {{"type", "string"}, {"contentMediaType", "text/csv"}}}}};
}

template <class Input>
runtime::Operation declared(Engine& engine, runtime::OperationSpec spec,
                            TaskResult<JsonObject> (*body)(Engine*, ContextPtr, Input)) {
  spec.permission = "metrics:read";
  spec.group = "Metrics";
  return runtime::declare<Input, JsonObject>(
      std::move(spec), [engine = &engine, body](ContextPtr context, Input input) {
        return body(engine, std::move(context), std::move(input));
      });
}

template <class Input>
void add(runtime::OperationRegistry& registry, Engine& engine, runtime::OperationSpec spec,
         TaskResult<JsonObject> (*body)(Engine*, ContextPtr, Input)) {
  registry.add(declared(engine, std::move(spec), body));
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Engine& engine) {
  runtime::OperationSpec listing{
      .name = "metrics.list",
      .help =
          "Points of metrics, newest first; with q, step, agg, window or by: a query. As CSV "
          "with format=csv or Accept: text/csv",
      .routes = {{"GET", "/api/metrics"}}};
  listing.gives_bytes = true;
  auto listed = declared(engine, std::move(listing), list_or_query);
  listed.output_schema = list_schema();
  registry.add(std::move(listed));
  add(registry, engine,
      {.name = "metrics.summary",
       .help = "Exact counts and sums, and quantiles within 1 %, of a range of time",
       .routes = {{"GET", "/api/metrics/summary"}}},
      summary);
  add(registry, engine,
      {.name = "metrics.names",
       .help = "The names there are, with their labels",
       .routes = {{"GET", "/api/metrics/names"}}},
      names);
  declare_distribution(registry, engine);
  declare_write_operations(registry, engine);
}

}  // namespace telltale::series
