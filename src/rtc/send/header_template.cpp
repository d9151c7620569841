#include "rtc/send/header_template.hpp"

#include <algorithm>
#include <cstring>

#include "rtc/rtp/extensions.hpp"
#include "rtc/rtp/packet.hpp"

namespace telltale::rtc {
namespace {

constexpr std::size_t kMidMax = 16;  // of the one-byte form

}  // namespace

HeaderTemplate::HeaderTemplate(const sdp::Stream& stream, std::uint8_t payload_type,
                               std::uint32_t ssrc) {
  const auto transport = stream.extension_id(rtp::kTransportSequenceUri);
  const auto send_time = stream.extension_id(rtp::kAbsSendTimeUri);
  auto mid = stream.extension_id(rtp::kMidUri);
  if (stream.mid.empty() || stream.mid.size() > kMidMax) mid = 0;
  const auto highest = std::max({transport, send_time, mid});
  using Form = rtp::HeaderWriter::Form;
  const auto form = highest == 0 ? Form::none : highest < 15 ? Form::one_byte : Form::two_byte;
  rtp::HeaderWriter writer(bytes_, {.payload_type = payload_type, .ssrc = ssrc}, form);
  const std::array<std::uint8_t, 3> zeros = {};
  const auto place = [&](std::uint8_t id, Bytes data) -> std::uint8_t {
    if (id == 0) return 0;
    return static_cast<std::uint8_t>(writer.extension(id, data).value_or(0));
  };
  transport_at_ = place(transport, Bytes(zeros).first(2));
  send_time_at_ = place(send_time, zeros);
  place(mid, as_bytes(stream.mid));
  size_ = static_cast<std::uint8_t>(writer.finish().value_or(rtp::kMinHeaderSize));
}

std::size_t HeaderTemplate::write(const Values& values, std::uint8_t* out) const noexcept {
  std::memcpy(out, bytes_.data(), size_);
  const MutableBytes header(out, size_);
  if (values.marker) header[1] |= 0x80U;
  rtp::set_sequence(header, values.sequence);
  rtp::set_timestamp(header, values.timestamp);
  if (transport_at_ != 0) store_u16(header, transport_at_, values.transport_sequence);
  if (send_time_at_ != 0) std::memcpy(out + send_time_at_, values.abs_send_time.data(), 3);
  return size_;
}

}  // namespace telltale::rtc
