#include "monitor/config.hpp"

#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/duration.hpp"
#include "base/file.hpp"

namespace telltale::monitor {
namespace {

using base::Json;
using base::JsonObject;

// One object of the file: its members are asked for by name; what nobody asked for is unknown.
class Section {
 public:
  Section(const Json& json, std::string pointer, std::vector<base::FieldError>& errors)
      : object_(json.if_object()), pointer_(std::move(pointer)), errors_(errors) {
    if (object_ == nullptr) wrong("", "must be an object");
  }

  void number(std::string_view key, double low, double high, double& out) {
    const auto* const value = take(key);
    if (value == nullptr) return;
    if (const auto given = number_of(*value); given && *given >= low && *given <= high)
      out = *given;
    else
      wrong(key, fmt::format("must be a number from {} to {}", low, high));
  }
  template <class Integer>
  void integer(std::string_view key, Integer low, Integer high, Integer& out) {
    const auto* const value = take(key);
    if (value == nullptr) return;
    const auto given = number_of(*value);
    if (given && *given == std::floor(*given) && *given >= static_cast<double>(low) &&
        *given <= static_cast<double>(high))
      out = static_cast<Integer>(*given);
    else
      wrong(key, fmt::format("must be a whole number from {} to {}", low, high));
  }
  void flag(std::string_view key, bool& out) {
    const auto* const value = take(key);
    if (value == nullptr) return;
    if (value->is_bool())
      out = value->get_bool();
    else
      wrong(key, "must be true or false");
  }
  void seconds(std::string_view key, double low, double high, base::Duration& out) {
    double value = base::to_seconds(out);
    number(key, low, high, value);
    out = base::from_seconds(value);
  }
  void range(std::string_view key, double low, double high, Range<double>& out) {
    const auto* const value = take(key);
    if (value == nullptr) return;
    const auto* const list = value->if_array();
    if (list != nullptr && list->size() == 2) {
      const auto from = number_of((*list)[0]);
      const auto to = number_of((*list)[1]);
      if (from && to && *from >= low && *from <= *to && *to <= high) {
        out = {.low = *from, .high = *to};
        return;
      }
    }
    wrong(key, fmt::format("must be [LOW, HIGH] with {} <= LOW <= HIGH <= {}", low, high));
  }
  void text(std::string_view key, const std::function<bool(const std::string&)>& is_good,
            std::string_view otherwise, std::string& out) {
    const auto* const value = take(key);
    if (value == nullptr) return;
    if (value->is_string() && is_good(std::string(value->get_string())))
      out = value->get_string();
    else
      wrong(key, std::string(otherwise));
  }
  const Json* take(std::string_view key) {
    asked_.emplace(key);
    return object_ == nullptr ? nullptr : object_->if_contains(key);
  }
  std::string at(std::string_view key) const { return pointer_ + base::pointer_step(key); }
  void wrong(std::string_view key, std::string message) {
    errors_.push_back({key.empty() ? pointer_ : at(key), std::move(message)});
  }
  const JsonObject* object() const { return object_; }
  std::vector<base::FieldError>& errors() { return errors_; }
  void finish() {
    if (object_ == nullptr) return;
    std::string known;
    for (const auto& key : asked_) known.append(known.empty() ? "" : ", ").append(key);
    for (const auto& [key, value] : *object_)
      if (!asked_.contains(std::string_view(key))) wrong(key, "unknown key; known here: " + known);
  }

