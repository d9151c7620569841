#include "rtc/dtls/remnant.hpp"

#include <algorithm>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/check.hpp"
#include "base/random.hpp"

namespace telltale::rtc::dtls {
namespace {

using Alert = std::array<std::uint8_t, 2>;

constexpr std::size_t kHeader = 13;  // RFC 6347 section 4.1
constexpr std::size_t kNonce = 8;    // the explicit part
constexpr std::size_t kTag = 16;
constexpr std::size_t kAlertRecord = kHeader + kNonce + sizeof(Alert) + kTag;
constexpr std::uint8_t kAlert = 21, kHandshake = 22;
constexpr std::uint8_t kFatal = 2, kCloseNotify = 0;
// Higher than any number OpenSSL has given to its few records of this epoch.
constexpr std::uint8_t kLateSequence = 1;  // the highest of six bytes

constexpr std::size_t kSecret = 48;
constexpr std::size_t kRandom = 32;

struct Cipher {
  const char* name;
  const char* digest;
  std::size_t key_bytes;
};

std::optional<Cipher> cipher_of(const SSL& ssl) {
  const auto* const cipher = ::SSL_get_current_cipher(&ssl);
  if (cipher == nullptr) return {};
  switch (::SSL_CIPHER_get_cipher_nid(cipher)) {
    case NID_aes_128_gcm:
      return Cipher{.name = "AES-128-GCM", .digest = "SHA256", .key_bytes = 16};
    case NID_aes_256_gcm:
      return Cipher{.name = "AES-256-GCM", .digest = "SHA384", .key_bytes = 32};
    default:
      return {};
  }
}

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const { ::EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { ::EVP_KDF_CTX_free(context); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const { ::EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const { ::EVP_CIPHER_CTX_free(context); }
};

// RFC 5246 section 6.3: the key block.
bool derive(const SSL& ssl, const char* digest, std::span<std::uint8_t> out) {
  static const std::unique_ptr<EVP_KDF, FreeKdf> kKdf(
      ::EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr));
  const auto* const session = ::SSL_get_session(&ssl);
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(
      kKdf == nullptr ? nullptr : ::EVP_KDF_CTX_new(kKdf.get()));
  if (session == nullptr || context == nullptr) return false;
  std::array<std::uint8_t, kSecret> secret{};
  constexpr std::string_view kLabel = "key expansion";
  std::array<std::uint8_t, kLabel.size() + 2 * kRandom> seed{};
  std::ranges::copy(kLabel, seed.begin());
  bool good =
      ::SSL_SESSION_get_master_key(session, secret.data(), secret.size()) == kSecret &&
      ::SSL_get_server_random(&ssl, seed.data() + kLabel.size(), kRandom) == kRandom &&
      ::SSL_get_client_random(&ssl, seed.data() + kLabel.size() + kRandom, kRandom) == kRandom;
  std::string name(digest);
  const std::array<OSSL_PARAM, 4> parameters = {
      ::OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name.data(), 0),
      ::OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret.data(), secret.size()),
      ::OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed.data(), seed.size()),
      ::OSSL_PARAM_construct_end()};
  good = good && ::EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1;
  ::OPENSSL_cleanse(secret.data(), secret.size());
  return good;
}

const EVP_CIPHER* gcm(std::size_t key_bytes) {
  static const std::unique_ptr<EVP_CIPHER, FreeCipher> k128(
      ::EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
  static const std::unique_ptr<EVP_CIPHER, FreeCipher> k256(
      ::EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return key_bytes == 16 ? k128.get() : k256.get();
}

// What is authenticated besides (RFC 5246 section 6.2.3.3): epoch and number, type, version and the
// length of the text, which the record's header has after the numbers.
std::array<std::uint8_t, kHeader> additional(std::span<const std::uint8_t> header) {
  std::array<std::uint8_t, kHeader> out{};
  std::copy_n(header.begin() + 3, 8, out.begin());
  std::copy_n(header.begin(), 3, out.begin() + 8);
  out[12] = sizeof(Alert);
  return out;
}

}  // namespace

RecordKeys::RecordKeys(std::span<const std::uint8_t> key, std::span<const std::uint8_t> salt)
    : key_bytes_(key.size()) {
  CHECK(key.size() <= key_.size() && salt.size() == salt_.size());
  std::ranges::copy(key, key_.begin());
  std::ranges::copy(salt, salt_.begin());
}

RecordKeys::~RecordKeys() {
  ::OPENSSL_cleanse(key_.data(), key_.size());
  ::OPENSSL_cleanse(salt_.data(), salt_.size());
}

std::optional<Alert> RecordKeys::open_alert(std::span<const std::uint8_t> record) const {
  if (record.size() != kAlertRecord || record[0] != kAlert) return {};
  std::array<std::uint8_t, 12> nonce{};
  std::ranges::copy(salt_, nonce.begin());
  std::copy_n(record.begin() + kHeader, kNonce, nonce.begin() + salt_.size());
  const auto besides = additional(record);
  auto tag = std::array<std::uint8_t, kTag>{};
  std::ranges::copy(record.last(kTag), tag.begin());
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(::EVP_CIPHER_CTX_new());
  Alert out{};
  int size = 0;
  if (context == nullptr ||
      ::EVP_DecryptInit_ex2(context.get(), gcm(key_bytes_), key_.data(), nonce.data(), nullptr) !=
          1 ||
      ::EVP_DecryptUpdate(context.get(), nullptr, &size, besides.data(), besides.size()) != 1 ||
      ::EVP_DecryptUpdate(context.get(), out.data(), &size, record.data() + kHeader + kNonce,
                          out.size()) != 1 ||
      ::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) != 1 ||
      ::EVP_DecryptFinal_ex(context.get(), out.data(), &size) != 1)
    return {};
  return out;
}

