// The one file that needs SHA_CTX, which OpenSSL 3 calls deprecated (see HmacSha1).
#define OPENSSL_SUPPRESS_DEPRECATED
#include "rtc/srtp/cipher.hpp"

namespace telltale::rtc::srtp {
namespace {

struct FreeFetched {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
};
using Fetched = std::unique_ptr<EVP_CIPHER, FreeFetched>;

// Fetched once for the process: the implicit fetch of EVP_aes_128_gcm() costs more than a packet.
const EVP_CIPHER* cipher_of(Profile profile) {
  static const Fetched kGcm128(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
  static const Fetched kGcm256(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  static const Fetched kCtr128(EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr));
  switch (profile) {
    case Profile::aead_aes_128_gcm:
      return kGcm128.get();
    case Profile::aead_aes_256_gcm:
      return kGcm256.get();
    case Profile::aes128_cm_hmac_sha1_80:
      return kCtr128.get();
  }
  return nullptr;
}

}  // namespace

base::Result<Cipher> Cipher::open(Profile profile, const SessionKey& key, Direction direction) {
  Cipher cipher;
  // Counter mode decrypts by encrypting.
  cipher.direction_ = is_aead(profile) ? direction : Direction::encrypt;
  cipher.context_.reset(EVP_CIPHER_CTX_new());
  const auto* algorithm = cipher_of(profile);
  const int encrypts = cipher.direction_ == Direction::encrypt ? 1 : 0;
  if (!cipher.context_ || algorithm == nullptr ||
      EVP_CipherInit_ex2(cipher.context_.get(), algorithm, key.cipher.data(), nullptr, encrypts,
                         nullptr) != 1)
    return base::fail(base::Code::internal, "OpenSSL refuses the SRTP cipher");
  return cipher;
}

bool Cipher::begin(std::span<const std::uint8_t, 16> iv) noexcept {
  return direction_ == Direction::encrypt
             ? EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, iv.data(), nullptr) == 1
             : EVP_DecryptInit_ex2(context_.get(), nullptr, nullptr, iv.data(), nullptr) == 1;
}

bool Cipher::aad(Bytes bytes) noexcept {
  return update(bytes, nullptr);
}

bool Cipher::update(Bytes in, std::uint8_t* out) noexcept {
  if (in.empty()) return true;
  int written = 0;
  const auto size = static_cast<int>(in.size());
  return direction_ == Direction::encrypt
             ? EVP_EncryptUpdate(context_.get(), out, &written, in.data(), size) == 1
             : EVP_DecryptUpdate(context_.get(), out, &written, in.data(), size) == 1;
}

bool Cipher::write_tag(MutableBytes tag) noexcept {
  int written = 0;
  std::array<std::uint8_t, 16> none = {};
  return EVP_EncryptFinal_ex(context_.get(), none.data(), &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                             tag.data()) == 1;
}

bool Cipher::check_tag(Bytes tag) noexcept {
  int written = 0;
  std::array<std::uint8_t, 16> copy = {};
  std::copy_n(tag.begin(), std::min(tag.size(), copy.size()), copy.begin());
  if (EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(copy.size()),
                          copy.data()) != 1)
    return false;
  std::array<std::uint8_t, 16> none = {};
  return EVP_DecryptFinal_ex(context_.get(), none.data(), &written) == 1;
}

HmacSha1::HmacSha1(Bytes key) noexcept {
  std::array<std::uint8_t, 64> inner = {};
  std::copy_n(key.begin(), std::min(key.size(), inner.size()), inner.begin());
  auto outer = inner;
  for (auto& byte : inner) byte ^= 0x36U;
  for (auto& byte : outer) byte ^= 0x5cU;
  SHA1_Init(&inner_);
  SHA1_Update(&inner_, inner.data(), inner.size());
  SHA1_Init(&outer_);
  SHA1_Update(&outer_, outer.data(), outer.size());
}

std::array<std::uint8_t, 10> HmacSha1::tag(Bytes first, Bytes second) const noexcept {
  std::array<std::uint8_t, 20> digest = {};
  auto context = inner_;
  SHA1_Update(&context, first.data(), first.size());
  SHA1_Update(&context, second.data(), second.size());
  SHA1_Final(digest.data(), &context);
  context = outer_;
  SHA1_Update(&context, digest.data(), digest.size());
  SHA1_Final(digest.data(), &context);
  std::array<std::uint8_t, 10> tag = {};
  std::copy_n(digest.begin(), tag.size(), tag.begin());
  return tag;
}

}  // namespace telltale::rtc::srtp
