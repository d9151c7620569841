#include "rtc/congestion/loss_control.hpp"

#include <cmath>

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

constexpr auto kWindow = 500ms;
constexpr int kPacketsMin = 20;
constexpr double kHigh = 0.10;
constexpr double kHighNoise = 2.5;  // in standard deviations, as all noise here
constexpr double kLow = 0.02;
constexpr double kLowNoise = 1;
constexpr double kGrowth = 1.05;
constexpr double kNear = 0.85;  // of what the path carried when it overflowed: from there on …
constexpr double kNearGrowth = 1.01;
constexpr int kGapsMin = 3;    // fewer are one burst of losses, or two
constexpr int kHeldMax = 6;    // windows
constexpr double kRoom = 1.5;  // over the target, where there was no limit before
constexpr double kForget = 0.05;
constexpr double kKnownMax = 200;  // packets that what is known of the inherent loss counts for

constexpr double kTestPart = 0.9;      // of what arrived: no more may be sent
constexpr double kClearlyLess = 0.95;  // of what arrived: no more was sent
constexpr int kTestPackets = 100;
constexpr int kTestWindows = 4;
constexpr double kFollows = 1.3;  // of the limit: who sends more does not follow it
constexpr double kSameLoss = 0.7;
constexpr double kGone = 0.05;  // so much less is lost than before the test, at least
constexpr double kGoneNoise = 2.5;
constexpr double kBackOff = 0.85;

constexpr auto kProvenFor = 8s;
constexpr double kProvenMore = 1.2;  // than what we send
constexpr double kProofMore = 1.35;  // is asked for
constexpr auto kProofWithin = 1s;
constexpr double kProofBelow = 0.15;  // more is not lost by chance

double deviation(double part, double packets) noexcept {
  const double usual = std::clamp(part, 0.01, 0.5);
  return std::sqrt(usual * (1 - usual) / packets);
}

double sent(double arrives_bps, double loss) noexcept {
  return arrives_bps / std::max(0.01, 1 - loss);
}

}  // namespace

std::optional<double> LossControl::update(const Fates& fates, double target_bps, double arrives_bps,
                                          base::SteadyTime now) noexcept {
  if (!since_) since_ = now;
  fates_ += fates;
  if (now - *since_ >= kWindow && fates_.packets() >= kPacketsMin) {
    loss_ = fates_.loss();
    if (test_)
      go_on_testing(arrives_bps, now);
    else if (proof_until_)
      doubt(target_bps, arrives_bps, now);
    else
      judge(target_bps, arrives_bps, now);
    fates_ = {};
    since_ = now;
  }
  return limit_bps_;
}

void LossControl::on_probe(double bps, base::SteadyTime now) noexcept {
  proven_bps_ = bps;
  proven_at_ = now;
  if (test_)
    test_->restore_bps = std::max(test_->restore_bps, bps);
  else if (limit_bps_)
    limit_bps_ = std::max(*limit_bps_, bps);
}

void LossControl::set_limit(double bps, base::SteadyTime now) noexcept {
  limit_bps_ = bps;
  changed_ = now;
}

// By chance a window's loss is so far from the inherent one.
double LossControl::noise() const noexcept {
  return deviation(inherent_, fates_.packets());
}

void LossControl::learn(const Fates& fates) noexcept {
  const double all = inherent_by_ + fates.packets();
  inherent_ = (inherent_ * inherent_by_ + fates.loss() * fates.packets()) / all;
  inherent_by_ = std::min(all, kKnownMax);
}

void LossControl::judge(double target_bps, double arrives_bps, base::SteadyTime now) noexcept {
  const double ours = loss_ - inherent_;
  if (-ours > kLowNoise * noise()) inherent_ += kForget * ours;
  if (ours > std::max(kHigh, kHighNoise * noise())) {
    lower(target_bps, arrives_bps, now);
    return;
  }
  warning_.reset();
  if (!limit_bps_) return;
  const bool low = ours < std::max(kLow, kLowNoise * noise());
  held_ = std::max(0, held_ + (low ? -1 : 1));
  if (held_ >= kHeldMax) {
    warning_ = Warning{.restore_bps = std::min(*limit_bps_, target_bps)};
    doubt(target_bps, arrives_bps, now);
  } else if (low) {
    const bool near = carries_bps_ && arrives_bps > kNear * *carries_bps_;
    *limit_bps_ *= near ? kNearGrowth : kGrowth;
    if (*limit_bps_ > 2 * target_bps) limit_bps_.reset();
  }
}

