#include "lab/bench/bench.hpp"

#include <fmt/format.h>

#include "lab/kinds/kinds.hpp"

namespace telltale::lab {
namespace {

using run::Outcome;

base::JsonObject figures_of(const BenchSide& side) {
  const auto list = [](const std::vector<double>& values) {
    return base::JsonArray(values.begin(), values.end());
  };
  return {{"latency", run::to_json(side.latency.summary())},
          {"distribution", side.latency.distribution()},
          {"median_ms", list(side.median_ms)},
          {"p99_ms", list(side.p99_ms)},
          {"calls_per_second", list(side.calls_per_second)}};
}

base::JsonObject figures_of(const Comparison& compared) {
  // JSON has no infinity: an interval without an end has none.
  const bool ends = compared.pairs >= kLeastPairs;
  return {{"ratio", compared.ratio},
          {"low", compared.low},
          {"high", ends ? base::Json(compared.high) : base::Json()},
          {"pairs", compared.pairs},
          {"why", compared.why},
          {"verdict", speed_name(compared.speed)}};
}

Outcome outcome_of(const BenchResult& result, const BenchOptions& options) {
  Outcome out{.latency = result.own.latency.summary(), .figures = figures_of(result.own)};
  if (!result.versus || !result.median || !result.p99) return out;
  out.figures["versus"] = figures_of(*result.versus);
  out.figures["median"] = figures_of(*result.median);
  out.figures["p99"] = figures_of(*result.p99);
  const auto speed = result.median->speed;
  const bool bad = (speed == Speed::slower && !options.fail_on.empty()) ||
                   (speed == Speed::cannot_tell && options.fail_on == "slower-or-cannot-tell");
  if (!bad) return out;
  out.status = run::Status::failed;
  out.message =
      fmt::format("against {}: {}, {}", options.versus, speed_name(speed), result.median->why);
  out.mismatches.push_back({.step = "median latency",
                            .what = "fail_on: " + options.fail_on,
                            .expected = "not " + std::string(speed_name(speed)),
                            .actual = result.median->why});
  return out;
}

class BenchKind final : public run::Kind {
 public:
  suite::KindSpec spec() const override {
    return suite::with_options<BenchOptions>(
        {.name = "bench",
         .help = "rounds of calls, of two servers in turn: faster, slower or cannot tell",
         .takes_steps = false,
         .needs_steps = false});
  }
  runtime::Task<Outcome> run(run::CaseContext* context) const override {
    auto options = options_of<BenchOptions>(*context);
    if (!options) co_return Outcome::error(options.error().detail);
    Connect versus;
    if (!options->versus.empty()) versus = connect_through(context, options->versus);
    auto result = co_await run_bench(runtime::Loop::current(), connect_through(context), versus,
                                     *options, progress_through(context));
    if (!result) co_return Outcome::error(result.error().detail);
    co_return outcome_of(*result, *options);
  }
};

}  // namespace

std::unique_ptr<run::Kind> bench_kind() {
  return std::make_unique<BenchKind>();
}

}  // namespace telltale::lab
