// Application-limited region: we send so much less than we may that what arrives says nothing about
// the link (libwebrtc's AlrDetector: a budget of 65 % of the target over 500 ms that fills up).
#pragma once

#include <algorithm>
#include <optional>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

class AlrDetector {
 public:
  void on_sent(std::uint16_t bytes, double target_bps, base::SteadyTime now) noexcept {
    advance(target_bps, now);
    budget_ = std::max(-1.0, budget_ - bytes / window_bytes(target_bps));
    judge(now);
  }
  void advance(double target_bps, base::SteadyTime now) noexcept {
    if (last_) {
      const double bytes = base::to_seconds(now - *last_) * target_bps / 8 * kPart;
      budget_ = std::min(1.0, budget_ + bytes / window_bytes(target_bps));
    }
    last_ = now;
    judge(now);
  }
  bool limited() const noexcept { return since_.has_value(); }
  std::optional<base::SteadyTime> since() const noexcept { return since_; }

 private:
  static constexpr double kPart = 0.65;
  static constexpr double kEnter = 0.8;
  static constexpr double kLeave = 0.5;
  static double window_bytes(double target_bps) noexcept {
    return std::max(1.0, target_bps / 8 * kPart * 0.5);
  }
  void judge(base::SteadyTime now) noexcept {
    if (budget_ > kEnter && !since_) since_ = now;
    if (budget_ < kLeave) since_.reset();
  }

  double budget_ = 0;  // unused, as part of the window
  std::optional<base::SteadyTime> last_ = {};
  std::optional<base::SteadyTime> since_ = {};
};

}  // namespace telltale::rtc::congestion
