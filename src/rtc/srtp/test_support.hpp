// For tests and benchmarks only: libsrtp2, the other implementation ours is compared with, and
// packets to protect.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <srtp2/srtp.h>

#include "base/check.hpp"
#include "base/random.hpp"
#include "rtc/bytes.hpp"
#include "rtc/rtp/packet.hpp"
#include "rtc/srtp/profile.hpp"

namespace telltale::rtc::srtp {

using Buffer = std::vector<std::uint8_t>;

inline Buffer from_hex(std::string_view text) {
  Buffer out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::optional<int> high;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    if (high) out.push_back(static_cast<std::uint8_t>(*high * 16 + digit(c)));
    high = high ? std::nullopt : std::optional(digit(c));
  }
  return out;
}

inline Buffer random_bytes(base::Random& random, std::size_t size) {
  Buffer out(size);
  for (auto& byte : out) byte = static_cast<std::uint8_t>(random.next());
  return out;
}

// One session of libsrtp2 in one direction, for any SSRC.
class LibSrtp {
 public:
  LibSrtp(Profile profile, const Buffer& key, const Buffer& salt, bool sends,
          bool encrypts_rtcp = true) {
    static const bool kReady = srtp_init() == srtp_err_status_ok;
    CHECK(kReady);
    key_ = key;
    key_.insert(key_.end(), salt.begin(), salt.end());
    srtp_policy_t policy = {};
    switch (profile) {
      case Profile::aes128_cm_hmac_sha1_80:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
        break;
      case Profile::aead_aes_128_gcm:
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
        break;
      case Profile::aead_aes_256_gcm:
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
        break;
    }
    if (!encrypts_rtcp) policy.rtcp.sec_serv = sec_serv_auth;
    policy.ssrc.type = sends ? ssrc_any_outbound : ssrc_any_inbound;
    policy.key = key_.data();
    policy.window_size = 1024;
    srtp_t session = nullptr;
    CHECK(srtp_create(&session, &policy) == srtp_err_status_ok);
    session_.reset(session);
  }

  bool protect(Buffer& packet, bool rtcp = false) {
    auto size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    const auto status = rtcp ? srtp_protect_rtcp(session_.get(), packet.data(), &size)
                             : srtp_protect(session_.get(), packet.data(), &size);
    packet.resize(static_cast<std::size_t>(size));
    return status == srtp_err_status_ok;
  }
  bool unprotect(Buffer& packet, bool rtcp = false) {
    auto size = static_cast<int>(packet.size());
    const auto status = rtcp ? srtp_unprotect_rtcp(session_.get(), packet.data(), &size)
                             : srtp_unprotect(session_.get(), packet.data(), &size);
    packet.resize(static_cast<std::size_t>(size));
    return status == srtp_err_status_ok;
  }
  // For benchmarks: no vector in the way.
  bool protect_raw(std::uint8_t* packet, int& size) {
    return srtp_protect(session_.get(), packet, &size) == srtp_err_status_ok;
  }
  srtp_t session() const { return session_.get(); }

 private:
  struct Free {
    void operator()(srtp_t session) const { srtp_dealloc(session); }
  };
  Buffer key_;
  std::unique_ptr<srtp_ctx_t, Free> session_;
};

struct Shape {
  std::size_t csrcs = 0;
  rtp::HeaderWriter::Form form = rtp::HeaderWriter::Form::none;
  std::size_t padding = 0;  // with the byte that counts it
  std::size_t payload = 100;
};

inline Buffer make_rtp(base::Random& random, std::uint32_t ssrc, std::uint16_t sequence,
                       const Shape& shape = {}) {
  const auto csrcs = random_bytes(random, shape.csrcs * 4);
  Buffer packet(rtp::kMinHeaderSize + csrcs.size() + 64);
  rtp::HeaderWriter writer(packet,
                           {.marker = random.chance(0.5),
                            .payload_type = 96,
                            .sequence = sequence,
                            .timestamp = static_cast<std::uint32_t>(random.next()),
                            .ssrc = ssrc},
                           shape.form, csrcs);
  if (shape.form != rtp::HeaderWriter::Form::none)
    CHECK(writer.extension(3, random_bytes(random, 5)).has_value());
  packet.resize(writer.finish().value());
  const auto payload = random_bytes(random, shape.payload);
  packet.insert(packet.end(), payload.begin(), payload.end());
  if (shape.padding > 0) {
    packet[0] |= 0x20U;
    packet.resize(packet.size() + shape.padding);
    packet.back() = static_cast<std::uint8_t>(shape.padding);
  }
  return packet;
}

// A receiver report and random words behind it: SRTCP looks at the first eight bytes only.
inline Buffer make_rtcp(base::Random& random, std::uint32_t ssrc, std::size_t words) {
  Buffer packet(8);
  packet[0] = 0x80;
  packet[1] = 201;
  store_u16(packet, 2, static_cast<std::uint16_t>(words + 1));
  store_u32(packet, 4, ssrc);
  const auto rest = random_bytes(random, words * 4);
  packet.insert(packet.end(), rest.begin(), rest.end());
  return packet;
}

}  // namespace telltale::rtc::srtp
