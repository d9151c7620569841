// What arrives: bytes the receiver acknowledged, by its own clock, over the last half second.
#pragma once

#include <array>
#include <optional>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

class AcknowledgedBitrate {
 public:
  void add(std::int64_t arrived_us, std::uint16_t bytes) noexcept;
  // Empty until a quarter of a second has been seen.
  std::optional<double> bps() const noexcept;
  // Over the last 160 ms: what a busy link lets through just now. As bps(), if that is empty.
  std::optional<double> recent_bps() const noexcept;

 private:
  static constexpr std::int64_t kBucketUs = 20'000;
  static constexpr std::int64_t kBuckets = 25;
  static constexpr std::int64_t kRecentBuckets = 8;

  std::array<std::int64_t, kBuckets> bytes_ = {};
  std::int64_t newest_ = -1;  // number of the newest bucket
  std::int64_t first_us_ = 0;
  std::int64_t last_us_ = 0;
};

}  // namespace telltale::rtc::congestion
