// Latencies of calls with HdrHistogram's semantics: log-linear buckets that keep three significant
// digits from 1 µs to over an hour, fixed memory, recording by a handful of instructions. In an
// open loop record from the intended start, so that a stall counts for every call it delayed.
// base::Histogram keeps one and a half digits, enough for lag, not for comparing two versions.
// One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "lab/run/result.hpp"

namespace telltale::lab::run {

class LatencyHistogram {
 public:
  void record(base::Duration latency) noexcept;
  std::uint64_t count() const noexcept { return count_; }
  // The latency at or below which `fraction` of the calls lie, in milliseconds.
  double quantile_ms(double fraction) const noexcept;
  Latency summary() const;
  // {bounds_ms[n + 1], counts[n]}: how many calls took from one bound to below the next. Bounds
  // are quarters of powers of two, of µs, the same for every histogram, so that two can be laid
  // over each other; counts are exact. What took under 4 µs is in the first. Null without calls.
  base::Json distribution() const;

 private:
  static constexpr unsigned kHalfBits = 10;  // 1,024 steps of a power of two: under 0.1 % each
  static constexpr std::uint64_t kHalf = 1ULL << kHalfBits;
  static constexpr std::uint64_t kLargest = (1ULL << 33U) - 1;  // µs: 2.3 hours
  static std::size_t index_of(std::uint64_t us) noexcept;
  static std::uint64_t upper_bound_of(std::size_t index) noexcept;

  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(index_of(kLargest) + 1);
  std::uint64_t count_ = 0;
  std::uint64_t min_us_ = 0;
  std::uint64_t max_us_ = 0;
  double sum_us_ = 0;
};

}  // namespace telltale::lab::run
