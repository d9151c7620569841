// Session keys from a master key: the key derivation of RFC 3711 section 4.3 with a key derivation
// rate of 0, AES-CM with a key as long as the master key (RFC 7714 section 11, RFC 6188).
#pragma once

#include <array>
#include <cstdint>

#include "base/error.hpp"
#include "rtc/bytes.hpp"
#include "rtc/srtp/profile.hpp"

namespace telltale::rtc::srtp {

// What protects one direction of one kind of packet. The sizes used are the profile's.
struct SessionKey {
  std::array<std::uint8_t, 32> cipher = {};
  std::array<std::uint8_t, 14> salt = {};
  std::array<std::uint8_t, kAuthKeySize> auth = {};  // unused by AEAD profiles
};

struct SessionKeys {
  Profile profile = Profile::aead_aes_128_gcm;
  SessionKey rtp;
  SessionKey rtcp;
};

// `key` and `salt` of key_size and salt_size bytes; anything else is invalid_argument.
base::Result<SessionKeys> derive_keys(Profile profile, Bytes key, Bytes salt);

}  // namespace telltale::rtc::srtp
