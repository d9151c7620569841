// The ciphers of SRTP on OpenSSL's EVP, keyed once: per packet only the IV changes. One object
// serves one direction of one kind of packet; not thread safe; moves, does not copy. Encryption
// and decryption may be in place (`in` and `out` the same bytes).
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/error.hpp"
#include "rtc/bytes.hpp"
#include "rtc/srtp/keys.hpp"

namespace telltale::rtc::srtp {

enum class Direction : std::uint8_t { encrypt, decrypt };

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

// AES-GCM and AES-CTR: begin, then aad (GCM only) and update as often as needed, then the tag.
class Cipher {
 public:
  static base::Result<Cipher> open(Profile profile, const SessionKey& key, Direction direction);

  bool begin(std::span<const std::uint8_t, 16> iv) noexcept;  // GCM takes the first 12 bytes
  bool aad(Bytes bytes) noexcept;
  bool update(Bytes in, std::uint8_t* out) noexcept;
  bool write_tag(MutableBytes tag) noexcept;
  bool check_tag(Bytes tag) noexcept;  // false: not authentic

 private:
  Cipher() = default;
  std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context_;
  Direction direction_ = Direction::encrypt;
};

// HMAC-SHA1 (RFC 2104) with its two padded keys hashed once. EVP_MAC of OpenSSL 3.0 allocates at
// every restart; this copies two small structures.
class HmacSha1 {
 public:
  HmacSha1() = default;
  explicit HmacSha1(Bytes key) noexcept;
  // The first 80 bits over `first` and `second`.
  std::array<std::uint8_t, 10> tag(Bytes first, Bytes second) const noexcept;

 private:
  SHA_CTX inner_ = {};
  SHA_CTX outer_ = {};
};

}  // namespace telltale::rtc::srtp
