// metrics.record and metrics.delete.
#include "series/operations.hpp"
#include "series/selection.hpp"

namespace telltale::series {

using base::FieldRule;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

constexpr double kPointsMax = 100'000;  // of one request
constexpr std::int64_t kAheadMs = 600'000;

// As the original lab takes one.
struct OneMetric {
  std::optional<std::string> metric_type;
  std::string metric_name;
  double value = 0;
  std::optional<std::string> unit;
  JsonObject tags;
  std::optional<Json> timestamp;
};
BOOST_DESCRIBE_STRUCT(OneMetric, (), (metric_type, metric_name, value, unit, tags, timestamp))
constexpr auto field_rules(const OneMetric*) {
  return std::array{
      FieldRule{.name = "metric_type", .help = "becomes a label", .minimum = 1, .maximum = 256},
      FieldRule{.name = "tags", .help = "become labels", .has_default = true},
      FieldRule{.name = "timestamp", .help = "RFC 3339 or Unix time; default: now"}};
}

struct SeriesPoints {
  std::string name;
  JsonObject labels;
  std::optional<std::string> unit;
  JsonArray points;
};
BOOST_DESCRIBE_STRUCT(SeriesPoints, (), (name, labels, unit, points))
constexpr auto field_rules(const SeriesPoints*) {
  return std::array{FieldRule{.name = "labels", .has_default = true},
                    FieldRule{.name = "points", .help = "[[time, value], …]"}};
}

struct RecordMetrics {
  std::optional<std::string> metric_type;
  std::optional<std::string> metric_name;
  std::optional<double> value;
  std::optional<std::string> unit;
  JsonObject tags;
  std::optional<Json> timestamp;
  std::vector<OneMetric> metrics;
  std::vector<SeriesPoints> series;
};
BOOST_DESCRIBE_STRUCT(RecordMetrics, (),
                      (metric_type, metric_name, value, unit, tags, timestamp, metrics, series))
constexpr auto field_rules(const RecordMetrics*) {
  return std::array{
      FieldRule{.name = "metric_name", .help = "of one metric; or give metrics, or series"},
      FieldRule{.name = "tags", .help = "become labels", .has_default = true},
      FieldRule{.name = "timestamp", .help = "RFC 3339 or Unix time; default: now"},
      FieldRule{.name = "metrics",
                .help = "[{metric_type?, metric_name, value, unit?, tags?, timestamp?}]",
                .maximum = kPointsMax,
                .has_default = true},
      FieldRule{.name = "series",
                .help = "[{name, labels?, unit?, points: [[time, value], …]}]",
                .maximum = kPointsMax,
                .has_default = true}};
}

struct DeleteMetrics {
  std::string name;
  std::string labels;
};
BOOST_DESCRIBE_STRUCT(DeleteMetrics, (), (name, labels))
constexpr auto field_rules(const DeleteMetrics*) {
  return std::array{FieldRule{.name = "name", .maximum = 200, .has_default = true},
                    FieldRule{.name = "labels",
                              .help = "matchers: tool=\"x\", server=~\"a.*\"",
                              .maximum = kExpressionMax,
                              .has_default = true}};
}

namespace {

struct Given {
  EntryPtr entry;
  Point point;
  std::string pointer;
};

base::Result<LabelList> labels_of(const JsonObject& object, const std::string& pointer) {
  LabelList out;
  for (const auto& item : object) {
    const auto& value = item.value();
    const auto label = std::string(item.key());
    if (value.is_string())
      out.emplace_back(label, std::string(value.get_string()));
    else if (value.is_number() || value.is_bool())
      out.emplace_back(label, base::write_json(value));
    else
      return base::bad_field(pointer + base::pointer_step(label),
                             "must be a string, a number or true or false");
  }
  return out;
}

// What a request says, checked whole before any of it is taken.
class Reader {
 public:
  Reader(Engine& engine, const runtime::Actor& actor)
      : engine_(engine), actor_(actor), now_ms_(base::unix_ms(engine.clock().wall())) {}

  base::Result<void> one(const OneMetric& metric, const std::string& pointer) {
    auto labels = labels_of(metric.tags, pointer + "/tags");
    if (!labels) return std::unexpected(labels.error());
    if (metric.metric_type) labels->emplace_back("metric_type", *metric.metric_type);
    auto entry = get(metric.metric_name, std::move(*labels), metric.unit, pointer);
    if (!entry) return std::unexpected(entry.error());
    auto time = base::Result<std::int64_t>(now_ms_);
    if (metric.timestamp) time = time_of(*metric.timestamp, pointer + "/timestamp");
    return take(*entry, time, metric.value, pointer + "/timestamp", pointer + "/value");
  }

  base::Result<void> many(const SeriesPoints& series, const std::string& pointer) {
    auto labels = labels_of(series.labels, pointer + "/labels");
    if (!labels) return std::unexpected(labels.error());
    auto entry = get(series.name, std::move(*labels), series.unit, pointer);
    if (!entry) return std::unexpected(entry.error());
    for (std::size_t i = 0; i < series.points.size(); ++i) {
      const auto at = pointer + "/points/" + std::to_string(i);
      const auto* pair = series.points[i].if_array();
      if (pair == nullptr || pair->size() != 2) return base::bad_field(at, "must be [time, value]");
      if (!(*pair)[1].is_number()) return base::bad_field(at + "/1", "must be a number");
      auto taken = take(*entry, time_of((*pair)[0], at + "/0"), (*pair)[1].to_number<double>(),
                        at + "/0", at + "/1");
      if (!taken) return taken;
    }
    return {};
  }

