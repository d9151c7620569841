// When packets leave: video spread at the pacing rate in bursts of a few segments (one GSO send
// each), retransmissions before it, audio at once; probes at their own rate, filled up with
// padding. It knows packets by the owner's token and holds nothing else. No I/O, one thread; its
// queues start small, double up to their limits and stay so.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

struct PacerSettings {
  std::size_t queue_packets = 512;  // of video; a power of two
  int burst_segments_max = 16;      // how much one flush sends to this peer
  base::Duration burst_lasts =
      std::chrono::milliseconds(8);     // at the pacing rate; 2 segments at least
  std::uint16_t padding_bytes = 1'200;  // of a packet of padding
};

// How fast what waits may leave.
struct Pace {
  std::int64_t bps = 0;
  bool smooth = false;  // packet by packet: the path has no room for bursts
};

struct PacedPacket {
  std::uint32_t token = 0;  // the owner's; 0 for padding, which the owner makes (RTX, RFC 4588)
  std::uint16_t bytes = 0;  // for padding: what is wished for, see padded()
  PacketKind kind = PacketKind::video;
  std::uint8_t probe_cluster = 0;
  base::Duration waited = {};  // here
};

class Pacer {
 public:
  Pacer(const PacerSettings& settings, base::SteadyTime now);

  // false when the queue of its kind is full: the owner drops it, best with the rest of its frame.
  bool push(std::uint32_t token, std::uint16_t bytes, PacketKind kind, base::SteadyTime now);
  void set_rate(Pace pace, base::SteadyTime now) noexcept;
  void probe(const ProbeRequest& request, base::SteadyTime now) noexcept;
  // Forgets queued video, for example of a rung that was left.
  // What waits of it, for the first time or again.
  void clear_video() noexcept {
    video_.clear();
    again_.clear();
  }

  // What is to be sent now; call again until it is empty. Valid until the next call.
  std::span<const PacedPacket> poll(base::SteadyTime now) noexcept;
  // For each packet of padding, before the next poll(): what it weighed. 0: there is nothing to pad
  // with, and the probe is over.
  void padded(std::size_t bytes) noexcept;
  std::optional<base::SteadyTime> next_deadline() const noexcept;

  std::int64_t queued_bytes() const noexcept;
  bool busy() const noexcept { return video_.bytes() > kBusyBytes; }  // with a key frame
  // How long the oldest video packet has waited.
  base::Duration waited(base::SteadyTime now) const noexcept;

 private:
  static constexpr std::int64_t kBusyBytes = 16'384;
  struct Item {
    base::SteadyTime since = {};
    std::uint32_t token = 0;
    std::uint16_t bytes = 0;
  };
  class Ring {
   public:
    explicit Ring(std::size_t most) : most_(most) {}
    bool empty() const noexcept { return head_ == tail_; }
    bool push(const Item& item) noexcept;
    Item pop() noexcept;
    const Item& front() const noexcept { return items_[head_ & mask_]; }
    std::int64_t bytes() const noexcept { return bytes_; }
    void clear() noexcept;

   private:
    bool grow() noexcept;

    std::size_t most_;
    std::unique_ptr<Item[]> items_ = {};
    std::size_t mask_ = 0;
    std::size_t head_ = 0;
    std::size_t tail_ = 0;
    std::int64_t bytes_ = 0;
  };
  struct Probe {
    ProbeRequest request = {};
    base::SteadyTime started = {};
    std::int64_t bytes = 0;
    int packets = 0;
  };

  void refill(base::SteadyTime now) noexcept;
  double burst_bytes() const noexcept;
  void put(Ring& ring, PacketKind kind, std::uint8_t cluster, base::SteadyTime now) noexcept;
  void put_probe(base::SteadyTime now) noexcept;
  void count_probe(std::size_t bytes) noexcept;
  base::SteadyTime probe_due() const noexcept;
  bool full() const noexcept { return count_ == out_.size(); }

  PacerSettings settings_;
  Ring audio_;
  Ring again_;  // retransmissions
  Ring video_;
  std::optional<Probe> probe_ = {};
  double pacing_bps_ = 300'000;
  bool smooth_ = false;
  double budget_ = 0;  // bytes; below zero after a probe
  base::SteadyTime refilled_;
  std::array<PacedPacket, 64> out_ = {};
  std::size_t count_ = 0;
};

}  // namespace telltale::rtc::congestion
