#include "rtc/congestion/trendline.hpp"

#include <algorithm>

namespace telltale::rtc::congestion {
namespace {

constexpr double kSmoothing = 0.9;
constexpr double kGain = 4.0;
constexpr int kDeltasMax = 60;  // how far the gain grows with what has been seen

}  // namespace

double Trendline::slope() const noexcept {
  double mean_at = 0;
  double mean_delay = 0;
  for (const auto& point : points_) {
    mean_at += point.at_ms / kWindow;
    mean_delay += point.delay_ms / kWindow;
  }
  double numerator = 0;
  double denominator = 0;
  for (const auto& point : points_) {
    numerator += (point.at_ms - mean_at) * (point.delay_ms - mean_delay);
    denominator += (point.at_ms - mean_at) * (point.at_ms - mean_at);
  }
  return denominator > 0 ? numerator / denominator : trend_;
}

double Trendline::add(const GroupDelta& delta) noexcept {
  if (deltas_ == 0) first_at_ms_ = delta.arrival_at_ms;
  deltas_ = std::min(deltas_ + 1, 1000);
  accumulated_ms_ += delta.arrived_ms - delta.sent_ms;
  smoothed_ms_ = kSmoothing * smoothed_ms_ + (1 - kSmoothing) * accumulated_ms_;
  points_[next_] = {.at_ms = delta.arrival_at_ms - first_at_ms_, .delay_ms = smoothed_ms_};
  next_ = (next_ + 1) % kWindow;
  if (deltas_ < static_cast<int>(kWindow)) return 0;
  trend_ = slope();
  return trend_ * kGain * std::min(deltas_, kDeltasMax);
}

}  // namespace telltale::rtc::congestion