 private:
  static std::optional<double> number_of(const Json& value) {
    if (!value.is_number()) return std::nullopt;
    const auto given = value.to_number<double>();
    return std::isfinite(given) ? std::optional(given) : std::nullopt;
  }
  const JsonObject* object_;
  const std::string pointer_;
  std::vector<base::FieldError>& errors_;
  std::set<std::string, std::less<>> asked_;
};

Strategy read_strategy(const Json& json, const std::string& name, const std::string& pointer,
                       std::vector<base::FieldError>& errors) {
  auto out = balanced_strategy();
  out.name = name;
  Section section(json, pointer, errors);
  section.number("loss_weight", 0, 5, out.loss_weight);
  section.number("latency_weight", 0, 5, out.latency_weight);
  section.number("freeze_weight", 0, 5, out.freeze_weight);
  section.number("frame_rate_weight", 0, 5, out.frame_rate_weight);
  section.number("buffer_at_rest", 0, 1, out.buffer_at_rest);
  section.number("prefetch_at_rest", 0, 1, out.prefetch_at_rest);
  section.seconds("down_after", 0, 600, out.down_after);
  section.seconds("up_after", 0, 600, out.up_after);
  section.seconds("pause", 0, 600, out.pause);
  section.finish();
  return out;
}

void read_strategies(Section& section, Strategy& chosen) {
  std::map<std::string, Strategy> all;
  for (const auto& name : shipped_strategies()) all[name] = *shipped_strategy(name);
  if (const auto* const given = section.take("strategies")) {
    Section named(*given, section.at("strategies"), section.errors());
    if (named.object() != nullptr && named.object()->size() > Config::kStrategiesMax)
      section.wrong("strategies", fmt::format("has more than {}", Config::kStrategiesMax));
    else if (named.object() != nullptr)
      for (const auto& [key, value] : *named.object()) {
        const std::string name(key);
        if (shipped_strategy(name))
          named.wrong(name, "is the name of a shipped strategy: choose another");
        else
          all[name] = read_strategy(value, name, named.at(name), section.errors());
      }
  }
  std::string names;
  for (const auto& [name, strategy] : all) names.append(names.empty() ? "" : ", ").append(name);
  std::string name = "balanced";
  section.text(
      "strategy", [&](const std::string& given) { return all.contains(given); },
      "must be one of " + names, name);
  chosen = all[name];
}

void read_optimization(const Json& json, OptimizationConfig& out,
                       std::vector<base::FieldError>& errors) {
  Section section(json, "/optimization", errors);
  section.range("buffer_size_range", 1, 60, out.buffer_size);
  section.range("prefetch_threshold_range", 0, 1, out.prefetch_threshold);
  section.number("quality_downgrade_threshold", 0, 100, out.downgrade_below);
  section.number("quality_upgrade_threshold", 0, 100, out.upgrade_above);
  section.integer("buffer_underrun_threshold", 1, 1000, out.underruns);
  section.number("network_sensitivity", 0, 1, out.network_sensitivity);
  section.number("cpu_sensitivity", 0, 1, out.cpu_sensitivity);
  section.number("memory_sensitivity", 0, 1, out.memory_sensitivity);
  read_strategies(section, out.strategy);
  if (out.downgrade_below >= out.upgrade_above)
    section.wrong(
        "quality_downgrade_threshold",
        fmt::format("must be less than quality_upgrade_threshold, which is {}", out.upgrade_above));
  section.finish();
}

void read_metrics(const Json& json, MetricsConfig& out, std::vector<base::FieldError>& errors) {
  Section section(json, "/metrics", errors);
  section.flag("collect_detailed_stats", out.detailed_stats);
  section.flag("collect_frame_stats", out.frame_stats);
  section.flag("collect_resource_stats", out.resource_stats);
  section.flag("collect_quality_metrics", out.quality_metrics);
  section.finish();
}

void read_visualization(const Json& json, VisualizationConfig& out,
                        std::vector<base::FieldError>& errors) {
  Section section(json, "/visualization", errors);
  section.flag("enabled", out.enabled);
  section.flag("live_update", out.live_update);
  section.number("dashboard_update_interval", 1, 86'400, out.dashboard_update_interval_s);
  section.integer<std::size_t>("max_history_points", 10, 100'000, out.max_history_points);
  section.text(
      "plot_style",
      [](const std::string& style) { return style == "dark_background" || style == "default"; },
      "must be \"dark_background\" or \"default\"", out.plot_style);
  section.finish();
}

void read_reporting(const Json& json, ReportingConfig& out, std::vector<base::FieldError>& errors) {
  Section section(json, "/reporting", errors);
  section.flag("enabled", out.enabled);
  section.flag("save_raw_data", out.save_raw_data);
  section.number("interval", 1, 86'400, out.interval_s);
  if (const auto* const value = section.take("formats")) {
    std::vector<std::string> formats;
    const auto* const list = value->if_array();
    bool good = list != nullptr && !list->empty();
    if (good)
      for (const auto& one : *list) {
        good = good && one.is_string() && (one == "json" || one == "html");
        if (good) formats.emplace_back(one.get_string());
      }
    if (good)
      out.formats = std::move(formats);
    else
      section.wrong("formats", "must be a list of \"json\" and \"html\"");
  }
  section.finish();
}

}  // namespace

base::Result<Config> Config::from_json(const Json& json) {
  Config out;
  std::vector<base::FieldError> errors;
  Section whole(json, "", errors);
  const auto section = [&](std::string_view key, auto read, auto& target) {
    if (const auto* const value = whole.take(key)) read(*value, target, errors);
  };
  section("optimization", read_optimization, out.optimization);
  section("metrics", read_metrics, out.metrics);
  section("visualization", read_visualization, out.visualization);
  section("reporting", read_reporting, out.reporting);
  if (const auto* const value = whole.take("history")) {
    Section history(*value, "/history", errors);
    history.number("days", 0, 3650, out.history.days);
    history.finish();
  }
  whole.finish();
  if (errors.empty()) return out;
  std::string detail;
  for (const auto& error : errors)
    detail.append(detail.empty() ? "" : "; ")
        .append(error.pointer.empty() ? "the whole" : error.pointer)
        .append(": ")
        .append(error.message);
  return std::unexpected(base::Error{
      .code = base::Code::invalid_argument, .detail = detail, .fields = std::move(errors)});
}

base::Result<Config> Config::read_file(const std::string& path) {
  const auto text = base::read_file(path, kFileBytesMax);
  if (!text) return std::unexpected(text.error());
  auto json = base::parse_json(*text);
  if (!json) return base::fail(json.error().code, path + ": " + json.error().detail);
  auto config = from_json(*json);
  if (!config) config.error().detail = path + ": " + config.error().detail;
  return config;
}

}  // namespace telltale::monitor
