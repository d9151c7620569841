// Congestion control of one peer: everything it sends goes through one transport-wide sequence, so
// there is one estimate. Owned by the peer's transport, touched by its thread only, no I/O. The
// owner reports what was sent and what came back, hands probes to the pacer, and calls on_timer()
// at next_deadline().
#pragma once

#include "rtc/congestion/acknowledged_bitrate.hpp"
#include "rtc/congestion/alr_detector.hpp"
#include "rtc/congestion/burst_loss.hpp"
#include "rtc/congestion/fallback.hpp"
#include "rtc/congestion/loss_control.hpp"
#include "rtc/congestion/overuse_detector.hpp"
#include "rtc/congestion/pacer.hpp"
#include "rtc/congestion/probe_control.hpp"
#include "rtc/congestion/probe_estimator.hpp"
#include "rtc/congestion/queue_delay.hpp"
#include "rtc/congestion/rate_control.hpp"
#include "rtc/congestion/sent_history.hpp"
#include "rtc/congestion/trendline.hpp"

namespace telltale::rtc::congestion {

struct ControllerSettings {
  RateLimits rates = {};
  std::size_t history_packets = 1024;
  double pacing_factor = 1.5;  // a key frame at more than the link has is overuse, and a rung lost
  double catch_up_factor = 2.5;  // to who has just joined, is behind, or chose his rung
};

// What is known about the path now.
struct Estimate {
  std::int64_t target_bps = 0;        // what may be sent
  std::int64_t acknowledged_bps = 0;  // what arrives; 0 until known
  std::int64_t delay_bps = 0;         // what the delay allows; target is the least of all limits
  double loss = 0;                    // 0…1
  double inherent_loss = 0;           // of that, what does not depend on our rate
  base::Duration rtt = {};            // with the receiver's wait for its feedback
  base::Duration queue_delay = {};
  Usage usage = Usage::normal;
  bool application_limited = false;
  // The target is the receiver's REMB, which grows with what arrives and cannot be probed: that a
  // higher rate would not hold is not known.
  bool remb_bound = false;
};

class Controller {
 public:
  Controller(const ControllerSettings& settings, base::SteadyTime now);

  void on_sent(const SentPacket& packet, base::SteadyTime now) noexcept;
  void on_feedback(const Feedback& feedback, base::SteadyTime now) noexcept;
  void on_remb(std::int64_t bps, base::SteadyTime now) noexcept;
  // Counts only for peers without transport-wide feedback.
  void on_receiver_report(double fraction_lost, base::Duration rtt, base::SteadyTime now) noexcept;
  void on_timer(base::SteadyTime now) noexcept;
  base::SteadyTime next_deadline() const noexcept { return deadline_; }

  // For the pacer. Ask after every event.
  std::optional<ProbeRequest> poll_probe(bool busy, base::SteadyTime now) noexcept;
  // For a ladder: what could be of use at all, the highest rung's rate with its margin. 0: no
  // ladder, but a source that follows the target.
  void set_probe_goal(std::int64_t bps) noexcept {
    ladder_ = bps > 0;
    probes_.set_goal(bps);
  }
  // Nothing is sent before the path is known: until then it is probed for longer.
  void look_first() noexcept { probes_.look_first(); }
  bool knows_path() const noexcept { return probes_.any_result() && doubted_bps_ == 0; }
  // The rung was chosen and stays: frames may leave at the pace of one who catches up, since a key
  // frame that looks like a full link costs no rung, and somebody waits for it.
  void set_pinned(bool pinned) noexcept { pinned_ = pinned; }

  Estimate estimate() const noexcept;
  // How fast the pacer may empty its queue: faster than the target, so that a frame leaves early in
  // its interval, but no faster while the path's queue is full already. `waited`: how long what
  // waits longest has.
  Pace pacing_bps(base::Duration waited) const noexcept;
  std::int64_t bytes_in_flight() const noexcept { return history_.bytes_in_flight(); }

 private:
  struct Seen;
  bool became_slower(const Seen& seen) noexcept;
  Seen take(std::span<const PacketResult> results, base::SteadyTime now) noexcept;
  void take_probe(const Probed& probed, double arrives_bps, base::SteadyTime now) noexcept;
  void update_target(base::SteadyTime now) noexcept;

  ControllerSettings settings_;
  SentHistory history_;
  PacketGroups groups_ = {};
  Trendline trendline_ = {};
  OveruseDetector detector_ = {};
  AcknowledgedBitrate acknowledged_ = {};
  RateControl rate_;
  bool less_ = false;  // arrived at once than before, by the last message
  bool gap_ = false;   // the last packet heard of was lost
  BurstLoss bursts_ = {};
  LossControl loss_ = {};
  std::optional<double> loss_limit_bps_ = {};
  Fallback fallback_;
  AlrDetector alr_ = {};
  ProbeControl probes_;
  ProbeEstimator probe_estimator_ = {};
  QueueDelay queue_ = {};
  double target_bps_;
  double reported_loss_ = 0;
  bool pinned_ = false;
  bool ladder_ = false;
  double doubted_bps_ = 0;  // what a probe said that is not believed yet
  base::Duration rtt_ = std::chrono::milliseconds(200);
  std::optional<base::SteadyTime> feedback_at_ = {};
  base::SteadyTime sent_at_ = {};
  base::SteadyTime smooth_until_ = {};
  base::SteadyTime deadline_;
};

}  // namespace telltale::rtc::congestion
