// What a datagram on the shared socket is, by its first byte (RFC 7983 as updated by RFC 9443), and
// RTCP from RTP by the packet type 192-223 (RFC 5761 section 4): payload types 35-63 are in use, so
// anything wider would take media for reports.
#pragma once

#include <cstdint>

#include "rtc/bytes.hpp"

namespace telltale::rtc::rtp {

enum class PacketKind : std::uint8_t { unknown, stun, dtls, rtp, rtcp };

constexpr PacketKind kind_of(Bytes datagram) noexcept {
  if (datagram.size() < 2) return PacketKind::unknown;
  const auto first = datagram[0];
  if (first <= 3) return PacketKind::stun;
  if (first >= 20 && first <= 63) return PacketKind::dtls;
  if (first < 128 || first > 191) return PacketKind::unknown;
  const auto type = datagram[1];
  return type >= 192 && type <= 223 ? PacketKind::rtcp : PacketKind::rtp;
}

}  // namespace telltale::rtc::rtp
