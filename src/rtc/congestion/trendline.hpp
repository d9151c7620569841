// The slope of the queuing delay: accumulated differences of group delays, smoothed, and a line
// fitted through the last 20 by least squares. Positive while a queue grows. (The filter libwebrtc
// put in the place of the draft's Kalman filter.)
#pragma once

#include <array>

#include "rtc/congestion/packet_groups.hpp"

namespace telltale::rtc::congestion {

class Trendline {
 public:
  // The modified trend in ms, to be held against the detector's threshold.
  double add(const GroupDelta& delta) noexcept;

 private:
  static constexpr std::size_t kWindow = 20;
  struct Point {
    double at_ms = 0;
    double delay_ms = 0;
  };
  double slope() const noexcept;

  std::array<Point, kWindow> points_ = {};
  std::size_t next_ = 0;
  int deltas_ = 0;
  double first_at_ms_ = 0;
  double accumulated_ms_ = 0;
  double smoothed_ms_ = 0;
  double trend_ = 0;
};

}  // namespace telltale::rtc::congestion
