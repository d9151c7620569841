#include "lab/run/latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace telltale::lab::run {

// The first 2,048 values have a bucket each; every power of two after that has 1,024.
std::size_t LatencyHistogram::index_of(std::uint64_t us) noexcept {
  if (us < 2 * kHalf) return static_cast<std::size_t>(us);
  const auto shift = static_cast<unsigned>(std::bit_width(us)) - 1 - kHalfBits;
  return static_cast<std::size_t>(shift * kHalf + (us >> shift));
}

std::uint64_t LatencyHistogram::upper_bound_of(std::size_t index) noexcept {
  if (index < 2 * kHalf) return index;
  const auto shift = static_cast<unsigned>(index / kHalf) - 1;
  const auto step = index - shift * kHalf;
  return ((step + 1) << shift) - 1;
}

void LatencyHistogram::record(base::Duration latency) noexcept {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0)) / 1000;
  ++counts_[index_of(std::min(us, kLargest))];
  min_us_ = count_ == 0 ? us : std::min(min_us_, us);
  max_us_ = std::max(max_us_, us);
  sum_us_ += static_cast<double>(us);
  ++count_;
}

double LatencyHistogram::quantile_ms(double fraction) const noexcept {
  if (count_ == 0) return 0;
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return static_cast<double>(std::min(upper_bound_of(i), max_us_)) / 1000;
  }
  return static_cast<double>(max_us_) / 1000;
}

Latency LatencyHistogram::summary() const {
  return {.count = count_,
          .min = static_cast<double>(min_us_) / 1000,
          .mean = count_ == 0 ? 0 : sum_us_ / static_cast<double>(count_) / 1000,
          .p50 = quantile_ms(0.5),
          .p90 = quantile_ms(0.9),
          .p99 = quantile_ms(0.99),
          .p999 = quantile_ms(0.999),
          .max = static_cast<double>(max_us_) / 1000};
}

namespace {

// Four of each power of two.
std::size_t bin_of(std::uint64_t us) {
  if (us < 4) return 7;
  const auto octave = static_cast<unsigned>(std::bit_width(us)) - 1;
  return octave * 4UL + ((us >> (octave - 2)) & 3);
}
double bound_ms(std::size_t bin) {
  return std::ldexp(static_cast<double>(4 + bin % 4), static_cast<int>(bin / 4) - 2) / 1000;
}

}  // namespace

base::Json LatencyHistogram::distribution() const {
  if (count_ == 0) return nullptr;
  const auto first = bin_of(std::min(min_us_, kLargest));
  const auto last = bin_of(std::min(max_us_, kLargest));
  std::vector<std::uint64_t> bins(last - first + 1);
  // Every bucket lies within one bin: its steps are finer, and begin at the same powers.
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] > 0) bins[bin_of(upper_bound_of(i)) - first] += counts_[i];
  base::JsonArray bounds;
  base::JsonArray counts;
  for (std::size_t i = first; i <= last + 1; ++i) bounds.push_back(base::Json(bound_ms(i)));
  for (const auto one : bins) counts.push_back(base::Json(one));
  return base::JsonObject{{"bounds_ms", std::move(bounds)}, {"counts", std::move(counts)}};
}

}  // namespace telltale::lab::run
