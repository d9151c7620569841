// The retransmission timeout of one path (RFC 9260 section 6.3.1): smoothed round trip and its
// variance, doubled on each timeout until the next measurement.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/clock.hpp"

namespace telltale::rtc::sctp {

struct RtoSettings {
  // Half of the RFC's second to begin with, as browsers do; never under twice the time a peer may
  // delay its SACK.
  base::Duration initial = std::chrono::milliseconds(500);
  base::Duration least = std::chrono::milliseconds(400);
  base::Duration most = std::chrono::seconds(10);
};

class Rto {
 public:
  explicit Rto(const RtoSettings& settings) noexcept
      : settings_(settings), rto_(settings.initial) {}

  // Never of something sent twice (Karn).
  void on_round_trip(base::Duration round_trip) noexcept {
    if (!smoothed_) {
      smoothed_ = round_trip;
      variance_ = round_trip / 2;
    } else {
      const auto difference =
          *smoothed_ > round_trip ? *smoothed_ - round_trip : round_trip - *smoothed_;
      variance_ = (variance_ * 3 + difference) / 4;
      smoothed_ = (*smoothed_ * 7 + round_trip) / 8;
    }
    rto_ = std::clamp(*smoothed_ + std::max<base::Duration>(variance_ * 4, kGranularity),
                      settings_.least, settings_.most);
  }
  void on_timeout() noexcept { rto_ = std::min(rto_ * 2, settings_.most); }

  base::Duration value() const noexcept { return rto_; }
  std::optional<base::Duration> smoothed() const noexcept { return smoothed_; }

 private:
  static constexpr base::Duration kGranularity = std::chrono::milliseconds(10);

  RtoSettings settings_;
  base::Duration rto_;
  std::optional<base::Duration> smoothed_;
  base::Duration variance_ = {};
};

}  // namespace telltale::rtc::sctp