std::vector<std::uint8_t> RecordKeys::seal_alert(Alert alert) const {
  std::vector<std::uint8_t> out(kAlertRecord);
  out[0] = kAlert;
  out[1] = 254;  // DTLS 1.2
  out[2] = 253;
  out[4] = 1;  // the first keyed epoch
  out[5] = kLateSequence;
  out[12] = static_cast<std::uint8_t>(kAlertRecord - kHeader);
  // OpenSSL counts its nonces up from a random one: another random one is as good as sure to
  // differ.
  base::secure_bytes(std::span(out).subspan(kHeader, kNonce));
  std::array<std::uint8_t, 12> nonce{};
  std::ranges::copy(salt_, nonce.begin());
  std::copy_n(out.begin() + kHeader, kNonce, nonce.begin() + salt_.size());
  const auto besides = additional(out);
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(::EVP_CIPHER_CTX_new());
  int size = 0;
  if (context == nullptr ||
      ::EVP_EncryptInit_ex2(context.get(), gcm(key_bytes_), key_.data(), nonce.data(), nullptr) !=
          1 ||
      ::EVP_EncryptUpdate(context.get(), nullptr, &size, besides.data(), besides.size()) != 1 ||
      ::EVP_EncryptUpdate(context.get(), out.data() + kHeader + kNonce, &size, alert.data(),
                          alert.size()) != 1 ||
      ::EVP_EncryptFinal_ex(context.get(), out.data(), &size) != 1 ||
      ::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag,
                            out.data() + kAlertRecord - kTag) != 1)
    return {};
  return out;
}

std::optional<Remnant> Remnant::of(SSL& ssl, std::vector<std::vector<std::uint8_t>> last_flight,
                                   base::SteadyTime now) {
  const auto cipher = cipher_of(ssl);
  if (!cipher || gcm(cipher->key_bytes) == nullptr) return {};
  constexpr std::size_t kSalt = 4;
  std::array<std::uint8_t, 2 * (32 + kSalt)> block{};
  const auto all = std::span(block).first(2 * (cipher->key_bytes + kSalt));
  if (!derive(ssl, cipher->digest, all)) return {};
  // client_write_key, server_write_key, client_write_IV, server_write_IV
  const auto keys = [&](std::size_t side) {
    return RecordKeys(all.subspan(side * cipher->key_bytes, cipher->key_bytes),
                      all.subspan(2 * cipher->key_bytes + side * kSalt, kSalt));
  };
  const std::size_t ours = ::SSL_is_server(&ssl) == 1 ? 1 : 0;
  if (ours == 0) last_flight.clear();  // the server has the last word
  Remnant out(keys(ours), keys(1 - ours), std::move(last_flight), now + kRepeatsFor);
  ::OPENSSL_cleanse(block.data(), block.size());
  return out;
}

Remnant::Event Remnant::on_datagram(std::span<const std::uint8_t> datagram, base::SteadyTime now) {
  auto event = Event::none;
  while (datagram.size() >= kHeader) {
    const auto size = kHeader + (std::size_t{datagram[11]} << 8U) + datagram[12];
    if (size > datagram.size()) break;
    const auto record = datagram.first(size);
    datagram = datagram.subspan(size);
    if (record[3] != 0 || record[4] != 1) continue;  // of another epoch
    if (record[0] == kHandshake) {                   // Finished, with which the peer's flight ends
      event = Event::repeat;
      continue;
    }
    const auto alert = receive_.open_alert(record);
    if (!alert) continue;
    if ((*alert)[1] == kCloseNotify) return Event::closed;
    if ((*alert)[0] == kFatal) return Event::failed;
  }
  if (event != Event::repeat) return event;
  if (now > until_) flight_ = {};
  if (flight_.empty() || ++repeats_ > kRepeatsMax) return Event::none;
  return Event::repeat;
}

std::vector<std::uint8_t> Remnant::close_notify() const {
  return send_.seal_alert({1, kCloseNotify});
}

}  // namespace telltale::rtc::dtls
