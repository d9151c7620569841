// SRTP and SRTCP out: one per peer and direction. RTP indices and roll-over are kept per SSRC; an
// index is used once, so that GCM never sees a nonce twice. Not thread safe: lives on the loop of
// its peer. No allocation but for the first packet of an SSRC.
#pragma once

#include "rtc/srtp/streams.hpp"
#include "rtc/srtp/transform.hpp"

namespace telltale::rtc::srtp {

class Sender {
 public:
  // The master key and salt of this direction, as DTLS exports them (RFC 5764 section 4.2).
  static base::Result<Sender> open(Profile profile, Bytes key, Bytes salt);
  static base::Result<Sender> open(const SessionKeys& keys);

  // In place: the RTP packet is the first `size` bytes of `out`, which needs kMaxRtpGrowth more.
  Outcome<std::size_t> protect_rtp(MutableBytes out, std::size_t size);

  // From shared bytes: `out` begins with `header` bytes of RTP header and `prefix` bytes of payload
  // that are this peer's own (an OSN, a rewritten VP8 descriptor); `payload` is encrypted behind.
  // `again` is for a plain retransmission, which must be the same packet to the bit.
  enum class Use : std::uint8_t { first, again };
  Outcome<std::size_t> seal_rtp(MutableBytes out, std::size_t header, std::size_t prefix,
                                Bytes payload, Use use = Use::first);

  // In place, a compound packet; `out` needs kMaxRtcpGrowth more.
  Outcome<std::size_t> protect_rtcp(MutableBytes out, std::size_t size, bool encrypts = true);
  void set_next_rtcp_index(std::uint32_t index) noexcept { next_rtcp_index_ = index; }

  Profile profile() const noexcept { return rtp_.profile(); }

 private:
  Sender(Transform rtp, Transform rtcp) : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)) {}

  Transform rtp_;
  Transform rtcp_;
  Streams streams_;
  std::uint32_t next_rtcp_index_ = 0;  // one row for all SSRCs: unique for each of them
};

}  // namespace telltale::rtc::srtp
