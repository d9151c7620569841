#include "rtc/srtp/keys.hpp"

#include <memory>

#include <openssl/evp.h>

#include "base/check.hpp"

namespace telltale::rtc::srtp {
namespace {

enum class Label : std::uint8_t {
  rtp_cipher = 0,
  rtp_auth = 1,
  rtp_salt = 2,
  rtcp_cipher = 3,
  rtcp_auth = 4,
  rtcp_salt = 5,
};

// The key stream of AES-CM, whose first block counter is (label, salt) and 16 bits of zero.
void derive(Bytes key, Bytes salt, Label label, MutableBytes out) {
  std::array<std::uint8_t, 16> counter = {};
  std::copy(salt.begin(), salt.end(), counter.begin());
  counter[7] = static_cast<std::uint8_t>(counter[7] ^ static_cast<std::uint8_t>(label));
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  const auto* cipher = key.size() == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
  int written = 0;
  CHECK(context && EVP_EncryptInit_ex2(context.get(), cipher, key.data(), counter.data(), nullptr));
  CHECK(EVP_EncryptUpdate(context.get(), out.data(), &written, out.data(),
                          static_cast<int>(out.size())));
}

}  // namespace

base::Result<SessionKeys> derive_keys(Profile profile, Bytes key, Bytes salt) {
  if (key.size() != key_size(profile) || salt.size() != salt_size(profile))
    return base::fail(base::Code::invalid_argument, "SRTP keying material of the wrong length");
  SessionKeys keys{.profile = profile};
  const auto cipher_size = key_size(profile);
  const auto used_salt = salt_size(profile);
  derive(key, salt, Label::rtp_cipher, MutableBytes(keys.rtp.cipher).first(cipher_size));
  derive(key, salt, Label::rtp_salt, MutableBytes(keys.rtp.salt).first(used_salt));
  derive(key, salt, Label::rtcp_cipher, MutableBytes(keys.rtcp.cipher).first(cipher_size));
  derive(key, salt, Label::rtcp_salt, MutableBytes(keys.rtcp.salt).first(used_salt));
  if (!is_aead(profile)) {
    derive(key, salt, Label::rtp_auth, keys.rtp.auth);
    derive(key, salt, Label::rtcp_auth, keys.rtcp.auth);
  }
  return keys;
}

}  // namespace telltale::rtc::srtp
