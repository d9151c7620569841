// The loss-based limit: nothing while losses are low, a little less when over a tenth is lost, more
// again when under a fiftieth (draft-ietf-rmcat-gcc-02 section 6). Loss that lasts is put to the
// test: for a moment we may send only clearly less than what arrived. Where a queue overflowed, all
// of it arrives now, and what had arrived is what the path carries; what is lost still is the
// path's own (radio) and no sign of congestion: it is learnt and taken off, so that a path that
// always loses 15 % does not lead to nothing. Where a probe shows that the path carries more
// than we send, no test is needed; where under 15 % is lost one is asked for first.
#pragma once

#include <algorithm>
#include <optional>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

// What became of packets, in the order in which they were sent.
struct Fates {
  int lost = 0;
  int received = 0;
  int gaps = 0;  // losses one after another are one

  int packets() const noexcept { return lost + received; }
  double loss() const noexcept {
    return packets() > 0 ? std::clamp(static_cast<double>(lost) / packets(), 0.0, 1.0) : 0.0;
  }
  Fates& operator+=(const Fates& more) noexcept {
    lost += more.lost;
    received += more.received;
    gaps += more.gaps;
    return *this;
  }
};

class LossControl {
 public:
  // Fates of what was sent at since() or later; `target_bps` is what we may send by now,
  // `arrives_bps` what arrives of what we do send. The limit, if any.
  std::optional<double> update(const Fates& fates, double target_bps, double arrives_bps,
                               base::SteadyTime now) noexcept;
  // What is older was sent under another limit.
  base::SteadyTime since() const noexcept { return changed_; }

  // What a probe should show, so that no test is needed. 0: nothing.
  double wants_proof_bps() const noexcept { return proof_until_ ? proof_bps_ : 0; }
  // A probe arrived at this rate: what was lost before was not for want of it.
  void on_probe(double bps, base::SteadyTime now) noexcept;

  // Of the last window that was long enough, 0…1.
  double loss() const noexcept { return loss_; }
  double inherent_loss() const noexcept { return inherent_; }

 private:
  struct Test {
    Fates before = {};
    Fates seen = {};  // while it lasts
    double arrived_bps = 0;
    double restore_bps = 0;  // the limit when the loss is not our doing
    int windows = 0;
  };
  struct Warning {
    Fates fates = {};
    double restore_bps = 0;
  };
  void judge(double target_bps, double arrives_bps, base::SteadyTime now) noexcept;
  void lower(double target_bps, double arrives_bps, base::SteadyTime now) noexcept;
  void doubt(double target_bps, double arrives_bps, base::SteadyTime now) noexcept;
  bool proven(double arrives_bps, base::SteadyTime now) const noexcept;
  void begin_test(double target_bps, double arrives_bps, base::SteadyTime now) noexcept;
  void go_on_testing(double arrives_bps, base::SteadyTime now) noexcept;
  void learn(const Fates& fates) noexcept;
  void set_limit(double bps, base::SteadyTime now) noexcept;
  double noise() const noexcept;

  std::optional<double> limit_bps_ = {};
  double loss_ = 0;
  double inherent_ = 0;
  double inherent_by_ = 0;  // packets
  std::optional<Warning> warning_ = {};
  std::optional<Test> test_ = {};
  int held_ = 0;                            // windows of loss that neither lowers nor raises
  std::optional<double> carries_bps_ = {};  // the path, when it overflowed last
  double proven_bps_ = 0;                   // by a probe
  base::SteadyTime proven_at_ = {};
  std::optional<base::SteadyTime> proof_until_ = {};  // a test waits for it
  double proof_bps_ = 0;
  Fates fates_ = {};
  std::optional<base::SteadyTime> since_ = {};  // of this window
  base::SteadyTime changed_ = {};
};

}  // namespace telltale::rtc::congestion
