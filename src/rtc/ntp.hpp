// NTP timestamps as RTCP writes them (RFC 3550 section 4): 32.32 fixed point seconds since 1900.
// One Ntp per process run: it binds steady time to the wall clock once, so that a jump of the wall
// clock never shows in sender reports. Any thread.
#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace telltale::rtc {

class Ntp {
 public:
  explicit Ntp(const base::Clock& clock) noexcept
      : steady_(clock.now()), unix_ms_(base::unix_ms(clock.wall())) {}

  std::uint64_t at(base::SteadyTime now) const noexcept {
    constexpr std::uint64_t kEpochs = 2'208'988'800;  // from 1900 to 1970
    const auto since = (now - steady_).count() + unix_ms_ * 1'000'000;
    const auto ns = static_cast<std::uint64_t>(since);
    const auto seconds = ns / 1'000'000'000U + kEpochs;
    const auto rest = ns % 1'000'000'000U;
    return seconds << 32U | (rest << 32U) / 1'000'000'000U;
  }
  // For abs-send-time.
  base::Duration since_epoch(base::SteadyTime now) const noexcept {
    return now - steady_ + std::chrono::milliseconds(unix_ms_);
  }

 private:
  base::SteadyTime steady_;
  std::int64_t unix_ms_;
};

// The middle 32 bits, 16.16 seconds: what reports count round trips in.
constexpr std::uint32_t ntp_middle(std::uint64_t ntp) noexcept {
  return static_cast<std::uint32_t>(ntp >> 16U);
}
constexpr double middle_seconds(std::uint32_t value) noexcept {
  return value / 65'536.0;
}
// RFC 3550 section 6.4.1: from the times of a report, in 16.16; nullopt-like below zero for clocks
// that do not fit (then 0).
constexpr double round_trip_seconds(std::uint32_t now, std::uint32_t last,
                                    std::uint32_t delay) noexcept {
  const auto trip = static_cast<std::int32_t>(now - last - delay);
  return trip < 0 ? 0 : middle_seconds(static_cast<std::uint32_t>(trip));
}

}  // namespace telltale::rtc
