#include "rtc/congestion/overuse_detector.hpp"

#include <algorithm>
#include <cmath>

namespace telltale::rtc::congestion {
namespace {

constexpr double kOverLongMs = 10;
constexpr double kUp = 0.0087;
constexpr double kDown = 0.039;
constexpr double kOutlierMs = 15;
constexpr double kThresholdMinMs = 6;
constexpr double kThresholdMaxMs = 600;
constexpr double kStepMaxMs = 100;

}  // namespace

Usage OveruseDetector::add(double trend_ms, double sent_ms, double at_ms) noexcept {
  if (trend_ms > threshold_ms_) {
    over_for_ms_ = over_for_ms_ < 0 ? sent_ms / 2 : over_for_ms_ + sent_ms;
    ++over_times_;
    if (over_for_ms_ > kOverLongMs && over_times_ > 1 && trend_ms >= previous_trend_ms_) {
      over_for_ms_ = 0;
      over_times_ = 0;
      usage_ = Usage::overuse;
    }
  } else {
    over_for_ms_ = -1;
    over_times_ = 0;
    usage_ = trend_ms < -threshold_ms_ ? Usage::underuse : Usage::normal;
  }
  previous_trend_ms_ = trend_ms;
  adapt(trend_ms, at_ms);
  return usage_;
}

void OveruseDetector::adapt(double trend_ms, double at_ms) noexcept {
  if (adapted_at_ms_ < 0) adapted_at_ms_ = at_ms;
  const double size = std::abs(trend_ms);
  if (size <= threshold_ms_ + kOutlierMs) {
    const double step = std::clamp(at_ms - adapted_at_ms_, 0.0, kStepMaxMs);
    const double gain = size < threshold_ms_ ? kDown : kUp;
    threshold_ms_ = std::clamp(threshold_ms_ + gain * (size - threshold_ms_) * step,
                               kThresholdMinMs, kThresholdMaxMs);
  }
  adapted_at_ms_ = at_ms;
}

}  // namespace telltale::rtc::congestion
