// Log-linear histogram (the idea of HdrHistogram): 32 sub-buckets per power of two, so a quantile
// is off by at most 3 %. Fixed memory, no allocation on record. Values are unsigned; callers choose
// the unit (we use microseconds).
#pragma once

#include <array>
#include <cstdint>

namespace telltale::base {

class Histogram {
 public:
  void record(std::uint64_t value) noexcept;
  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t max() const noexcept { return max_; }
  double mean() const noexcept;
  // The value at or below which `fraction` of the records lie; 0 when there are none.
  std::uint64_t quantile(double fraction) const noexcept;
  void merge(const Histogram& other) noexcept;
  void clear() noexcept { *this = Histogram(); }

 private:
  static constexpr unsigned kSubBits = 5;
  static constexpr unsigned kBuckets = (40 - kSubBits + 1) << kSubBits;  // up to 2^40 units
  static unsigned index_of(std::uint64_t value) noexcept;
  static std::uint64_t upper_bound_of(unsigned index) noexcept;

  std::array<std::uint32_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace telltale::base
