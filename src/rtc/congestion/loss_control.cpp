#include "rtc/congestion/loss_control.hpp"

#include <algorithm>

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

constexpr auto kWindow = 500ms;
constexpr int kPacketsMin = 20;
constexpr double kHigh = 0.10;
constexpr double kLow = 0.02;
constexpr double kGrowth = 1.05;
constexpr double kSameLoss = 0.7;  // of the loss before we sent less: it was not our doing
constexpr double kForget = 0.05;

}  // namespace

std::optional<double> LossControl::update(int lost, int received, double target_bps,
                                          base::SteadyTime now) noexcept {
  if (!since_) since_ = now;
  lost_ += lost;
  received_ += received;
  if (now - *since_ >= kWindow && lost_ + received_ >= kPacketsMin) judge(target_bps, now);
  return limit_bps_;
}

void LossControl::judge(double target_bps, base::SteadyTime now) noexcept {
  loss_ = std::clamp(static_cast<double>(lost_) / (lost_ + received_), 0.0, 1.0);
  lost_ = received_ = 0;
  since_ = now;
  if (loss_before_decrease_ && loss_ > kSameLoss * *loss_before_decrease_)
    inherent_ = std::max(inherent_, (loss_ + *loss_before_decrease_) / 2);
  loss_before_decrease_.reset();
  if (loss_ < inherent_) inherent_ += kForget * (loss_ - inherent_);
  const double ours = loss_ - inherent_;
  if (ours > kHigh) {
    limit_bps_ = std::min(limit_bps_.value_or(target_bps), target_bps) * (1 - 0.5 * ours);
    loss_before_decrease_ = loss_;
  } else if (limit_bps_ && ours < kLow) {
    *limit_bps_ *= kGrowth;
    if (*limit_bps_ > 2 * target_bps) limit_bps_.reset();
  }
}

}  // namespace telltale::rtc::congestion
