// SRTP and SRTCP in: one per peer and direction. Replays are refused within a window of 1,024
// (RFC 3711 section 3.3.2), per SSRC; an SSRC is remembered only after a packet of it proved
// authentic. Not thread safe: lives on the loop of its peer. No allocation but for new SSRCs.
#pragma once

#include "rtc/srtp/streams.hpp"
#include "rtc/srtp/transform.hpp"

namespace telltale::rtc::srtp {

class Receiver {
 public:
  static base::Result<Receiver> open(Profile profile, Bytes key, Bytes salt);
  static base::Result<Receiver> open(const SessionKeys& keys);

  // In place; returns the size of the plain packet. After a fault the bytes are worthless.
  Outcome<std::size_t> unprotect_rtp(MutableBytes packet);
  Outcome<std::size_t> unprotect_rtcp(MutableBytes packet);

  Profile profile() const noexcept { return rtp_.profile(); }

 private:
  Receiver(Transform rtp, Transform rtcp) : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)) {}

  Transform rtp_;
  Transform rtcp_;
  Streams rtp_streams_;
  Streams rtcp_streams_;
};

}  // namespace telltale::rtc::srtp
