// For the tests and the table: viewers behind one link in virtual time. Each has a sender (a source
// of frames, pacer, controller, rung policy) and a receiver that reports every 50 ms; what it
// misses is sent again. Everything follows from the seed.
#pragma once

#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "base/random.hpp"
#include "rtc/congestion/link_model.hpp"
#include "rtc/congestion/pacer.hpp"
#include "rtc/congestion/rung_policy.hpp"

namespace telltale::rtc::congestion {

using namespace std::chrono_literals;

struct CallSettings {
  std::vector<std::int64_t> rungs = {};  // empty: an encoder that follows the target
  ControllerSettings controller = {};
  RungSettings ladder = {};
  base::Duration starts = 0s;
  bool audio = true;
  base::Duration feedback_every = 50ms;
  // The receiver sends no transport-wide feedback but a REMB each second, as aiortc does: it grows
  // by 8 % a second to one and a half times what arrives, and falls when the queue grows.
  bool remb = false;
};

struct Sample {
  base::Duration at = {};
  std::int64_t target_bps = 0;
  std::int64_t received_bps = 0;  // over the sample's 100 ms
  base::Duration queue = {};      // of the link
  std::size_t rung = 0;
  double skipped = 0;  // frames not sent, so far
};

class SimulatedCall {
 public:
  SimulatedCall(const CallSettings& settings, LinkModel& link, const LinkSettings& back,
                std::uint64_t seed, base::SteadyTime start)
      : settings_(settings),
        link_(link),
        back_(back, seed ^ 0x5eed),
        random_(seed),
        start_(start),
        controller_(settings.controller, start + settings.starts),
        pacer_({}, start + settings.starts),
        policy_(settings.rungs.empty() ? std::vector<std::int64_t>{1} : settings.rungs,
                settings.controller.rates.start_bps, settings.ladder),
        frame_at_(start + settings.starts + base::Duration(random_.below(33'000'000))),
        audio_at_(start + settings.starts),
        feedback_at_(start + settings.starts + settings.feedback_every) {}

  base::SteadyTime next_time() const {
    auto next = std::min({frame_at_, feedback_at_, controller_.next_deadline()});
    if (settings_.audio) next = std::min(next, audio_at_);
    if (const auto at = pacer_.next_deadline()) next = std::min(next, *at);
    if (!arriving_.empty()) next = std::min(next, arriving_.begin()->first);
    if (!returning_.empty()) next = std::min(next, returning_.begin()->first);
    return next;
  }

  void step(base::SteadyTime now) {
    while (!arriving_.empty() && arriving_.begin()->first <= now) {
      receive(arriving_.begin()->second, arriving_.begin()->first);
      arriving_.erase(arriving_.begin());
    }
    if (feedback_at_ <= now) report(now);
    while (!returning_.empty() && returning_.begin()->first <= now) {
      take_feedback(returning_.begin()->second, now);
      returning_.erase(returning_.begin());
    }
    controller_.on_timer(now);
    if (settings_.audio && audio_at_ <= now) {
      audio_at_ += 20ms;
      pacer_.push(0, 120, PacketKind::audio, now);
    }
    if (frame_at_ <= now) make_frame(now);
    if (const auto request = controller_.poll_probe(pacer_.busy(), now))
      pacer_.probe(*request, now);
    controller_.set_probe_goal(settings_.rungs.empty() ? 0 : policy_.probe_goal_bps());
    controller_.set_pinned(policy_.pinned());
    pacer_.set_rate(controller_.pacing_bps(pacer_.waited(now)), now);
    for (auto packets = pacer_.poll(now); !packets.empty(); packets = pacer_.poll(now))
      for (auto packet : packets) {
        if (packet.kind == PacketKind::padding) {
          packet.bytes = kRepeatedBytes;
          pacer_.padded(packet.bytes);
        }
        send(packet, now);
      }
    if (!settings_.rungs.empty())
      if (const auto change = policy_.update(controller_.estimate(), now)) {
        switches.push_back(*change);
        pacer_.clear_video();
        key_frame_ = true;
      }
  }

  Sample sample(base::SteadyTime now) {
    const Sample made{.at = now - start_,
                      .target_bps = controller_.estimate().target_bps,
                      .received_bps = received_bytes_ * 80,
                      .queue = link_.queue_delay(now),
                      .rung = policy_.current(),
                      .skipped = static_cast<double>(skipped)};
    received_bytes_ = 0;
    return made;
  }
  const Controller& controller() const { return controller_; }
  RungPolicy& policy() { return policy_; }
  // Part of the video packets that never arrived although they were sent again.
  double lost_for_good() const {
    std::size_t missing = 0;
    std::size_t all = 0;
    for (const auto& [token, packet] : media_) {
      if (packet.token_at > last_now_ - 2s) continue;
      ++all;
      if (!packet.arrived) ++missing;
    }
    return all == 0 ? 0 : static_cast<double>(missing) / static_cast<double>(all);
  }

  std::vector<RungSwitch> switches = {};
  std::vector<Sample> samples = {};
  std::size_t frames = 0;
  std::size_t skipped = 0;

