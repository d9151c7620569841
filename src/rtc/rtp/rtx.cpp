#include "rtc/rtp/rtx.hpp"

namespace telltale::rtc::rtp {

std::optional<std::size_t> wrap_rtx(Bytes original, const RtxStream& rtx, std::uint16_t sequence,
                                    MutableBytes out) noexcept {
  const auto view = PacketView::parse(original);
  if (!view) return std::nullopt;
  const auto header = static_cast<std::size_t>(view->payload.data() - original.data());
  Writer writer(out);
  writer.bytes(original.first(header));
  writer.u16(view->header.sequence);
  writer.bytes(view->payload);
  if (writer.failed()) return std::nullopt;
  out[0] = static_cast<std::uint8_t>(out[0] & ~0x20U);  // no padding
  set_payload_type(out, rtx.payload_type);
  set_sequence(out, sequence);
  set_ssrc(out, rtx.ssrc);
  return writer.position();
}

std::optional<MutableBytes> unwrap_rtx(MutableBytes packet, const RtxStream& media) noexcept {
  const auto view = PacketView::parse(packet);
  if (!view || view->payload.size() < 2) return std::nullopt;
  const auto original = load_u16(view->payload, 0);
  const auto header = static_cast<std::size_t>(view->payload.data() - packet.data());
  std::copy_backward(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(header),
                     packet.begin() + static_cast<std::ptrdiff_t>(header + 2));
  const auto restored = packet.subspan(2);
  set_payload_type(restored, media.payload_type);
  set_sequence(restored, original);
  set_ssrc(restored, media.ssrc);
  return restored;
}

}  // namespace telltale::rtc::rtp