  JsonObject append() {
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t refused = 0;
    JsonArray reasons;
    for (const auto& [entry, point, pointer] : given_) {
      const auto taken = engine_.append(*entry, point);
      accepted += taken == Taken::yes ? 1 : 0;
      duplicates += taken == Taken::duplicate ? 1 : 0;
      if (taken == Taken::yes || taken == Taken::duplicate) continue;
      if (++refused <= 20)
        reasons.push_back({{"pointer", pointer},
                           {"reason", taken == Taken::too_old
                                          ? "is over 10 minutes older than the newest of its series"
                                          : "over 1024 different values of one moment"}});
    }
    return {{"success", refused == 0},
            {"accepted", accepted},
            {"duplicates", duplicates},
            {"refused", refused},
            {"refusals", std::move(reasons)}};
  }

 private:
  base::Result<EntryPtr> get(const std::string& name, LabelList labels,
                             const std::optional<std::string>& unit, const std::string& pointer) {
    for (std::size_t i = 0; i < labels.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (labels[i].first == labels[j].first)
          return base::bad_field(pointer + "/tags" + base::pointer_step(labels[i].first),
                                 "is given twice");
    for (const auto& [label, value] : labels)
      if (label == "server" && !value.empty() && !actor_.sees(value))
        return base::bad_field(pointer, "there is no server called " + value);
    return engine_.get(name, std::move(labels), unit.value_or(""), pointer);
  }

  base::Result<void> take(const EntryPtr& entry, const base::Result<std::int64_t>& time,
                          double value, std::string time_pointer,
                          const std::string& value_pointer) {
    if (!time) return std::unexpected(time.error());
    if (*time > now_ms_ + kAheadMs)
      return base::bad_field(time_pointer, "is over 10 minutes in the future");
    if (!std::isfinite(value)) return base::bad_field(value_pointer, "must be a finite number");
    if (given_.size() >= static_cast<std::size_t>(kPointsMax))
      return base::fail(base::Code::too_large, "at most 100000 points in one request");
    given_.push_back({entry, {*time, value}, std::move(time_pointer)});
    return {};
  }

  Engine& engine_;
  const runtime::Actor& actor_;
  const std::int64_t now_ms_;
  std::vector<Given> given_;
};

TaskResult<JsonObject> record(Engine* engine, ContextPtr context, RecordMetrics input) {
  Reader reader(*engine, context->actor());
  const bool single = input.metric_name || input.value || input.metric_type || input.timestamp ||
                      input.unit || !input.tags.empty();
  if (single) {
    if (!input.metric_name) co_return base::bad_field("/metric_name", "is required");
    if (!input.value) co_return base::bad_field("/value", "is required");
    const OneMetric one{.metric_type = input.metric_type,
                        .metric_name = *input.metric_name,
                        .value = *input.value,
                        .unit = input.unit,
                        .tags = input.tags,
                        .timestamp = input.timestamp};
    if (auto read = reader.one(one, ""); !read) co_return std::unexpected(read.error());
  }
  for (std::size_t i = 0; i < input.metrics.size(); ++i)
    if (auto read = reader.one(input.metrics[i], "/metrics/" + std::to_string(i)); !read)
      co_return std::unexpected(read.error());
  for (std::size_t i = 0; i < input.series.size(); ++i)
    if (auto read = reader.many(input.series[i], "/series/" + std::to_string(i)); !read)
      co_return std::unexpected(read.error());
  if (!single && input.metrics.empty() && input.series.empty())
    co_return base::bad_field("", "give metric_name and value, or metrics, or series");
  co_return reader.append();
}

TaskResult<JsonObject> remove(Engine* engine, ContextPtr context, DeleteMetrics input) {
  if (input.name.empty() && input.labels.empty())
    co_return base::bad_field("/name", "say which: a name, labels, or both");
  auto selector = selector_of({.name = input.name, .labels = input.labels});
  if (!selector) co_return std::unexpected(selector.error());
  context->set_subject(text_of(*selector));
  auto entries = select(*engine, context->actor(), *selector, "/labels");
  if (!entries) co_return std::unexpected(entries.error());
  auto count = co_await engine->remove(std::move(*entries));
  if (!count) co_return std::unexpected(count.error());
  co_return JsonObject{{"success", true}, {"deleted", *count}};
}

}  // namespace

void declare_write_operations(runtime::OperationRegistry& registry, Engine& engine) {
  registry.add(runtime::declare<RecordMetrics, JsonObject>(
      {.name = "metrics.record",
       .help = "Takes points of metrics: one, several, or series of them",
       .permission = "metrics:write",
       .routes = {{"POST", "/api/metrics"}},
       .group = "Metrics"},
      [all = &engine](ContextPtr context, RecordMetrics input) {
        return record(all, std::move(context), std::move(input));
      }));
  registry.add(runtime::declare<DeleteMetrics, JsonObject>(
      {.name = "metrics.delete",
       .help = "Deletes series with all their points",
       .permission = "metrics:delete",
       .changes = true,
       .routes = {{"DELETE", "/api/metrics"}},
       .group = "Metrics"},
      [all = &engine](ContextPtr context, DeleteMetrics input) {
        return remove(all, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::series
