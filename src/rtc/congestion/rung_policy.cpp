#include "rtc/congestion/rung_policy.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

constexpr int kNearlyOver = 5;   // of the wait: a fifth
constexpr auto kSettle = 500ms;  // after a step down for queue or loss, before the next one

}  // namespace

std::string_view reason_name(SwitchReason reason) noexcept {
  switch (reason) {
    case SwitchReason::room:
      return "room";
    case SwitchReason::target_fell:
      return "target_fell";
    case SwitchReason::queue:
      return "queue";
    case SwitchReason::loss:
      return "loss";
    case SwitchReason::chosen:
      return "chosen";
    case SwitchReason::tried:
      return "tried";
    case SwitchReason::health:
      return "health";
    case SwitchReason::cpu:
      return "cpu";
    case SwitchReason::memory:
      return "memory";
  }
  return "unknown";
}

RungPolicy::RungPolicy(std::span<const std::int64_t> rung_bps, std::int64_t start_bps,
                       const RungSettings& settings)
    : settings_(settings),
      rungs_(rung_bps.size()),
      ceiling_(rung_bps.size() - 1),
      hold_off_(settings.up_first) {
  try_wait_.fill(settings.try_after);
  CHECK(!rung_bps.empty() && rung_bps.size() <= kRungsMax);
  CHECK(std::ranges::is_sorted(rung_bps));
  std::ranges::copy(rung_bps, rung_bps_.begin());
  while (current_ + 1 < rungs_ && rung_bps_[current_ + 1] <= start_bps) ++current_;
}

void RungPolicy::begin_on(std::int64_t target_bps) noexcept {
  if (pinned_) return;
  const auto target = static_cast<double>(target_bps);
  const auto otherwise =
      current_;  // on a path that nothing is known of: no room beyond it is needed
  const auto fits = [&](std::size_t rung) {
    return target >= rate(rung) * (rung <= otherwise ? 1 : settings_.up_above);
  };
  current_ = ceiling_;
  while (current_ > 0 && !fits(current_)) --current_;
}

std::int64_t RungPolicy::probe_goal_bps() const noexcept {
  const auto goal = pinned_ ? current_ : ceiling_;
  // There, nothing more is to be had: on a link that just carries it a probe would cost it.
  return static_cast<std::int64_t>(rate(goal) * (current_ < goal ? settings_.up_above : 1));
}

std::optional<std::size_t> RungPolicy::lower(const Estimate& estimate, base::SteadyTime now,
                                             SwitchReason& reason) const noexcept {
  const auto target = static_cast<double>(estimate.target_bps);
  if (current_ == 0) return {};
  const bool below = target < settings_.down_below * rate(current_);
  const bool well_below = target < settings_.down_at_once_below * rate(current_);
  if (well_below || (below && below_since_ && now - *below_since_ >= settings_.down_after)) {
    reason = SwitchReason::target_fell;
    auto to = current_ - 1;
    while (to > 0 && rate(to) > target) --to;
    return usable_below(to, now);
  }
  // With that much room what is wrong is old, or not of our making.
  if (target > settings_.up_above * rate(current_)) return {};
  if (last_ && now - last_->at < kSettle) return {};
  if (estimate.usage == Usage::overuse && estimate.queue_delay > settings_.queue_max) {
    reason = SwitchReason::queue;
    return usable_below(current_ - 1, now);
  }
  if (estimate.loss - estimate.inherent_loss > settings_.loss_max) {
    reason = SwitchReason::loss;
    return usable_below(current_ - 1, now);
  }
  return {};
}

// One for which the wait is nearly over is waited for: each switch costs a key frame.
std::optional<std::size_t> RungPolicy::higher(base::SteadyTime now) const noexcept {
  for (auto rung = ceiling_; rung > current_; --rung) {
    if (!usable(rung, now) || !fits_since_[rung]) continue;
    const auto wait = rung >= too_high_ ? hold_off_ : std::min(hold_off_, settings_.up_after);
    const auto left = wait - (now - *fits_since_[rung]);
    if (left <= base::Duration::zero()) return rung;
    if (left < wait / kNearlyOver) return {};
  }
  return {};
}

// The highest one from there down that can be had; when none can, the lowest above it that still is
// below what is sent.
std::optional<std::size_t> RungPolicy::usable_below(std::size_t from,
                                                    base::SteadyTime now) const noexcept {
  for (auto rung = from + 1; rung-- > 0;)
    if (usable(rung, now)) return rung;
  for (auto rung = from + 1; rung < current_; ++rung)
    if (usable(rung, now)) return rung;
  return {};
}

// A receiver's REMB is at most one and a half times what arrives: the room for the next rung never
// shows until that rung is sent.
std::optional<std::size_t> RungPolicy::worth_trying(const Estimate& estimate,
                                                    base::SteadyTime now) noexcept {
  const bool steady = estimate.remb_bound && estimate.loss <= settings_.steady_loss_max &&
                      static_cast<double>(estimate.target_bps) >= rate(current_);
  if (!steady || try_) {
    steady_since_.reset();
    return {};
  }
  if (!steady_since_) steady_since_ = now;
  for (auto rung = current_ + 1; rung <= ceiling_; ++rung)
    if (usable(rung, now))
      return now - *steady_since_ >= try_wait_[rung] ? std::optional(rung) : std::nullopt;
  return {};
}