 private:
  // Padding repeats packets that were sent, which are shorter than the longest.
  static constexpr std::uint16_t kRepeatedBytes = 1'000;

  struct OnWire {
    std::uint16_t sequence = 0;
    std::uint16_t bytes = 0;
    std::uint32_t token = 0;
    PacketKind kind = PacketKind::video;
  };
  struct Media {
    std::uint16_t bytes = 0;
    base::SteadyTime token_at = {};
    bool arrived = false;
  };
  struct Report {
    std::uint32_t reference_64ms = 0;
    std::vector<Arrival> arrivals = {};
    std::int64_t remb_bps = 0;  // 0: none in it
    double fraction_lost = 0;
  };

  void make_frame(base::SteadyTime now) {
    last_now_ = now;
    frame_at_ += 33'333us;
    const bool key = key_frame_ || frames % 60 == 0;
    ++frames;
    if (pacer_.waited(now) > 250ms) {
      ++skipped;
      return;
    }
    key_frame_ = false;
    const double noise = 0.85 + 0.3 * random_.uniform();
    const double audio_bps = settings_.audio ? 48'000 : 0;
    double bits = 0;
    if (settings_.rungs.empty()) {
      bits =
          std::max(20'000.0, static_cast<double>(controller_.estimate().target_bps) - audio_bps) /
          30 * noise;
    } else {
      bits = static_cast<double>(settings_.rungs[policy_.current()]) / 30 * noise *
             (key ? 4.0 : 57.0 / 60);
    }
    const auto bytes = std::max(100.0, bits / 8);
    const auto packets = static_cast<int>(bytes / 1180) + 1;
    for (int i = 0; i < packets; ++i) {
      const auto size = static_cast<std::uint16_t>(bytes / packets);
      media_[++token_] = {.bytes = size, .token_at = now};
      if (!pacer_.push(token_, size, PacketKind::video, now)) media_.erase(token_);
    }
  }

  void send(const PacedPacket& packet, base::SteadyTime now) {
    const OnWire wire{
        .sequence = sequence_++, .bytes = packet.bytes, .token = packet.token, .kind = packet.kind};
    sent_[wire.sequence] = wire;
    controller_.on_sent({.sequence = wire.sequence,
                         .bytes = wire.bytes,
                         .kind = wire.kind,
                         .probe_cluster = packet.probe_cluster},
                        now);
    for (const auto at : link_.offer(wire.bytes + 28U, now)) arriving_.emplace(at, wire);
  }

  void receive(const OnWire& wire, base::SteadyTime at) {
    if (!seen_.insert(unwrapped(wire.sequence)).second) return;  // a duplicate
    got_[unwrapped(wire.sequence)] = at;
    if (wire.kind != PacketKind::padding) received_bytes_ += wire.bytes;
    if (const auto found = media_.find(wire.token); found != media_.end())
      found->second.arrived = true;
  }

  std::int64_t unwrapped(std::uint16_t sequence) const {
    return highest_ +
           static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - highest_ % 65'536));
  }

  void report(base::SteadyTime now) {
    feedback_at_ = now + settings_.feedback_every;
    if (got_.empty()) return;
    Report made;
    // Receivers count their own clock, in steps of 250 µs.
    const auto clock_us = [](base::SteadyTime at) {
      return at.time_since_epoch() / 250us * 250 + 77'000'000'000;
    };
    const auto first_us = clock_us(got_.begin()->second);
    made.reference_64ms = static_cast<std::uint32_t>(first_us / 64'000) & 0xffffffU;
    auto before_us = first_us / 64'000 * 64'000;
    const auto from = std::min(expected_, got_.begin()->first);
    for (auto at = from; at <= got_.rbegin()->first; ++at) {
      const auto found = got_.find(at);
      Arrival arrival{.sequence = static_cast<std::uint16_t>(at)};
      if (found == got_.end() && seen_.contains(at)) continue;  // told before
      if (found != got_.end()) {
        arrival.received = true;
        arrival.delta_us = static_cast<std::int32_t>(clock_us(found->second) - before_us);
        before_us = clock_us(found->second);
      }
      made.arrivals.push_back(arrival);
    }
    if (settings_.remb) add_remb(made, now);
    expected_ = std::max(expected_, got_.rbegin()->first + 1);
    highest_ = std::max(highest_, got_.rbegin()->first);
    got_.clear();
    while (seen_.size() > 20'000) seen_.erase(seen_.begin());
    for (const auto at : back_.offer(60, now)) returning_.emplace(at, made);
  }

  void add_remb(Report& made, base::SteadyTime now) {
    for (const auto& arrival : made.arrivals) {
      ++(arrival.received ? remb_got_ : remb_missed_);
      if (arrival.received) remb_bytes_ += sent_[arrival.sequence].bytes;
    }
    const bool full = link_.queue_delay(now) > 120ms;
    if (now < remb_at_ + 1s && !(full && !remb_full_)) return;
    const double seconds = std::max(0.2, base::to_seconds(now - remb_at_));
    const double arrives = static_cast<double>(remb_bytes_) * 8 / seconds;
    remb_bps_ = full ? 0.85 * arrives
                     : std::min(std::max(remb_bps_, arrives) * std::pow(1.08, seconds),
                                1.5 * arrives + 10'000);
    made.remb_bps = static_cast<std::int64_t>(remb_bps_);
    made.fraction_lost = static_cast<double>(remb_missed_) /
                         static_cast<double>(std::max(1, remb_missed_ + remb_got_));
    remb_full_ = full;
    remb_at_ = now;
    remb_bytes_ = remb_got_ = remb_missed_ = 0;
  }

  void take_feedback(const Report& made, base::SteadyTime now) {
    if (!settings_.remb) {
      controller_.on_feedback({.reference_64ms = made.reference_64ms, .arrivals = made.arrivals},
                              now);
    } else if (made.remb_bps > 0) {
      controller_.on_remb(made.remb_bps, now);
      controller_.on_receiver_report(made.fraction_lost, 60ms, now);
    }
    for (const auto& arrival : made.arrivals) {
      const auto& wire = sent_[arrival.sequence];
      const auto found = media_.find(wire.token);
      if (arrival.received || found == media_.end() || found->second.arrived) continue;
      if (now - found->second.token_at > 1s) continue;
      pacer_.push(wire.token, wire.bytes, PacketKind::retransmission, now);
    }
  }

  CallSettings settings_;
  LinkModel& link_;
  LinkModel back_;
  base::Random random_;
  base::SteadyTime start_;
  Controller controller_;
  Pacer pacer_;
  RungPolicy policy_;
  base::SteadyTime frame_at_;
  base::SteadyTime audio_at_;
  base::SteadyTime feedback_at_;
  base::SteadyTime last_now_ = {};
  bool key_frame_ = false;
  std::uint16_t sequence_ = 0;
  std::uint32_t token_ = 0;
  std::int64_t received_bytes_ = 0;
  std::int64_t expected_ = 0;
  std::int64_t highest_ = 0;
  double remb_bps_ = 0;
  base::SteadyTime remb_at_ = {};
  bool remb_full_ = false;
  int remb_bytes_ = 0, remb_got_ = 0, remb_missed_ = 0;
  std::map<std::uint32_t, Media> media_ = {};
  std::vector<OnWire> sent_ = std::vector<OnWire>(65'536);
  std::map<std::int64_t, base::SteadyTime> got_ = {};
  std::set<std::int64_t> seen_ = {};
  std::multimap<base::SteadyTime, OnWire> arriving_ = {};
  std::multimap<base::SteadyTime, Report> returning_ = {};
};

struct RateStep {
  base::Duration at = {};
  std::int64_t rate_bps = 0;
};

// One link, its changes of rate, and who is behind it.
class Simulation {
 public:
  Simulation(const LinkSettings& forward, std::uint64_t seed, std::vector<RateStep> steps = {})
      : link(forward, seed), steps_(std::move(steps)), seed_(seed) {}

  SimulatedCall& add(const CallSettings& settings, const LinkSettings& back) {
    calls.push_back(
        std::make_unique<SimulatedCall>(settings, link, back, seed_ * 1000 + calls.size(), start));
    return *calls.back();
  }

  void run_until(base::Duration until) {
    while (true) {
      auto next = start + (sampled_ + 100ms);
      for (const auto& call : calls) next = std::min(next, call->next_time());
      if (step_ < steps_.size()) next = std::min(next, start + steps_[step_].at);
      if (next > start + until) return;
      now = std::max(now, next);
      if (step_ < steps_.size() && now >= start + steps_[step_].at)
        link.set_rate(steps_[step_++].rate_bps);
      for (const auto& call : calls) call->step(now);
      if (now - start >= sampled_ + 100ms) {
        sampled_ += 100ms;
        for (const auto& call : calls) call->samples.push_back(call->sample(now));
      }
    }
  }

  const base::SteadyTime start{std::chrono::hours(1)};
  base::SteadyTime now = start;
  LinkModel link;
  std::vector<std::unique_ptr<SimulatedCall>> calls = {};

 private:
  std::vector<RateStep> steps_;
  std::size_t step_ = 0;
  std::uint64_t seed_;
  base::Duration sampled_ = {};
};

// The mean of what arrived, in bit/s, between two times.
inline double mean_received(const SimulatedCall& call, base::Duration from, base::Duration to) {
  double sum = 0;
  int count = 0;
  for (const auto& sample : call.samples)
    if (sample.at > from && sample.at <= to) {
      sum += static_cast<double>(sample.received_bps);
      ++count;
    }
  return count == 0 ? 0 : sum / count;
}

inline base::Duration longest_queue(const SimulatedCall& call, base::Duration from,
                                    base::Duration to) {
  base::Duration longest{};
  for (const auto& sample : call.samples)
    if (sample.at > from && sample.at <= to) longest = std::max(longest, sample.queue);
  return longest;
}

}  // namespace telltale::rtc::congestion
