// The keys of `load` and `soak`. Values.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/describe.hpp"
#include "lab/measure/objectives.hpp"

namespace telltale::lab::measure {

struct LoadOptions {
  double rate = 0;
  int concurrency = 1;
  double duration_s = 10;
  std::int64_t count = 0;
  double warm_up_s = 1;
  std::vector<std::string> objectives;
};
BOOST_DESCRIBE_STRUCT(LoadOptions, (),
                      (rate, concurrency, duration_s, count, warm_up_s, objectives))
constexpr auto field_rules(const LoadOptions*) {
  using Rule = base::FieldRule;
  return std::array{
      Rule{.name = "rate",
           .help = "calls a second, begun on time whatever the server does (open loop); latency "
                   "counts from the intended start. 0: closed loop",
           .minimum = 0,
           .maximum = 1'000'000,
           .has_default = true},
      Rule{.name = "concurrency",
           .help = "callers that each await their answer (closed loop); with a rate: calls in "
                   "flight at most",
           .minimum = 1,
           .maximum = 4'096,
           .has_default = true},
      Rule{.name = "duration_s",
           .help = "seconds that are measured",
           .minimum = 0.1,
           .maximum = 86'400,
           .has_default = true},
      Rule{.name = "count",
           .help = "ends after so many measured calls; 0: by time only",
           .minimum = 0,
           .maximum = 1'000'000'000,
           .has_default = true},
      Rule{.name = "warm_up_s",
           .help = "seconds before that which do not count",
           .minimum = 0,
           .maximum = 3'600,
           .has_default = true},
      Rule{.name = "objectives",
           .help = "what must hold at the end; without one on errors, none may fail",
           .maximum = 50,
           .example = "p99_ms <= 50",
           .has_default = true}};
}

inline constexpr std::array<std::string_view, 12> kFigures{
    "calls",  "calls_per_s", "errors", "error_rate", "min_ms", "mean_ms",
    "p50_ms", "p90_ms",      "p99_ms", "p999_ms",    "max_ms", "late_ms"};
inline constexpr std::array<std::string_view, 19> kSoakFigures{"calls",
                                                               "calls_per_s",
                                                               "errors",
                                                               "error_rate",
                                                               "min_ms",
                                                               "mean_ms",
                                                               "p50_ms",
                                                               "p90_ms",
                                                               "p99_ms",
                                                               "p999_ms",
                                                               "max_ms",
                                                               "late_ms",
                                                               "memory_mb",
                                                               "memory_growth_percent",
                                                               "memory_growth_mb",
                                                               "memory_mb_per_h",
                                                               "fds_per_h",
                                                               "fds_growth",
                                                               "latency_drift_percent"};

}  // namespace telltale::lab::measure
