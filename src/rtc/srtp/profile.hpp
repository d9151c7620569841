// The SRTP protection profiles we speak (RFC 5764 section 4.1.2, RFC 7714 section 14.2), by the
// numbers of the DTLS use_srtp extension, with the sizes each asks for in bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace telltale::rtc::srtp {

enum class Profile : std::uint16_t {
  aes128_cm_hmac_sha1_80 = 0x0001,
  aead_aes_128_gcm = 0x0007,
  aead_aes_256_gcm = 0x0008,
};

constexpr bool is_aead(Profile profile) noexcept {
  return profile != Profile::aes128_cm_hmac_sha1_80;
}
constexpr std::size_t key_size(Profile profile) noexcept {
  return profile == Profile::aead_aes_256_gcm ? 32 : 16;
}
// Of the master salt, as DTLS exports it.
constexpr std::size_t salt_size(Profile profile) noexcept {
  return is_aead(profile) ? 12 : 14;
}
constexpr std::size_t tag_size(Profile profile) noexcept {
  return is_aead(profile) ? 16 : 10;
}
inline constexpr std::size_t kAuthKeySize = 20;   // HMAC-SHA1
inline constexpr std::size_t kIndexWordSize = 4;  // E flag and SRTCP index

// What protect may add to a packet: room to leave behind an RTP or RTCP packet, of any profile.
inline constexpr std::size_t kMaxRtpGrowth = 16;
inline constexpr std::size_t kMaxRtcpGrowth = 16 + kIndexWordSize;

}  // namespace telltale::rtc::srtp
