// The RTP header of one outgoing stream to one peer: written once with the payload type, SSRC and
// the extensions this peer negotiated, then copied in front of each packet and patched in place.
// Every packet's header has the same size, so that equal payloads make equal datagrams.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "rtc/sdp/answer.hpp"

namespace telltale::rtc {

class HeaderTemplate {
 public:
  HeaderTemplate() = default;
  // `stream` tells ids; extensions not negotiated are left out.
  HeaderTemplate(const sdp::Stream& stream, std::uint8_t payload_type, std::uint32_t ssrc);

  struct Values {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    bool marker = false;
    std::uint16_t transport_sequence = 0;
    std::array<std::uint8_t, 3> abs_send_time = {};
  };
  // Its size; `out` has room for it.
  std::size_t write(const Values& values, std::uint8_t* out) const noexcept;
  std::size_t size() const noexcept { return size_; }
  bool has_transport_sequence() const noexcept { return transport_at_ != 0; }

 private:
  std::array<std::uint8_t, 96> bytes_ = {};
  std::uint8_t size_ = 0;
  std::uint8_t transport_at_ = 0;  // 0: not negotiated
  std::uint8_t send_time_at_ = 0;
};

}  // namespace telltale::rtc
