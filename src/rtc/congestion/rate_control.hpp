// The delay-based rate: additive or multiplicative increase, multiplicative decrease
// (draft-ietf-rmcat-gcc-02 section 5.5, with libwebrtc's link capacity).
#pragma once

#include "rtc/congestion/link_capacity.hpp"
#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

struct RateLimits {
  std::int64_t min_bps = 50'000;
  std::int64_t start_bps = 300'000;
  std::int64_t max_bps = 5'000'000;
};

class RateControl {
 public:
  explicit RateControl(const RateLimits& limits) noexcept;

  struct Input {
    Usage usage = Usage::normal;
    std::optional<double> acknowledged_bps = {};
    std::optional<double> recent_bps = {};  // over a shorter time
    bool queue_full = false;                // the path's queue is long: the link is busy
    base::Duration rtt = std::chrono::milliseconds(200);
    bool application_limited = false;  // what we send says nothing about what could be sent
  };
  double update(const Input& input, base::SteadyTime now) noexcept;
  // A probe got through at this rate (or did not and this is what arrived).
  void set(double bps, base::SteadyTime now) noexcept;

  double bps() const noexcept { return bps_; }

 private:
  enum class State : std::uint8_t { hold, increase, decrease };
  void increase(const Input& input, base::SteadyTime now) noexcept;
  void decrease(const Input& input, base::SteadyTime now) noexcept;
  bool may_decrease(const Input& input, base::SteadyTime now) const noexcept;

  RateLimits limits_;
  double bps_;
  State state_ = State::hold;
  LinkCapacity capacity_ = {};
  std::optional<base::SteadyTime> changed_ = {};
  std::optional<base::SteadyTime> decreased_ = {};
};

}  // namespace telltale::rtc::congestion
