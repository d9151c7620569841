// What was sent, until feedback tells its fate: a ring by transport sequence number, 16 bytes a
// packet. It starts small and doubles while what it would overwrite still waits for feedback (a
// slow path needs little, and there is one for each viewer); at its largest such a packet is
// forgotten.
#pragma once

#include <cstddef>
#include <memory>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

class SentHistory {
 public:
  // `packets`, the most, is rounded up to a power of two, 32,768 at most.
  explicit SentHistory(std::size_t packets = 1024);

  void add(const SentPacket& packet, base::SteadyTime now) noexcept;
  // The fates this message tells for the first time, in order of sequence number. Valid until the
  // next call on this thread, of any history.
  std::span<const PacketResult> match(const Feedback& feedback) noexcept;

  std::int64_t bytes_in_flight() const noexcept { return bytes_in_flight_; }

 private:
  enum class Fate : std::uint8_t { none, in_flight, lost, received };
  struct Entry {
    std::int64_t sent_us = 0;
    std::uint16_t sequence = 0;
    std::uint16_t bytes = 0;
    PacketKind kind = PacketKind::video;
    std::uint8_t probe_cluster = 0;
    Fate fate = Fate::none;
  };
  Entry& entry(std::uint16_t sequence) noexcept { return entries_[sequence & mask_]; }
  std::int64_t unwrap(std::uint32_t reference_64ms) noexcept;
  void settle(Entry& entry) noexcept;
  void grow() noexcept;

  std::uint16_t mask_;
  std::uint16_t mask_max_;
  std::unique_ptr<Entry[]> entries_;
  std::int64_t bytes_in_flight_ = 0;
  std::uint16_t oldest_in_flight_ = 0;
  bool any_sent_ = false;
  bool any_reference_ = false;
  std::int64_t last_reference_ = 0;
};

}  // namespace telltale::rtc::congestion
