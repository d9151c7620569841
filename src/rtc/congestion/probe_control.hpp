// When to probe, and how fast (libwebrtc's ProbeController). A server of a ladder sends less than
// it may nearly always, so without probes it would never learn that a higher rung fits: it probes
// at the start, on towards more while probes get through, regularly while application-limited, and
// for what it had after a large drop.
#pragma once

#include <optional>

#include "rtc/congestion/probe_estimator.hpp"
#include "rtc/congestion/rate_control.hpp"
#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

class ProbeControl {
 public:
  explicit ProbeControl(const RateLimits& limits) noexcept;

  // No probe looks much beyond this: what the highest rung in reach needs. 0: no goal, the maximum.
  // A higher one than before is looked for at once: somebody chose a higher rung.
  void set_goal(std::int64_t bps) noexcept {
    goal_raised_ = goal_raised_ || (goal_bps_ > 0 && bps > goal_bps_);
    goal_bps_ = bps;
  }

  struct Situation {
    double estimate_bps = 0;
    std::optional<base::SteadyTime> limited_since = {};  // AlrDetector
    bool ladder = false;  // probe regularly, limited or not, as long as the goal is not reached
    Usage usage = Usage::normal;
    double loss = 0;
    double proof_bps = 0;  // wanted at once, whatever the goal; 0: not
    bool busy = false;     // much waits to be sent: no more than the first probes now
  };
  // What to probe now, if anything. One at a time.
  std::optional<ProbeRequest> poll(const Situation& situation, base::SteadyTime now) noexcept;
  std::optional<base::SteadyTime> next_deadline() const noexcept { return deadline_; }

  void on_result(const Probed& probed, base::SteadyTime now) noexcept;
  // The first ones may take longer: nothing else waits to be sent.
  void look_first() noexcept;
  bool any_result() const noexcept { return any_result_; }
  // The last one is in doubt: another one before its time.
  void again_soon(base::SteadyTime now) noexcept;
  // The estimate fell to `to_bps`.
  void on_drop(double from_bps, double to_bps, base::SteadyTime now) noexcept;

 private:
  std::optional<ProbeRequest> ask(double bps, base::Duration lasts, base::SteadyTime now,
                                  bool beyond = false) noexcept;
  double first_bps() noexcept;
  double ceiling_bps() const noexcept;

  RateLimits limits_;
  std::int64_t goal_bps_ = 0;
  bool goal_raised_ = false;
  bool far_ = false;  // the next probe goes well beyond the goal
  int initial_done_ = 0;
  int initial_lost_ = 0;  // pairs of which nothing was heard
  bool any_result_ = false;
  bool looks_first_ = false;
  std::uint8_t last_cluster_ = 0;
  double probing_bps_ = 0;  // the rate of the probe under way; 0: none
  base::SteadyTime probing_since_ = {};
  double next_bps_ = 0;  // an exponential step to follow
  base::SteadyTime next_until_ = {};
  base::SteadyTime proof_from_ = {};
  double before_drop_bps_ = 0;
  base::SteadyTime dropped_at_ = {};
  base::Duration period_;
  base::Duration lasts_;
  std::optional<base::SteadyTime> periodic_at_ = {};
  std::optional<base::SteadyTime> deadline_ = {};
};

}  // namespace telltale::rtc::congestion
