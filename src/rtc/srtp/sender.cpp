#include "rtc/srtp/sender.hpp"

#include "rtc/rtp/packet.hpp"

namespace telltale::rtc::srtp {

base::Result<Sender> Sender::open(Profile profile, Bytes key, Bytes salt) {
  const auto keys = derive_keys(profile, key, salt);
  if (!keys) return std::unexpected(keys.error());
  return open(*keys);
}

base::Result<Sender> Sender::open(const SessionKeys& keys) {
  auto rtp = Transform::open(keys.profile, keys.rtp, Direction::encrypt);
  if (!rtp) return std::unexpected(rtp.error());
  auto rtcp = Transform::open(keys.profile, keys.rtcp, Direction::encrypt);
  if (!rtcp) return std::unexpected(rtcp.error());
  return Sender(std::move(*rtp), std::move(*rtcp));
}

Outcome<std::size_t> Sender::protect_rtp(MutableBytes out, std::size_t size) {
  if (size > out.size()) return std::unexpected(Fault::malformed);
  const auto header = rtp::header_size(out.first(size));
  if (!header) return std::unexpected(Fault::malformed);
  return seal_rtp(out, *header, size - *header, {});
}

Outcome<std::size_t> Sender::seal_rtp(MutableBytes out, std::size_t header, std::size_t prefix,
                                      Bytes payload, Use use) {
  if (header < rtp::kMinHeaderSize || out.size() < header) return std::unexpected(Fault::malformed);
  const auto ssrc = load_u32(out, 8);
  const auto sequence = load_u16(out, 2);
  auto* stream = streams_.find(ssrc);
  if (stream == nullptr) {
    if (streams_.full()) return std::unexpected(Fault::too_many_streams);
    stream = &streams_.add(ssrc);
  }
  auto& window = stream->window;
  const auto index = window.empty() ? sequence : guess_index(window.highest(), sequence);
  if (index > kMaxRtpIndex) return std::unexpected(Fault::key_exhausted);
  if (use == Use::first && window.seen(index)) return std::unexpected(Fault::index_reused);
  auto sealed = rtp_.seal_rtp(out, header, prefix, payload, index);
  if (sealed) window.mark(index);
  return sealed;
}

Outcome<std::size_t> Sender::protect_rtcp(MutableBytes out, std::size_t size, bool encrypts) {
  if (next_rtcp_index_ > kMaxRtcpIndex) return std::unexpected(Fault::key_exhausted);
  auto sealed = rtcp_.seal_rtcp(out, size, next_rtcp_index_, encrypts);
  if (sealed) ++next_rtcp_index_;
  return sealed;
}

}  // namespace telltale::rtc::srtp
