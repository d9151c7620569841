#include "rtc/congestion/probe_control.hpp"

#include <algorithm>
#include <utility>

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

constexpr int kInitialProbes = 2;
constexpr double kInitialFactors[kInitialProbes] = {3, 6};
constexpr int kInitialLostMax = 4;
constexpr double kFirstMost = 2;
constexpr double kStep = 2;
constexpr double kGoOn = 0.7;      // of what was asked: then on to twice as much
constexpr auto kGoOnWithin = 2s;   // when it is quiet again
constexpr double kLossMax = 0.10;  // probing adds to such a loss
constexpr double kLargeDrop = 0.66;
constexpr double kRecoveryPart = 0.85;
constexpr base::Duration kFirstPeriod =
    500ms;                              // a probe that jitter blurred says little: soon again
constexpr base::Duration kPeriod = 5s;  // twice as long each time, up to this
// Up to so much later, in steps of the golden section: five seconds are 150 pictures, and a probe
// would meet another viewer's at the same point each time.
constexpr base::Duration kShift = 150ms;
constexpr auto kResultWithin = 1s;
constexpr auto kRecoverAfter = 1s;
constexpr auto kRecoverBefore = 5s;
// Over the goal, in turn: a link that just has it shows it to a probe of little more, one with
// jitter to a probe of much more, since it looks slower than it is.
constexpr double kNearMargin = 1.1;
constexpr double kFarMargin = 1.3;
constexpr base::Duration kProbeLasts = 15ms;
// Of those at regular times: jitter as long as a probe makes it look half as fast as it was.
constexpr base::Duration kPeriodicLasts = 30ms;
constexpr double kWorthwhile = 1.05;

}  // namespace

ProbeControl::ProbeControl(const RateLimits& limits) noexcept
    : limits_(limits), period_(kFirstPeriod), lasts_(kProbeLasts) {}

void ProbeControl::look_first() noexcept {
  looks_first_ = true;
  far_ = true;
}

double ProbeControl::ceiling_bps() const noexcept {
  const auto most = static_cast<double>(limits_.max_bps);
  if (goal_bps_ == 0) return most;
  return std::min(most, static_cast<double>(goal_bps_) * (far_ ? kFarMargin : kNearMargin));
}

double ProbeControl::first_bps() noexcept {
  const auto bps = static_cast<double>(limits_.start_bps) * kInitialFactors[initial_done_++];
  // One that is waited for asks for all that is of use, as long as that is no multiple of it.
  return looks_first_ ? std::clamp(ceiling_bps(), bps, kFirstMost * bps) : bps;
}

std::optional<ProbeRequest> ProbeControl::ask(double bps, base::Duration lasts,
                                              base::SteadyTime now, bool beyond) noexcept {
  bps = std::min(bps, beyond ? static_cast<double>(limits_.max_bps) : ceiling_bps());
  last_cluster_ = static_cast<std::uint8_t>(last_cluster_ % 255 + 1);
  probing_bps_ = bps;
  probing_since_ = now;
  next_bps_ = 0;
  deadline_ = now + kResultWithin;
  return ProbeRequest{.cluster = last_cluster_,
                      .rate_bps = static_cast<std::int64_t>(bps),
                      .bytes_min = static_cast<std::int64_t>(bps / 8 * base::to_seconds(lasts)),
                      .alone = looks_first_ && !any_result_};
}

std::optional<ProbeRequest> ProbeControl::poll(const Situation& situation,
                                               base::SteadyTime now) noexcept {
  if (probing_bps_ > 0 && now - probing_since_ >= kResultWithin) {
    probing_bps_ = 0;
    // A lossy path may have taken too much of both: without them the climb takes minutes.
    if (!any_result_ && initial_done_ == kInitialProbes && initial_lost_ < kInitialLostMax) {
      initial_done_ = 0;
      ++initial_lost_;
    }
  }
  if (probing_bps_ > 0) return {};
  deadline_.reset();
  if (initial_done_ < kInitialProbes)
    return ask(first_bps(), looks_first_ ? kPeriodicLasts : kProbeLasts, now);
  if (situation.proof_bps > 0 && now >= proof_from_) {
    proof_from_ = now + kResultWithin;
    return ask(situation.proof_bps, kPeriodicLasts, now, true);
  }
  const bool quiet = situation.usage == Usage::normal && situation.loss < kLossMax;
  const bool room = ceiling_bps() > situation.estimate_bps * kWorthwhile;
  if (!room || now > next_until_) next_bps_ = 0;
  if (std::exchange(goal_raised_, false) && quiet && room && next_bps_ == 0)
    next_bps_ = situation.estimate_bps * kStep;
  if (next_bps_ > 0 && quiet) return ask(next_bps_, lasts_, now);

  if (before_drop_bps_ > 0 && now - dropped_at_ > kRecoverBefore) before_drop_bps_ = 0;
  if (before_drop_bps_ > 0 && quiet && now - dropped_at_ >= kRecoverAfter) {
    const double wanted = before_drop_bps_ * kRecoveryPart;
    before_drop_bps_ = 0;
    if (wanted > situation.estimate_bps * kWorthwhile) return ask(wanted, lasts_, now);
  }
  // A ladder is application-limited by its nature, even when it sends most of what it may.
  if ((!situation.limited_since && !situation.ladder) || !room) {
    periodic_at_.reset();
    return {};
  }
  if (!periodic_at_) periodic_at_ = situation.limited_since.value_or(now) + period_;
  if (now >= *periodic_at_ && quiet && !situation.busy) {
    period_ = std::min(2 * period_, kPeriod);
    periodic_at_ = now + period_ + kShift * (last_cluster_ * 8 % 13) / 13;
    lasts_ = kPeriodicLasts;
    far_ = !far_;
    return ask(situation.estimate_bps * kStep, lasts_, now);
  }
  deadline_ = std::max(*periodic_at_, now + 100ms);
  return {};
}

void ProbeControl::on_result(const Probed& probed, base::SteadyTime now) noexcept {
  any_result_ = true;
  if (probed.cluster != last_cluster_) return;  // the rest of one before it
  if (probing_bps_ > 0 && probed.bps > kGoOn * probing_bps_) {
    next_bps_ = kStep * probed.bps;
    next_until_ = now + kGoOnWithin;
  }
  probing_bps_ = 0;
}

void ProbeControl::again_soon(base::SteadyTime now) noexcept {
  if (periodic_at_) periodic_at_ = std::min(*periodic_at_, now + kFirstPeriod);
}

void ProbeControl::on_drop(double from_bps, double to_bps, base::SteadyTime now) noexcept {
  if (to_bps < from_bps) period_ = kPeriod;
  if (to_bps < from_bps && periodic_at_) periodic_at_ = now + kPeriod;
  if (to_bps >= kLargeDrop * from_bps) return;
  before_drop_bps_ = from_bps;
  dropped_at_ = now;
}

}  // namespace telltale::rtc::congestion
