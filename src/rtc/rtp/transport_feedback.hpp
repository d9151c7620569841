// Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01
// section 3.1): for a run of transport-wide sequence numbers, when each arrived. Arrival times are
// of the receiver's clock, in steps of 250 us; only differences mean something.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "rtc/bytes.hpp"

namespace telltale::rtc::rtp {

using ArrivalTime = std::chrono::microseconds;

// A parsed one: the chunks cover `count` packets and every delta is there.
struct TransportFeedback {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  std::uint16_t base_sequence = 0;
  std::uint16_t count = 0;
  std::int32_t reference_64ms = 0;  // 24 bits, signed: the clock wraps
  std::uint8_t feedback_number = 0;
  Bytes chunks;
  Bytes deltas;

  // `body` is what follows the two SSRCs.
  static std::optional<TransportFeedback> parse(std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                                                Bytes body) noexcept;

  // take(sequence, optional<ArrivalTime>) for each of `count` packets, in order.
  template <class Take>
  void for_each(Take&& take) const {
    Reader chunk_reader(chunks);
    Reader delta_reader(deltas);
    ArrivalTime at = std::chrono::milliseconds(64) * reference_64ms;
    std::uint32_t done = 0;
    while (done < count) {
      const auto chunk = chunk_reader.u16();
      const auto symbols = symbols_of(chunk);
      for (std::uint32_t i = 0; i < symbols && done < count; ++i, ++done) {
        const auto sequence = static_cast<std::uint16_t>(base_sequence + done);
        const auto symbol = symbol_of(chunk, i);
        if (symbol == 0) {
          take(sequence, std::optional<ArrivalTime>());
          continue;
        }
        const auto ticks = symbol == 1 ? std::int32_t{delta_reader.u8()}
                                       : static_cast<std::int16_t>(delta_reader.u16());
        at += kTick * ticks;
        take(sequence, std::optional<ArrivalTime>(at));
      }
    }
  }

  static constexpr std::chrono::microseconds kTick{250};

 private:
  static constexpr std::uint32_t symbols_of(std::uint16_t chunk) noexcept {
    if (chunk < 0x8000) return chunk & 0x1fffU;
    return (chunk & 0x4000U) == 0 ? 14 : 7;
  }
  // 0 not received, 1 small delta, 2 large delta, 3 reserved.
  static constexpr std::uint32_t symbol_of(std::uint16_t chunk, std::uint32_t index) noexcept {
    if (chunk < 0x8000) return chunk >> 13U & 3U;
    if ((chunk & 0x4000U) == 0) return chunk >> (13U - index) & 1U;
    return chunk >> (12U - 2 * index) & 3U;
  }
};

// Writes the part behind the two SSRCs for arrivals[i] of base_sequence + i, trailing losses left
// out. Takes as many as fit in `writer` and in the deltas' range; returns how many it took (0: not
// even one, nothing was written). The first packet must have arrived.
std::size_t write_transport_feedback(Writer& writer, std::uint16_t base_sequence,
                                     std::uint8_t feedback_number,
                                     std::span<const std::optional<ArrivalTime>> arrivals) noexcept;

}  // namespace telltale::rtc::rtp
