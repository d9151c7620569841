// What the link carried when it was last overused: an exponential mean and its variance, normalised
// by the mean (libwebrtc's LinkCapacityEstimator). Near it the rate grows carefully.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

namespace telltale::rtc::congestion {

class LinkCapacity {
 public:
  void on_overuse(double acknowledged_bps) noexcept { update(acknowledged_bps, 0.05); }
  void on_probe(double bps) noexcept { update(bps, 0.5); }
  void reset() noexcept { mean_kbps_.reset(); }

  std::optional<double> bps() const noexcept {
    return mean_kbps_ ? std::optional(*mean_kbps_ * 1000) : std::nullopt;
  }
  double upper_bps() const noexcept { return (*mean_kbps_ + 3 * deviation_kbps()) * 1000; }
  double lower_bps() const noexcept {
    return std::max(0.0, *mean_kbps_ - 3 * deviation_kbps()) * 1000;
  }

 private:
  double deviation_kbps() const noexcept { return std::sqrt(variance_ * *mean_kbps_); }
  void update(double sample_bps, double weight) noexcept {
    const double sample = sample_bps / 1000;
    if (!mean_kbps_) {
      mean_kbps_ = sample;
      return;
    }
    mean_kbps_ = (1 - weight) * *mean_kbps_ + weight * sample;
    const double error = *mean_kbps_ - sample;
    variance_ = (1 - weight) * variance_ + weight * error * error / std::max(*mean_kbps_, 1.0);
    variance_ = std::clamp(variance_, 0.4, 2.5);
  }

  std::optional<double> mean_kbps_ = {};
  double variance_ = 0.4;  // kbit/s: about ±14 kbit/s at 500 kbit/s
};

}  // namespace telltale::rtc::congestion
