#include "rtc/rtp/packet.hpp"

namespace telltale::rtc::rtp {

std::optional<std::size_t> header_size(Bytes packet) noexcept {
  if (packet.size() < kMinHeaderSize || packet[0] >> 6U != 2) return std::nullopt;
  std::size_t size = kMinHeaderSize + 4UL * (packet[0] & 0xfU);
  if ((packet[0] & 0x10U) != 0) {
    if (packet.size() < size + 4) return std::nullopt;
    size += 4 + 4UL * load_u16(packet, size + 2);
  }
  if (packet.size() < size) return std::nullopt;
  return size;
}

std::optional<PacketView> PacketView::parse(Bytes packet) noexcept {
  const auto size = header_size(packet);
  if (!size) return std::nullopt;
  PacketView view;
  view.header = {.marker = (packet[1] & 0x80U) != 0,
                 .payload_type = static_cast<std::uint8_t>(packet[1] & 0x7fU),
                 .sequence = load_u16(packet, 2),
                 .timestamp = load_u32(packet, 4),
                 .ssrc = load_u32(packet, 8)};
  view.csrcs = packet.subspan(kMinHeaderSize, 4UL * (packet[0] & 0xfU));
  if ((packet[0] & 0x10U) != 0) {
    const auto block = kMinHeaderSize + view.csrcs.size();
    view.extension_profile = load_u16(packet, block);
    view.extensions = packet.subspan(block + 4, *size - block - 4);
  }
  view.payload = packet.subspan(*size);
  if ((packet[0] & 0x20U) != 0) {
    // The last byte counts the padding, itself included.
    if (view.payload.empty()) return std::nullopt;
    view.padding = view.payload.back();
    if (view.padding == 0 || view.padding > view.payload.size()) return std::nullopt;
    view.payload = view.payload.first(view.payload.size() - view.padding);
  }
  return view;
}

std::optional<Bytes> PacketView::extension(std::uint8_t id) const noexcept {
  std::optional<Bytes> found;
  for_each_extension(extension_profile, extensions, [&](std::uint8_t at, Bytes data) {
    if (at == id && !found) found = data;
  });
  return found;
}

HeaderWriter::HeaderWriter(MutableBytes out, const Header& header, Form form, Bytes csrcs) noexcept
    : out_(out), writer_(out), form_(form) {
  writer_.u8(0x80U | (form == Form::none ? 0U : 0x10U) | csrcs.size() / 4 % 16);
  writer_.u8((header.marker ? 0x80U : 0U) | (header.payload_type & 0x7fU));
  writer_.u16(header.sequence);
  writer_.u32(header.timestamp);
  writer_.u32(header.ssrc);
  writer_.bytes(csrcs.first(csrcs.size() / 4 % 16 * 4));
  block_at_ = writer_.position();
  if (form == Form::none) return;
  writer_.u16(form == Form::one_byte ? kOneByteProfile : kTwoByteProfile);
  writer_.u16(0);  // by finish()
}

std::optional<std::size_t> HeaderWriter::extension(std::uint8_t id, Bytes data) noexcept {
  if (writer_.failed() || form_ == Form::none || id == 0) return std::nullopt;
  const auto before = writer_.position();
  if (form_ == Form::one_byte) {
    if (id > 14 || data.empty() || data.size() > 16) return std::nullopt;
    writer_.u8(std::size_t{id} << 4U | (data.size() - 1));
  } else {
    if (data.size() > 255) return std::nullopt;
    writer_.u8(id);
    writer_.u8(data.size());
  }
  const auto at = writer_.position();
  writer_.bytes(data);
  if (!writer_.failed()) return at;
  writer_.rewind(before);
  return std::nullopt;
}

std::optional<std::size_t> HeaderWriter::finish() noexcept {
  if (form_ != Form::none && !writer_.failed()) {
    writer_.zeros((4 - (writer_.position() - block_at_) % 4) % 4);
    if (!writer_.failed())
      store_u16(out_, block_at_ + 2,
                static_cast<std::uint16_t>((writer_.position() - block_at_ - 4) / 4));
  }
  if (writer_.failed()) return std::nullopt;
  return writer_.position();
}

}  // namespace telltale::rtc::rtp
