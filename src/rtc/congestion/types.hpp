// The plain words of congestion control. Rates are bits per second of RTP (headers and payload, as
// sent on the wire after UDP), sizes bytes. Sequence numbers are transport-wide ones
// (draft-holmer-rmcat-transport-wide-cc-extensions-01) and wrap at 16 bits.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.hpp"

namespace telltale::rtc::congestion {

enum class PacketKind : std::uint8_t { audio, video, retransmission, padding };

struct SentPacket {
  std::uint16_t sequence = 0;
  std::uint16_t bytes = 0;
  PacketKind kind = PacketKind::video;
  std::uint8_t probe_cluster = 0;  // 0: no part of a probe
};

// One packet of a feedback message. `delta_us` counts from the arrival of the packet received
// before it in the same message; for the first, from the message's reference time.
struct Arrival {
  std::uint16_t sequence = 0;
  bool received = false;
  std::int32_t delta_us = 0;
};

struct Feedback {
  std::uint32_t reference_64ms = 0;  // the receiver's clock, multiples of 64 ms, 24 bits
  std::span<const Arrival> arrivals = {};
};

// What became of one packet, once it is known.
struct PacketResult {
  base::SteadyTime sent = {};
  std::int64_t arrived_us = 0;  // the receiver's clock; meaningless when lost
  std::uint16_t bytes = 0;
  PacketKind kind = PacketKind::video;
  std::uint8_t probe_cluster = 0;
  bool received = false;
  bool was_thought_lost = false;  // an earlier message called it lost
};

enum class Usage : std::uint8_t { normal, overuse, underuse };

// A wish to learn whether `rate_bps` gets through: send so many packets and bytes at that rate.
struct ProbeRequest {
  std::uint8_t cluster = 0;
  std::int64_t rate_bps = 0;
  int packets_min = 5;
  std::int64_t bytes_min = 0;
  bool alone = false;  // nothing else is sent so far
};

inline double to_bps(double bytes, base::Duration in) noexcept {
  return bytes * 8 / base::to_seconds(in);
}
inline base::Duration time_for(std::int64_t bytes, double bps) noexcept {
  return base::Duration(static_cast<base::Duration::rep>(static_cast<double>(bytes) * 8e9 / bps));
}

}  // namespace telltale::rtc::congestion
