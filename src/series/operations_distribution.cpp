// metrics.distribution: how many values between which bounds, step by step.
#include <array>

#include "series/distribution.hpp"
#include "series/filter_rules.hpp"
#include "series/operations.hpp"
#include "series/selection.hpp"

namespace telltale::series {

using base::FieldRule;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct DistributeMetrics {
  std::string name, metric_name, metric_type, test_run_id, labels;
  std::optional<std::string> start, end, range, step;
};
BOOST_DESCRIBE_STRUCT(DistributeMetrics, (),
                      (name, metric_name, metric_type, test_run_id, labels, start, end, range,
                       step))
constexpr auto field_rules(const DistributeMetrics*) {
  return filter_rules_and(
      FieldRule{.name = "step", .help = "1m, 1h; default: about 100 of them", .maximum = 64});
}

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

Json quantile(const Rollup& total, double fraction) {
  const auto value = total.sketch.quantile(fraction);
  return value ? Json(*value) : Json(nullptr);
}

JsonObject answer_of(const Distribution& what, Span span) {
  JsonArray bounds;
  for (std::size_t i = 0; what.bins > 0 && i <= what.bins; ++i)
    bounds.push_back(Json(Sketch::bound(what.first_bin - 1 + static_cast<std::int32_t>(i))));
  JsonArray times;
  JsonArray counts;
  for (std::size_t i = 0; i < what.steps.size(); ++i) {
    times.push_back(Json(what.first_step_ms + static_cast<std::int64_t>(i) * what.step_ms));
    if (what.steps[i].empty()) {
      counts.push_back(nullptr);
      continue;
    }
    JsonArray one;
    for (const auto times_of : what.steps[i]) one.push_back(Json(times_of));
    counts.push_back(std::move(one));
  }
  const auto any = what.total.count > 0;
  return {{"start", base::format_rfc3339(base::from_unix_ms(span.from_ms))},
          {"end", base::format_rfc3339(base::from_unix_ms(span.to_ms))},
          {"step_ms", what.step_ms},
          {"bounds", std::move(bounds)},
          {"times", std::move(times)},
          {"counts", std::move(counts)},
          {"not_above_zero", what.not_above_zero},
          {"count", what.total.count},
          {"min", any ? Json(what.total.minimum) : Json(nullptr)},
          {"max", any ? Json(what.total.maximum) : Json(nullptr)},
          {"p50", quantile(what.total, 0.5)},
          {"p90", quantile(what.total, 0.9)},
          {"p95", quantile(what.total, 0.95)},
          {"p99", quantile(what.total, 0.99)}};
}

TaskResult<JsonObject> distribution(Engine* engine, ContextPtr context, DistributeMetrics input) {
  auto selector = selector_of(
      {input.name, input.metric_name, input.metric_type, input.test_run_id, input.labels});
  if (!selector) co_return std::unexpected(selector.error());
  if (selector->name.empty())
    co_return base::bad_field("/name", "is required: values of several metrics do not compare");
  auto span = span_of({input.start, input.end, input.range}, engine->clock(), kHourMs);
  if (!span) co_return std::unexpected(span.error());
  auto step_ms = step_for(3 * (span->to_ms - span->from_ms));
  if (input.step) {
    auto given = parse_duration(*input.step, "/step");
    if (!given) co_return std::unexpected(given.error());
    step_ms = *given;
  }
  if (auto kept = check_kept(*engine, *span, step_ms, step_ms); !kept)
    co_return std::unexpected(kept.error());
  auto entries = select(*engine, context->actor(), *selector, "/labels");
  if (!entries) co_return std::unexpected(entries.error());
  auto answer = co_await engine->store().read(
      [entries = std::move(*entries), span = *span, step_ms](store::Connection& db) {
        return run_distribution(db, entries, span, step_ms);
      });
  if (!answer) co_return std::unexpected(answer.error());
  co_return answer_of(*answer, *span);
}

}  // namespace

void declare_distribution(runtime::OperationRegistry& registry, Engine& engine) {
  registry.add(runtime::declare<DistributeMetrics, JsonObject>(
      {.name = "metrics.distribution",
       .help = "How many values of a metric lie between which bounds, step by step",
       .permission = "metrics:read",
       .routes = {{"GET", "/api/metrics/distribution"}},
       .group = "Metrics"},
      [engine = &engine](ContextPtr context, DistributeMetrics input) {
        return distribution(engine, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::series
