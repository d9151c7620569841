// A network link as a model: given packets and times it says when each arrives, if at all. Seeded
// and deterministic, no I/O, no clock; virtual time in tests, real time in
// tests/support/lossy_link. One direction; a link is touched by one thread.
//
// A packet waits in a queue of limited depth for a server of `rate_bps`, then travels for `delay`
// plus jitter. Loss is drawn before the queue: independent, and in bursts by the two-state model of
// Gilbert (1960).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace telltale::rtc::congestion {

struct LinkSettings {
  std::int64_t rate_bps = 0;  // 0: no limit and no queue
  base::Duration queue_max =
      std::chrono::milliseconds(300);  // a packet that would wait longer falls
  base::Duration delay = {};
  base::Duration jitter = {};  // uniform in [0, jitter] on top of delay, order kept
  double loss = 0;             // each packet by itself, 0…1
  double burst_start = 0;      // per packet: from good to bad
  double burst_packets = 5;    // mean length of a bad spell, in packets; in it all are lost
  double reorder = 0;          // this part of the packets is late …
  base::Duration reorder_delay = std::chrono::milliseconds(20);  // … by this, overtaken by others
  double duplicate = 0;
};

struct LinkCounts {
  std::uint64_t offered = 0;
  std::uint64_t delivered = 0;  // duplicates count too
  std::uint64_t lost = 0;
  std::uint64_t lost_in_bursts = 0;
  std::uint64_t overflowed = 0;  // the queue was full
  std::uint64_t reordered = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t bytes_delivered = 0;
  base::Duration queue_delay_max = {};
};

class LinkModel {
 public:
  LinkModel(const LinkSettings& settings, std::uint64_t seed) noexcept;

  // When copies of the packet arrive: none, one or two times. Valid until the next call. Times of
  // calls never go back.
  std::span<const base::SteadyTime> offer(std::size_t bytes, base::SteadyTime now) noexcept;

  // What is queued keeps its times.
  void set_rate(std::int64_t rate_bps) noexcept { settings_.rate_bps = rate_bps; }
  void set_loss(double loss) noexcept { settings_.loss = loss; }
  base::Duration queue_delay(base::SteadyTime now) const noexcept;
  const LinkCounts& counts() const noexcept { return counts_; }
  // The highest queue from now on.
  void forget_queue_peak() noexcept { counts_.queue_delay_max = {}; }

 private:
  bool lost() noexcept;

  LinkSettings settings_;
  base::Random random_;
  bool in_burst_ = false;
  base::SteadyTime free_at_ = {};  // when the server is done with what it has
  base::SteadyTime last_arrival_ = {};
  std::array<base::SteadyTime, 2> arrivals_ = {};
  LinkCounts counts_ = {};
};

}  // namespace telltale::rtc::congestion
