// What a DTLS handshake leaves for SRTP: the profile both agreed on and the keys, exported as RFC
// 5764 section 4.2 says and already sorted by direction. Lengths by profile: RFC 5764 section
// 4.1.2 (AES-CM: key 16, salt 14), RFC 7714 section 12 (GCM: key 16 or 32, salt 12).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <openssl/ssl.h>

#include "base/error.hpp"

namespace telltale::rtc::dtls {

// Values of the registry "DTLS-SRTP Protection Profiles" (RFC 5764 section 4.1.2, RFC 7714).
enum class SrtpProfile : std::uint16_t {
  aes128_cm_sha1_80 = 0x0001,
  aead_aes_128_gcm = 0x0007,
  aead_aes_256_gcm = 0x0008,
};
std::string_view profile_name(SrtpProfile profile) noexcept;

struct SrtpLengths {
  std::size_t key_bytes = 0;
  std::size_t salt_bytes = 0;
};
SrtpLengths lengths_of(SrtpProfile profile) noexcept;

// The master key and salt of one direction.
class SrtpSecret {
 public:
  SrtpSecret(std::span<const std::uint8_t> key, std::span<const std::uint8_t> salt);
  SrtpSecret(const SrtpSecret&) = default;
  SrtpSecret& operator=(const SrtpSecret&) = default;
  ~SrtpSecret();  // wipes

  std::span<const std::uint8_t> key() const noexcept { return {key_.data(), key_bytes_}; }
  std::span<const std::uint8_t> salt() const noexcept { return {salt_.data(), salt_bytes_}; }

 private:
  std::array<std::uint8_t, 32> key_{};
  std::array<std::uint8_t, 14> salt_{};
  std::size_t key_bytes_;
  std::size_t salt_bytes_;
};

struct SrtpKeys {
  SrtpProfile profile;
  SrtpSecret send;     // what we protect with
  SrtpSecret receive;  // what the peer protects with
};

// After the handshake. Code::unsupported when there is no profile in common.
base::Result<SrtpKeys> export_srtp_keys(SSL& ssl);

}  // namespace telltale::rtc::dtls
