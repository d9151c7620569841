// The rate for peers that send no transport-wide feedback: what their REMB says
// (draft-alvestrand-rmcat-remb-03), held against the loss of their receiver reports (RFC 3550
// section 6.4; draft-ietf-rmcat-gcc-02 section 6).
#pragma once

#include <optional>

#include "rtc/congestion/rate_control.hpp"

namespace telltale::rtc::congestion {

class Fallback {
 public:
  explicit Fallback(const RateLimits& limits) noexcept
      : limits_(limits), bps_(static_cast<double>(limits.start_bps)) {}

  void on_remb(double bps, base::SteadyTime now) noexcept;
  void on_report(double fraction_lost, base::SteadyTime now) noexcept;
  double bps() const noexcept { return remb_bps_ ? std::min(bps_, *remb_bps_) : bps_; }
  bool remb_bound() const noexcept { return remb_bps_ && *remb_bps_ <= bps_; }
  std::optional<double> remb_bps() const noexcept { return remb_bps_; }

 private:
  RateLimits limits_;
  double bps_;
  std::optional<double> remb_bps_ = {};
  std::optional<base::SteadyTime> raised_ = {};
  std::optional<base::SteadyTime> lowered_ = {};
};

}  // namespace telltale::rtc::congestion
