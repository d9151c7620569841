#include "rtc/srtp/receiver.hpp"

#include "rtc/rtp/packet.hpp"

namespace telltale::rtc::srtp {
namespace {

// The window is marked only here, after authentication.
Outcome<std::size_t> accept(Streams& streams, Stream* stream, std::uint32_t ssrc,
                            std::uint64_t index, std::size_t size) {
  if (stream == nullptr) {
    if (streams.full()) return std::unexpected(Fault::too_many_streams);
    stream = &streams.add(ssrc);
  }
  stream->window.mark(index);
  return size;
}

}  // namespace

base::Result<Receiver> Receiver::open(Profile profile, Bytes key, Bytes salt) {
  const auto keys = derive_keys(profile, key, salt);
  if (!keys) return std::unexpected(keys.error());
  return open(*keys);
}

base::Result<Receiver> Receiver::open(const SessionKeys& keys) {
  auto rtp = Transform::open(keys.profile, keys.rtp, Direction::decrypt);
  if (!rtp) return std::unexpected(rtp.error());
  auto rtcp = Transform::open(keys.profile, keys.rtcp, Direction::decrypt);
  if (!rtcp) return std::unexpected(rtcp.error());
  return Receiver(std::move(*rtp), std::move(*rtcp));
}

Outcome<std::size_t> Receiver::unprotect_rtp(MutableBytes packet) {
  const auto tag = tag_size(profile());
  if (packet.size() < rtp::kMinHeaderSize + tag) return std::unexpected(Fault::malformed);
  const auto header = rtp::header_size(packet.first(packet.size() - tag));
  if (!header) return std::unexpected(Fault::malformed);
  const auto ssrc = load_u32(packet, 8);
  const auto sequence = load_u16(packet, 2);
  auto* stream = rtp_streams_.find(ssrc);
  const auto index = stream == nullptr ? sequence : guess_index(stream->window.highest(), sequence);
  if (index > kMaxRtpIndex) return std::unexpected(Fault::key_exhausted);
  if (stream != nullptr && stream->window.seen(index)) return std::unexpected(Fault::replayed);
  const auto size = rtp_.open_rtp(packet, *header, index);
  if (!size) return size;
  return accept(rtp_streams_, stream, ssrc, index, *size);
}

Outcome<std::size_t> Receiver::unprotect_rtcp(MutableBytes packet) {
  if (packet.size() < 8 + rtcp_.rtcp_growth() || packet[0] >> 6U != 2)
    return std::unexpected(Fault::malformed);
  const auto word_at = packet.size() - (is_aead(profile()) ? kIndexWordSize : rtcp_.rtcp_growth());
  const auto index = load_u32(packet, word_at) & kMaxRtcpIndex;
  const auto ssrc = load_u32(packet, 4);
  auto* stream = rtcp_streams_.find(ssrc);
  if (stream != nullptr && stream->window.seen(index)) return std::unexpected(Fault::replayed);
  const auto size = rtcp_.open_rtcp(packet);
  if (!size) return size;
  return accept(rtcp_streams_, stream, ssrc, index, *size);
}

}  // namespace telltale::rtc::srtp
