#include "rtc/congestion/rate_control.hpp"

#include <algorithm>
#include <cmath>

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

constexpr double kBackOff = 0.85;
constexpr double kGrowthPerSecond = 1.08;
constexpr double kSlowestGrowthBps = 4'000;  // per second
constexpr double kPacketBits = 1'200 * 8;
constexpr double kFramesPerSecond = 30;
constexpr double kPivotBps = 1'000'000;
constexpr double kFastestGrowth = 0.06;  // of the rate, per second
constexpr auto kQuiet = 20s;

// About one packet per response time, more for a flow that has little and less for one that has
// much: what makes flows of unequal shares meet sooner (the increase of binomial congestion control
// with k = 1, Bansal and Balakrishnan, 2001).
double additive_bps_per_second(double bps, base::Duration rtt) noexcept {
  const double frame_bits = bps / kFramesPerSecond;
  const double packets = std::ceil(frame_bits / kPacketBits);
  const double response_s = base::to_seconds(rtt + 100ms);
  const double turn = std::clamp(kPivotBps / bps, 0.4, 2.5);
  return std::clamp(frame_bits / packets / response_s * turn, kSlowestGrowthBps,
                    std::max(kSlowestGrowthBps, kFastestGrowth * bps));
}

// What the link carries, at overuse. Behind a long queue it is what has just arrived. Else the
// overuse may be a key frame's, sent after a time of less: then the mean says nothing about the
// link, but what arrived while the frame did does.
double throughput(const RateControl::Input& input, double otherwise) noexcept {
  const double mean = input.acknowledged_bps.value_or(otherwise);
  const double recent = input.recent_bps.value_or(mean);
  return input.queue_full ? recent : std::max(mean, recent);
}

}  // namespace

RateControl::RateControl(const RateLimits& limits) noexcept
    : limits_(limits), bps_(static_cast<double>(limits.start_bps)) {}

double RateControl::update(const Input& input, base::SteadyTime now) noexcept {
  switch (input.usage) {
    case Usage::overuse:
      if (may_decrease(input, now)) state_ = State::decrease;
      break;
    case Usage::underuse:
      state_ = State::hold;
      break;
    case Usage::normal:
      if (state_ == State::hold) {
        changed_ = now;
        state_ = State::increase;
      }
      break;
  }
  if (state_ == State::increase && input.usage == Usage::normal) increase(input, now);
  if (state_ == State::decrease) decrease(input, now);
  bps_ =
      std::clamp(bps_, static_cast<double>(limits_.min_bps), static_cast<double>(limits_.max_bps));
  return bps_;
}

// A decrease shows its effect only after a round trip.
bool RateControl::may_decrease(const Input& input, base::SteadyTime now) const noexcept {
  if (!decreased_) return true;
  const auto wait = std::clamp<base::Duration>(input.rtt, 10ms, 200ms);
  return now - *decreased_ >= wait || input.acknowledged_bps.value_or(bps_) < bps_ / 2;
}

void RateControl::increase(const Input& input, base::SteadyTime now) noexcept {
  const double seconds = changed_ ? std::clamp(base::to_seconds(now - *changed_), 0.0, 1.0) : 0.0;
  changed_ = now;
  if (input.application_limited) return;
  // Never far beyond what has been shown to arrive.
  const double ceiling = input.acknowledged_bps ? *input.acknowledged_bps * 1.5 + 10'000 : bps_;
  if (bps_ >= ceiling) return;
  // Only after long quiet faster than additively: growth in proportion would keep a flow that has
  // more ahead of one that has less (Chiu and Jain, 1989).
  if (capacity_.bps() && *input.acknowledged_bps > capacity_.upper_bps() &&
      (!decreased_ || now - *decreased_ > kQuiet))
    capacity_.reset();
  const double raised =
      capacity_.bps()
          ? bps_ + additive_bps_per_second(bps_, input.rtt) * seconds
          : bps_ + std::max(bps_ * (std::pow(kGrowthPerSecond, seconds) - 1), 1'000 * seconds);
  bps_ = std::min(raised, ceiling);
}

void RateControl::decrease(const Input& input, base::SteadyTime now) noexcept {
  const double arrives = throughput(input, bps_);
  double lowered = arrives * kBackOff;
  if (lowered > bps_ && capacity_.bps()) lowered = *capacity_.bps() * kBackOff;
  bps_ = std::min(bps_, lowered);
  // What arrives while we are application-limited is not the link's capacity.
  if (!input.application_limited) {
    if (capacity_.bps() && arrives < capacity_.lower_bps()) capacity_.reset();
    capacity_.on_overuse(arrives);
  }
  state_ = State::hold;
  changed_ = now;
  decreased_ = now;
}

void RateControl::set(double bps, base::SteadyTime now) noexcept {
  bps_ =
      std::clamp(bps, static_cast<double>(limits_.min_bps), static_cast<double>(limits_.max_bps));
  capacity_.on_probe(bps);
  changed_ = now;
}

}  // namespace telltale::rtc::congestion