// The first time by a little, since one window may be bad luck.
void LossControl::lower(double target_bps, double arrives_bps, base::SteadyTime now) noexcept {
  if (warning_) {
    if (fates_.gaps >= kGapsMin) doubt(target_bps, arrives_bps, now);
    return;
  }
  const double before = std::min(limit_bps_.value_or(target_bps), target_bps);
  warning_ = Warning{.fates = fates_, .restore_bps = limit_bps_ ? before : kRoom * before};
  set_limit(before * (1 - 0.5 * (loss_ - inherent_)), now);
}

bool LossControl::proven(double arrives_bps, base::SteadyTime now) const noexcept {
  return now - proven_at_ < kProvenFor && proven_bps_ > kProvenMore * sent(arrives_bps, loss_);
}

// A test costs what it takes away for a second: a probe that arrives says the same.
void LossControl::doubt(double target_bps, double arrives_bps, base::SteadyTime now) noexcept {
  if (proof_until_ && loss_ - inherent_ < std::max(kLow, kLowNoise * noise())) {  // it is over
    proof_until_.reset();
    warning_.reset();
    return;
  }
  const bool waits = proof_until_ ? now < *proof_until_ : loss_ - inherent_ < kProofBelow;
  if (proven(arrives_bps, now) || !waits) {
    proof_until_.reset();
    begin_test(target_bps, arrives_bps, now);
    return;
  }
  if (!proof_until_) proof_until_ = now + kProofWithin;
  proof_bps_ = kProofMore * sent(arrives_bps, loss_);
  if (warning_) warning_->fates += fates_;
}

void LossControl::begin_test(double target_bps, double arrives_bps, base::SteadyTime now) noexcept {
  held_ = 0;
  auto before = warning_->fates;
  before += fates_;
  const double restore_bps = warning_->restore_bps;
  warning_.reset();
  if (proven(arrives_bps, now)) {
    learn(fates_);
    set_limit(std::max(restore_bps, proven_bps_), now);
    return;
  }
  test_ = Test{.before = before, .arrived_bps = arrives_bps, .restore_bps = restore_bps};
  // What is lost is sent again, on top of the target.
  const double most = std::min(limit_bps_.value_or(target_bps), target_bps);
  set_limit(std::min(most, kTestPart * arrives_bps * (1 - loss_)), now);
}

void LossControl::go_on_testing(double arrives_bps, base::SteadyTime now) noexcept {
  test_->seen += fates_;
  ++test_->windows;
  loss_ = test_->seen.loss();
  const double sends_bps = sent(arrives_bps, loss_);
  const bool told = sends_bps < kClearlyLess * test_->arrived_bps;
  const bool may_tell =
      told ? test_->seen.packets() < kTestPackets : sends_bps < kFollows * *limit_bps_;
  if (may_tell && test_->windows < kTestWindows) return;
  const auto test = *test_;
  test_.reset();
  if (!told) {  // who sends cannot send less: all there is to go by is whether it stayed the same
    const double before = test.before.loss();
    if (loss_ > kSameLoss * before) inherent_ = std::max(inherent_, (loss_ + before) / 2);
    set_limit(test.restore_bps, now);
    return;
  }
  learn(test.seen);
  const double gone = test.before.loss() - loss_;
  const double mean = (test.before.loss() + loss_) / 2;
  const double chance =
      std::hypot(deviation(mean, test.seen.packets()), deviation(mean, test.before.packets()));
  if (gone > std::max(kGone, kGoneNoise * chance)) {
    carries_bps_ = sent(test.arrived_bps, loss_);
    set_limit(std::min(test.restore_bps, kBackOff * *carries_bps_), now);
  } else {
    carries_bps_.reset();
    set_limit(test.restore_bps, now);
  }
}

}  // namespace telltale::rtc::congestion
