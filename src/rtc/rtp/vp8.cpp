#include "rtc/rtp/vp8.hpp"

#include "base/check.hpp"

namespace telltale::rtc::rtp {
namespace {

constexpr std::uint8_t kExtended = 0x80;      // X
constexpr std::uint8_t kNonReference = 0x20;  // N
constexpr std::uint8_t kStartOfPartition = 0x10;
constexpr std::uint8_t kHasPictureId = 0x80;  // I
constexpr std::uint8_t kHasTl0 = 0x40;        // L
constexpr std::uint8_t kHasLayer = 0x20;      // T
constexpr std::uint8_t kHasKeyIndex = 0x10;   // K
constexpr std::uint8_t kLongPictureId = 0x80;

}  // namespace

std::optional<Vp8Descriptor> Vp8Descriptor::parse(Bytes payload) noexcept {
  Reader reader(payload);
  Vp8Descriptor out;
  const auto first = reader.u8();
  out.non_reference = (first & kNonReference) != 0;
  out.starts_partition = (first & kStartOfPartition) != 0;
  out.partition = first & 0x7U;
  if ((first & kExtended) != 0) {
    const auto has = reader.u8();
    if ((has & kHasPictureId) != 0) {
      std::uint16_t id = reader.u8();
      if ((id & kLongPictureId) != 0)
        id = static_cast<std::uint16_t>((id & 0x7fU) << 8U | reader.u8());
      out.picture_id = id;
    }
    if ((has & kHasTl0) != 0) out.tl0_picture_index = reader.u8();
    if ((has & (kHasLayer | kHasKeyIndex)) != 0) {
      const auto byte = reader.u8();
      if ((has & kHasLayer) != 0) {
        out.temporal_layer = static_cast<std::uint8_t>(byte >> 6U);
        out.layer_sync = (byte & 0x20U) != 0;
      }
      if ((has & kHasKeyIndex) != 0) out.key_index = static_cast<std::uint8_t>(byte & 0x1fU);
    }
  }
  // A descriptor without a byte of VP8 is malformed.
  if (reader.failed() || reader.left() == 0) return std::nullopt;
  out.size = reader.position();
  return out;
}

void write_vp8_descriptor(MutableBytes out, bool starts_frame, std::uint16_t picture_id) noexcept {
  out[0] = static_cast<std::uint8_t>(kExtended | (starts_frame ? kStartOfPartition : 0));
  out[1] = kHasPictureId;
  store_u16(out, 2, static_cast<std::uint16_t>(picture_id | 0x8000U));
}

bool packetize_vp8(Bytes frame, std::uint16_t picture_id, std::size_t limit, Packetized& out) {
  CHECK(limit >= 16);
  out.clear();
  if (frame.empty()) return false;
  out.key_frame = is_vp8_key_frame(frame);
  const auto step = equal_size(frame.size(), limit - kVp8DescriptorSize);
  for (auto rest = frame; !rest.empty();) {
    const auto part = rest.first(std::min(step, rest.size()));
    std::array<std::uint8_t, kVp8DescriptorSize> descriptor = {};
    write_vp8_descriptor(descriptor, rest.size() == frame.size(), picture_id);
    out.begin_piece();
    out.append(descriptor);
    out.append(part);
    rest = rest.subspan(part.size());
  }
  out.pieces.back().marker = true;
  return true;
}

}  // namespace telltale::rtc::rtp
