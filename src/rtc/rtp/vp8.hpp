// VP8 in RTP (RFC 7741): the payload descriptor (section 4.2), packets of a frame and what a
// payload says of its frame.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "rtc/rtp/packetized.hpp"

namespace telltale::rtc::rtp {

struct Vp8Descriptor {
  bool starts_partition = false;
  std::uint8_t partition = 0;
  bool non_reference = false;
  std::optional<std::uint16_t> picture_id;  // 15 bits
  std::optional<std::uint8_t> tl0_picture_index;
  std::optional<std::uint8_t> temporal_layer;
  bool layer_sync = false;
  std::optional<std::uint8_t> key_index;  // 5 bits
  std::size_t size = 0;                   // of the descriptor

  static std::optional<Vp8Descriptor> parse(Bytes payload) noexcept;
  bool starts_frame() const noexcept { return starts_partition && partition == 0; }
};

// Ours is of four bytes: X, S, I and a picture id of 15 bits, which a viewer's switch to another
// rendition rewrites in the copy that is his.
inline constexpr std::size_t kVp8DescriptorSize = 4;
void write_vp8_descriptor(MutableBytes out, bool starts_frame, std::uint16_t picture_id) noexcept;

// False: an empty frame. `limit` bounds a payload (at least 16).
bool packetize_vp8(Bytes frame, std::uint16_t picture_id, std::size_t limit, Packetized& out);

// RFC 6386 section 9.1: bit 0 of a frame's first byte is 0 for a key frame.
constexpr bool is_vp8_key_frame(Bytes frame) noexcept {
  return !frame.empty() && (frame[0] & 1U) == 0;
}

}  // namespace telltale::rtc::rtp
