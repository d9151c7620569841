// Retransmission as its own stream (RFC 4588 section 4): the original sequence number, then the
// original payload, under the SSRC, payload type and sequence number of the RTX stream.
#pragma once

#include <cstdint>
#include <optional>

#include "rtc/rtp/packet.hpp"

namespace telltale::rtc::rtp {

struct RtxStream {
  std::uint32_t ssrc = 0;
  std::uint8_t payload_type = 0;
};

// Writes the RTX packet of `original` (plain RTP; its padding is left out) to `out`. Its size;
// nullopt when `original` is not RTP or does not fit.
std::optional<std::size_t> wrap_rtx(Bytes original, const RtxStream& rtx, std::uint16_t sequence,
                                    MutableBytes out) noexcept;

// The original packet, made in place of the RTX packet: the header moves by two bytes, the payload
// stays. nullopt: no RTX, or one without an original (padding that probes).
std::optional<MutableBytes> unwrap_rtx(MutableBytes packet, const RtxStream& media) noexcept;

}  // namespace telltale::rtc::rtp
