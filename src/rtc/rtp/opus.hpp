// Opus in RTP (RFC 7587): one packet is one payload, the clock is always 48,000 Hz. How long a
// packet plays is in its first bytes (RFC 6716 section 3.1 and 3.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "rtc/bytes.hpp"

namespace telltale::rtc::rtp {

inline constexpr std::uint32_t kOpusClock = 48'000;

// In samples at 48 kHz; nullopt when the packet is malformed or plays over 120 ms.
constexpr std::optional<std::uint32_t> opus_duration(Bytes packet) noexcept {
  if (packet.empty()) return std::nullopt;
  // Frame sizes by configuration: SILK, hybrid, CELT.
  constexpr std::array<std::uint32_t, 4> kSilk = {480, 960, 1920, 2880};
  constexpr std::array<std::uint32_t, 4> kCelt = {120, 240, 480, 960};
  const unsigned config = packet[0] >> 3U;
  const auto frame = config < 12   ? kSilk[config % 4]
                     : config < 16 ? 480U << config % 2
                                   : kCelt[config % 4];
  std::uint32_t frames = 0;
  switch (packet[0] & 3U) {
    case 0:
      frames = 1;
      break;
    case 1:
    case 2:
      frames = 2;
      break;
    default:
      if (packet.size() < 2) return std::nullopt;
      frames = packet[1] & 0x3fU;
  }
  if (frames == 0 || frames * frame > 5760) return std::nullopt;
  return frames * frame;
}

}  // namespace telltale::rtc::rtp
