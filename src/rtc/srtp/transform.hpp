// One packet under one session key: seals and opens at a given index, knows nothing of streams and
// windows. RTP by RFC 3711 section 3.1 and RFC 7714 sections 8 and 9, RTCP by RFC 3711 section 3.4
// and RFC 7714 section 9. Not thread safe; no allocation.
#pragma once

#include <cstdint>

#include "rtc/srtp/cipher.hpp"
#include "rtc/srtp/fault.hpp"

namespace telltale::rtc::srtp {

class Transform {
 public:
  static base::Result<Transform> open(Profile profile, const SessionKey& key, Direction direction);

  // `out` begins with `header` bytes of RTP header and `prefix` bytes of payload, to be encrypted
  // where they are; `payload` is encrypted behind them (and may lie there already). Returns the
  // size of the packet with its tag.
  Outcome<std::size_t> seal_rtp(MutableBytes out, std::size_t header, std::size_t prefix,
                                Bytes payload, std::uint64_t index) noexcept;
  // In place; returns the size of the RTP packet. After a fault the payload is worthless.
  Outcome<std::size_t> open_rtp(MutableBytes packet, std::size_t header,
                                std::uint64_t index) noexcept;

  // `packet` is a compound RTCP packet in the first `size` bytes of `out`. Without `encrypts` it
  // is only authenticated (the E flag is 0).
  Outcome<std::size_t> seal_rtcp(MutableBytes out, std::size_t size, std::uint32_t index,
                                 bool encrypts) noexcept;
  Outcome<std::size_t> open_rtcp(MutableBytes packet) noexcept;

  Profile profile() const noexcept { return profile_; }
  std::size_t rtcp_growth() const noexcept { return tag_size(profile_) + kIndexWordSize; }

 private:
  using Iv = std::array<std::uint8_t, 16>;

  Transform(Profile profile, const SessionKey& key, Cipher cipher) noexcept;
  Iv iv_of(std::uint32_t ssrc, std::uint64_t index) const noexcept;
  Outcome<std::size_t> open_rtcp_aead(MutableBytes packet, Bytes word, bool encrypted) noexcept;
  Outcome<std::size_t> open_rtcp_cm(MutableBytes packet, bool encrypted) noexcept;

  Profile profile_;
  std::array<std::uint8_t, 14> salt_;
  Cipher cipher_;
  HmacSha1 mac_;
};

}  // namespace telltale::rtc::srtp
