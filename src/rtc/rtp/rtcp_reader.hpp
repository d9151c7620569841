// Takes an RTCP datagram apart: compound (RFC 3550 section 6.1) or of reduced size (RFC 5506).
// Views point into the datagram. What is malformed ends the reading; what came before it stands.
#pragma once

#include <optional>

#include "rtc/rtp/rtcp.hpp"

namespace telltale::rtc::rtp {

class RtcpReader {
 public:
  explicit RtcpReader(Bytes datagram) noexcept : rest_(datagram) {}

  // nullopt at the end, or at the first malformed packet (`malformed()` tells them apart). An XR
  // packet gives one item for each block.
  std::optional<Rtcp> next() noexcept;
  bool malformed() const noexcept { return malformed_; }

 private:
  std::optional<Rtcp> next_block() noexcept;
  std::optional<Rtcp> packet(std::uint8_t type, std::uint8_t format, Bytes body) noexcept;
  std::optional<Rtcp> fail() noexcept;

  Bytes rest_;
  Bytes blocks_;      // of an XR packet under way
  Bytes sub_blocks_;  // of a DLRR block under way
  std::uint32_t xr_ssrc_ = 0;
  bool malformed_ = false;
};

}  // namespace telltale::rtc::rtp
