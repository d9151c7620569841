// A frame cut into RTP payloads: made once for each rendition, immutable, shared by every viewer on
// every loop. What differs by viewer (numbers, addresses, keys) is written in front of these bytes
// when they are encrypted.
#pragma once

#include <memory>

#include "rtc/rtp/packetized.hpp"
#include "rtc/source.hpp"

namespace telltale::rtc {

struct PackedFrame {
  std::uint64_t index = 0;  // of its feed, ascending
  Codec codec = Codec::h264;
  bool key = false;
  std::uint32_t timestamp = 0;
  base::SteadyTime due = {};
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  // The first bytes of each payload a viewer writes himself: the descriptor of VP8.
  std::uint8_t own_prefix = 0;
  std::size_t bytes = 0;  // of all payloads
  rtp::Packetized packets = {};
};
using PackedFramePtr = std::shared_ptr<const PackedFrame>;

constexpr bool is_video(Codec codec) noexcept {
  return codec != Codec::opus;
}
constexpr std::uint32_t clock_of(Codec codec) noexcept {
  return is_video(codec) ? 90'000 : 48'000;
}

// Null when there is nothing in the frame that could be sent.
PackedFramePtr pack(const MediaFrame& frame, std::uint64_t index);

}  // namespace telltale::rtc
