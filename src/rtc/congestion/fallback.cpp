#include "rtc/congestion/fallback.hpp"

#include <algorithm>
#include <cmath>

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

constexpr double kHigh = 0.10;
constexpr double kLow = 0.02;
constexpr double kGrowthPerSecond = 1.08;
constexpr auto kBetweenDecreases = 500ms;

}  // namespace

void Fallback::on_remb(double bps, base::SteadyTime /*now*/) noexcept {
  // The receiver runs the delay-based part and has seen more than we have.
  if (!remb_bps_ || bps > *remb_bps_) bps_ = std::max(bps_, bps);
  remb_bps_ =
      std::clamp(bps, static_cast<double>(limits_.min_bps), static_cast<double>(limits_.max_bps));
}

void Fallback::on_report(double fraction_lost, base::SteadyTime now) noexcept {
  if (fraction_lost > kHigh && (!lowered_ || now - *lowered_ >= kBetweenDecreases)) {
    bps_ = bps() * (1 - 0.5 * fraction_lost);
    lowered_ = now;
  } else if (fraction_lost < kLow) {
    const double seconds = raised_ ? std::clamp(base::to_seconds(now - *raised_), 0.0, 2.0) : 0.0;
    bps_ = bps_ * std::pow(kGrowthPerSecond, seconds) + 1'000 * seconds;
  }
  raised_ = now;
  bps_ =
      std::clamp(bps_, static_cast<double>(limits_.min_bps), static_cast<double>(limits_.max_bps));
}

}  // namespace telltale::rtc::congestion
