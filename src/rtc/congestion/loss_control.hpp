// The loss-based limit: nothing while losses are low, less when over a tenth is lost, more again
// when under a fiftieth (draft-ietf-rmcat-gcc-02 section 6). Loss that stays the same when we send
// less is the link's own (radio) and no sign of congestion: it is learnt and taken off, so that a
// link that always loses 15 % does not lead to nothing.
#pragma once

#include <algorithm>
#include <optional>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

class LossControl {
 public:
  // Fates of packets as they become known; `target_bps` is what we send by now. The limit, if any.
  std::optional<double> update(int lost, int received, double target_bps,
                               base::SteadyTime now) noexcept;

  // A probe arrived at this rate: what was lost before was not for want of it.
  void on_probe(double bps) noexcept {
    if (limit_bps_) limit_bps_ = std::max(*limit_bps_, bps);
  }

  // Of the last window that was long enough, 0…1.
  double loss() const noexcept { return loss_; }
  double inherent_loss() const noexcept { return inherent_; }

 private:
  void judge(double target_bps, base::SteadyTime now) noexcept;

  std::optional<double> limit_bps_ = {};
  double loss_ = 0;
  double inherent_ = 0;
  std::optional<double> loss_before_decrease_ = {};
  int lost_ = 0;
  int received_ = 0;
  std::optional<base::SteadyTime> since_ = {};
};

}  // namespace telltale::rtc::congestion