bool RungPolicy::try_failed(const Estimate& estimate, base::SteadyTime now,
                            SwitchReason& reason) noexcept {
  const auto target = static_cast<double>(estimate.target_bps);
  try_->peak_bps = std::max(try_->peak_bps, target);
  const bool follows = target >= settings_.down_below * rate(current_);
  const bool lost = estimate.loss > settings_.try_loss_max;
  const bool fell = !follows && target < settings_.down_below * try_->peak_bps;
  if (!lost && !fell && now < try_->until) return false;
  try_.reset();
  if (!lost && follows) {  // it held
    try_wait_[current_] = settings_.try_after;
    return false;
  }
  try_wait_[current_] = std::min(try_wait_[current_] * 2, settings_.try_after_max);
  reason = lost ? SwitchReason::loss : SwitchReason::target_fell;
  return true;
}

void RungPolicy::refused(std::size_t rung, std::size_t current, base::SteadyTime now) noexcept {
  auto& span = refused_for_[rung];
  span = span == base::Duration{} ? settings_.refused_for
                                  : std::min(span * 2, settings_.refused_for_max);
  refused_until_[rung] = now + span;
  current_ = current;
  try_.reset();
  steady_since_.reset();
  went_up_.reset();
}

RungSwitch RungPolicy::move(std::size_t to, SwitchReason reason, base::SteadyTime now) noexcept {
  last_ = RungSwitch{.from = current_, .to = to, .reason = reason, .at = now};
  current_ = to;
  below_since_.reset();
  raised_.reset();
  steady_since_.reset();
  ++counts_[static_cast<std::size_t>(reason)];
  return *last_;
}

// A rung left soon after it was reached was too high: the next try waits twice as long.
void RungPolicy::note_failure(base::SteadyTime now) noexcept {
  const bool climbing = hold_off_ < settings_.up_after;  // the start, when nothing was known
  hold_off_ = std::max(hold_off_, settings_.up_after);
  if (!climbing && went_up_ && now - *went_up_ < settings_.proven_after) {
    too_high_ = std::min(too_high_, current_);
    hold_off_ = std::min(hold_off_ * 2, settings_.up_after_max);
  }
  went_up_.reset();
  fits_since_ = {};
}

std::optional<RungSwitch> RungPolicy::update(const Estimate& estimate,
                                             base::SteadyTime now) noexcept {
  const auto target = static_cast<double>(estimate.target_bps);
  audio_only_ = estimate.target_bps < settings_.audio_only_below_bps;
  for (std::size_t rung = 0; rung < rungs_; ++rung) {
    if (target <= settings_.up_above * rate(rung))
      fits_since_[rung].reset();
    else if (!fits_since_[rung])
      fits_since_[rung] = now;
  }
  if (target >= settings_.down_below * rate(current_))
    below_since_.reset();
  else if (!below_since_)
    below_since_ = now;
  if (pinned_) return {};
  auto reason = SwitchReason::room;
  std::optional<std::size_t> down;
  if (!try_)
    down = lower(estimate, now, reason);
  else if (try_failed(estimate, now, reason) && current_ > 0)
    down = usable_below(current_ - 1, now);
  if (down) {
    note_failure(now);
    return move(*down, reason, now);
  }
  if (went_up_ && now - *went_up_ >= settings_.proven_after) {
    if (current_ >= too_high_) {
      hold_off_ = settings_.up_after;
      too_high_ = kRungsMax;
    }
    hold_off_ = std::max(hold_off_, settings_.up_after);
    went_up_.reset();
  }
  if (const auto to = higher(now)) {
    went_up_ = now;
    try_.reset();
    return move(*to, raised_.value_or(SwitchReason::room), now);
  }
  if (const auto to = worth_trying(estimate, now)) {
    went_up_ = now;
    try_ = Try{.until = now + settings_.try_patience, .peak_bps = target};
    return move(*to, SwitchReason::tried, now);
  }
  return {};
}

std::optional<RungSwitch> RungPolicy::pin(std::optional<std::size_t> rung,
                                          base::SteadyTime now) noexcept {
  if (rung && *rung >= rungs_) return {};
  pinned_ = rung.has_value();
  try_.reset();
  fits_since_ = {};
  if (!rung && current_ > ceiling_) return move(ceiling_, SwitchReason::health, now);
  if (!rung || *rung == current_) return {};
  return move(*rung, SwitchReason::chosen, now);
}

std::optional<RungSwitch> RungPolicy::limit(std::optional<std::size_t> ceiling, SwitchReason why,
                                            base::SteadyTime now) noexcept {
  const auto before = ceiling_;
  ceiling_ = std::min(ceiling.value_or(rungs_ - 1), rungs_ - 1);
  if (ceiling_ > before) raised_ = why;
  if (pinned_ || current_ <= ceiling_) return {};
  try_.reset();
  went_up_.reset();
  const auto to = usable_below(ceiling_, now);
  if (!to) return {};
  return move(*to, why, now);
}

}  // namespace telltale::rtc::congestion
