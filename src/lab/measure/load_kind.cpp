#include <algorithm>

#include <fmt/format.h>

#include "base/duration.hpp"
#include "lab/measure/driver.hpp"
#include "lab/measure/measure_kinds.hpp"

namespace telltale::lab::measure {
namespace {

using run::Outcome;
using run::Status;

constexpr double kTimeToSpare = 30;  // beside what is measured: starting, last answers

std::vector<Objective> objectives_of(const LoadOptions& options, bool soak) {
  std::vector<Objective> out;
  const auto has = [&out](std::string_view prefix) {
    return std::ranges::any_of(
        out, [prefix](const auto& one) { return one.figure.starts_with(prefix); });
  };
  const std::span<const std::string_view> names =
      soak ? std::span<const std::string_view>(kSoakFigures) : kFigures;
  for (const auto& text : options.objectives)
    if (auto parsed = parse_objective(text, names)) out.push_back(std::move(*parsed));
  if (!has("error")) out.push_back({.figure = "errors", .at_most = true, .bound = 0});
  if (!soak) return out;
  if (!has("memory_growth"))
    out.push_back({.figure = "memory_growth_percent", .at_most = true, .bound = 50});
  if (!has("fds")) out.push_back({.figure = "fds_growth", .at_most = true, .bound = 20});
  return out;
}

suite::KindSpec declared(std::string name, std::string help, bool soak) {
  auto out = suite::with_options<LoadOptions>({.name = std::move(name), .help = std::move(help)});
  out.needs_options = true;
  out.check = [inner = std::move(out.check), soak](
                  const base::Json& options, const std::string& pointer) -> base::Result<void> {
    if (auto fine = inner(options, pointer); !fine) return fine;
    const auto parsed = base::from_json<LoadOptions>(options);
    const std::span<const std::string_view> names =
        soak ? std::span<const std::string_view>(kSoakFigures) : kFigures;
    for (std::size_t i = 0; i < parsed->objectives.size(); ++i)
      if (auto good = parse_objective(parsed->objectives[i], names); !good)
        return base::bad_field(pointer + "/objectives/" + std::to_string(i), good.error().detail);
    return {};
  };
  return out;
}

Outcome judged(const Measured& measured, base::JsonObject figures,
               const std::vector<Objective>& objectives) {
  Outcome out{.latency = measured.latency.summary()};
  judge(objectives, figures, out.mismatches);
  out.figures = std::move(figures);
  out.figures["distribution"] = measured.latency.distribution();
  if (out.mismatches.empty() && measured.calls > 0) return out;
  out.status = Status::failed;
  if (measured.calls == 0) {
    out.message = "no call was measured";
    return out;
  }
  const auto& first = out.mismatches.front();
  out.message = fmt::format("{} {}, measured {}", first.what, first.expected, first.actual);
  if (!measured.error_kinds.empty())
    out.message += fmt::format("; {} x {}", measured.error_kinds.begin()->second,
                               measured.error_kinds.begin()->first);
  return out;
}

base::Duration time_of(const base::Json& options) {
  const auto parsed = base::from_json<LoadOptions>(options);
  if (!parsed) return {};
  return base::from_seconds(parsed->duration_s + parsed->warm_up_s + kTimeToSpare);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// The median of the slopes between all pairs of points (Theil-Sen): no single garbage collection
// moves it.
double slope_of(const std::vector<std::pair<double, double>>& points) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < points.size(); ++i)
    for (auto j = i + 1; j < points.size(); ++j)
      if (points[j].first > points[i].first)
        slopes.push_back((points[j].second - points[i].second) /
                         (points[j].first - points[i].first));
  return median(std::move(slopes));
}

// The first third of the run against the last: a server that has warmed up and then keeps growing.
void add_growth(const Measured& measured, base::JsonObject& figures) {
  const auto& series = measured.series;
  const auto third = series.size() / 3;
  if (third == 0) return;
  const auto of = [&](auto value, std::size_t from) {
    std::vector<double> out;
    for (auto i = from; i < from + third; ++i)
      if (const auto one = value(series[i])) out.push_back(*one);
    return median(std::move(out));
  };
  using Value = std::optional<double>;
  const auto memory = [](const Moment& one) -> Value {
    return one.usage ? Value(static_cast<double>(one.usage->memory_bytes) / 1e6) : Value();
  };
  const auto fds = [](const Moment& one) -> Value {
    return one.usage ? Value(static_cast<double>(one.usage->fds)) : Value();
  };
  const auto latency = [](const Moment& one) -> Value {
    return one.calls > 0 ? Value(one.p50_ms) : Value();
  };
  const auto last = series.size() - third;
  const auto percent = [](double before, double after) {
    return before > 0 ? 100 * (after - before) / before : 0;
  };
  if (series.back().usage) {
    const auto before = of(memory, 0);
    const auto after = of(memory, last);
    figures["memory_mb"] = after;
    figures["memory_growth_mb"] = after - before;
    figures["memory_growth_percent"] = percent(before, after);
    figures["fds_growth"] = of(fds, last) - of(fds, 0);
    const auto per_hour = [&series, third](auto value) {
      std::vector<std::pair<double, double>> points;
      for (auto i = third; i < series.size(); ++i)  // the first third warms up
        if (const auto one = value(series[i])) points.emplace_back(series[i].at_s / 3600, *one);
      return slope_of(points);
    };
    figures["memory_mb_per_h"] = per_hour(memory);
    figures["fds_per_h"] = per_hour(fds);
  } else {  // a server elsewhere: nothing of it can be seen
    for (const auto* const name : {"memory_growth_percent", "memory_growth_mb", "fds_growth",
                                   "memory_mb_per_h", "fds_per_h"})
      figures[name] = 0;
  }
  figures["latency_drift_percent"] = percent(of(latency, 0), of(latency, last));
}

class Load final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    return declared("load", "the steps over and over: closed loop, or at a rate", false);
  }
  base::Duration needs(const base::Json& options) const override { return time_of(options); }
  runtime::Task<Outcome> run(run::CaseContext* context) const override {
    auto options = base::from_json<LoadOptions>(context->options());
    if (!options) co_return Outcome::error(options.error().detail);
    auto measured = co_await drive(context, *options);
    if (!measured) co_return Outcome::error(measured.error().detail);
    co_return judged(*measured, measured->figures(), objectives_of(*options, false));
  }
};

class Soak final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    return declared("soak",
                    "a load over a long time: memory, descriptors and latency must not grow", true);
  }
  base::Duration needs(const base::Json& options) const override { return time_of(options); }
  runtime::Task<Outcome> run(run::CaseContext* context) const override {
    auto options = base::from_json<LoadOptions>(context->options());
    if (!options) co_return Outcome::error(options.error().detail);
    auto measured = co_await drive(context, *options);
    if (!measured) co_return Outcome::error(measured.error().detail);
    auto figures = measured->figures();
    add_growth(*measured, figures);
    co_return judged(*measured, std::move(figures), objectives_of(*options, true));
  }
};

}  // namespace

std::unique_ptr<run::Kind> load_kind() {
  return std::make_unique<Load>();
}
std::unique_ptr<run::Kind> soak_kind() {
  return std::make_unique<Soak>();
}

}  // namespace telltale::lab::measure
