// Drives a server with the steps of a case, over and over, from many callers on one loop, and
// measures. Open loop: the i-th call is due at begin + i / rate, and its latency counts from then,
// also when all callers were busy: no coordinated omission. Keeps histograms, a bounded series and
// the first few errors by what was said, never the calls. Awaited by the kind; ends by time, by
// count, or when it is cancelled.
#pragma once

#include "lab/measure/load_options.hpp"
#include "lab/run/kind.hpp"
#include "lab/run/latency.hpp"
#include "net/process.hpp"

namespace telltale::lab::measure {

inline constexpr std::size_t kSeriesLimit = 120;
inline constexpr std::size_t kErrorKinds = 20;

struct Moment {  // of the series
  double at_s = 0;
  std::uint64_t calls = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::optional<net::ProcessUsage> usage;
};

struct Measured {
  run::LatencyHistogram latency;
  std::uint64_t calls = 0;
  std::uint64_t errors = 0;
  base::Duration took{};
  base::Duration late{};  // the most a call began after it was due
  std::map<std::string, std::uint64_t> error_kinds;
  std::vector<Moment> series;

  base::JsonObject figures() const;
};

runtime::TaskResult<Measured> drive(run::CaseContext* context, LoadOptions options);

}  // namespace telltale::lab::measure
