// Whether the path is overused: the trend against a threshold that adapts to it, so that a flow
// does not starve beside a loss-based one (draft-ietf-rmcat-gcc-02 section 5.4; Carlucci et al.,
// "Analysis and Design of the Google Congestion Control for WebRTC", 2016).
#pragma once

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

class OveruseDetector {
 public:
  // `trend_ms` of Trendline after a delta of `sent_ms`; `at_ms` is the arrival, any clock.
  Usage add(double trend_ms, double sent_ms, double at_ms) noexcept;

  Usage usage() const noexcept { return usage_; }
  double threshold_ms() const noexcept { return threshold_ms_; }

 private:
  void adapt(double trend_ms, double at_ms) noexcept;

  Usage usage_ = Usage::normal;
  double threshold_ms_ = 12.5;
  double over_for_ms_ = -1;
  int over_times_ = 0;
  double previous_trend_ms_ = 0;
  double adapted_at_ms_ = -1;
};

}  // namespace telltale::rtc::congestion
