#include "rtc/send/packed_frame.hpp"

#include "rtc/rtp/h264.hpp"
#include "rtc/rtp/vp8.hpp"

namespace telltale::rtc {
namespace {

constexpr std::size_t kFrameBytesMax = 16U << 20U;
constexpr std::size_t kOpusBytesMax = 1'275;  // RFC 6716 section 3.4

bool packetize(const MediaFrame& frame, PackedFrame& out) {
  switch (frame.codec) {
    case Codec::h264:
      return rtp::packetize_h264(frame.bytes, rtp::kDefaultPayload, out.packets);
    case Codec::vp8:
      out.own_prefix = rtp::kVp8DescriptorSize;
      return rtp::packetize_vp8(frame.bytes, 0, rtp::kDefaultPayload, out.packets);
    case Codec::opus:
      if (frame.bytes.empty() || frame.bytes.size() > kOpusBytesMax) return false;
      out.packets.begin_piece();
      out.packets.append(frame.bytes);
      out.packets.pieces.back().marker = false;
      return true;
  }
  return false;
}

}  // namespace

PackedFramePtr pack(const MediaFrame& frame, std::uint64_t index) {
  if (frame.bytes.size() > kFrameBytesMax) return nullptr;
  auto out = std::make_shared<PackedFrame>();
  out->index = index;
  out->codec = frame.codec;
  out->key = frame.key;
  out->timestamp = frame.timestamp;
  out->due = frame.due;
  out->width = frame.width;
  out->height = frame.height;
  if (!packetize(frame, *out)) return nullptr;
  out->bytes = out->packets.bytes.size();
  return out;
}

}  // namespace telltale::rtc
