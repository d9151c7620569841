#include "base/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace telltale::base {

unsigned Histogram::index_of(std::uint64_t value) noexcept {
  value = std::min<std::uint64_t>(value, (1ULL << 40U) - 1);
  if (value < (1U << kSubBits)) return static_cast<unsigned>(value);
  const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1;
  const auto shift = exponent - kSubBits;
  const auto sub = static_cast<unsigned>(value >> shift) & ((1U << kSubBits) - 1);
  return ((shift + 1) << kSubBits) + sub;
}

std::uint64_t Histogram::upper_bound_of(unsigned index) noexcept {
  if (index < (1U << kSubBits)) return index;
  const auto shift = (index >> kSubBits) - 1;
  const std::uint64_t base = (1ULL << kSubBits) + (index & ((1U << kSubBits) - 1));
  return ((base + 1) << shift) - 1;
}

void Histogram::record(std::uint64_t value) noexcept {
  ++counts_[index_of(value)];
  ++count_;
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

double Histogram::mean() const noexcept {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::uint64_t Histogram::quantile(double fraction) const noexcept {
  if (count_ == 0) return 0;
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (unsigned i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min(upper_bound_of(i), max_);
  }
  return max_;
}

void Histogram::merge(const Histogram& other) noexcept {
  for (unsigned i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

}  // namespace telltale::base
