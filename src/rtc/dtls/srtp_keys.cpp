#include "rtc/dtls/srtp_keys.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/srtp.h>

#include "base/check.hpp"
#include "rtc/dtls/openssl.hpp"

namespace telltale::rtc::dtls {
namespace {

constexpr std::string_view kLabel = "EXTRACTOR-dtls_srtp";
constexpr std::size_t kMostBytes = 2UL * (32 + 14);

}  // namespace

std::string_view profile_name(SrtpProfile profile) noexcept {
  switch (profile) {
    case SrtpProfile::aes128_cm_sha1_80:
      return "SRTP_AES128_CM_SHA1_80";
    case SrtpProfile::aead_aes_128_gcm:
      return "SRTP_AEAD_AES_128_GCM";
    case SrtpProfile::aead_aes_256_gcm:
      return "SRTP_AEAD_AES_256_GCM";
  }
  return "unknown";
}

SrtpLengths lengths_of(SrtpProfile profile) noexcept {
  switch (profile) {
    case SrtpProfile::aes128_cm_sha1_80:
      return {.key_bytes = 16, .salt_bytes = 14};
    case SrtpProfile::aead_aes_128_gcm:
      return {.key_bytes = 16, .salt_bytes = 12};
    case SrtpProfile::aead_aes_256_gcm:
      return {.key_bytes = 32, .salt_bytes = 12};
  }
  return {};
}

SrtpSecret::SrtpSecret(std::span<const std::uint8_t> key, std::span<const std::uint8_t> salt)
    : key_bytes_(key.size()), salt_bytes_(salt.size()) {
  CHECK(key.size() <= key_.size() && salt.size() <= salt_.size());
  std::ranges::copy(key, key_.begin());
  std::ranges::copy(salt, salt_.begin());
}

SrtpSecret::~SrtpSecret() {
  ::OPENSSL_cleanse(key_.data(), key_.size());
  ::OPENSSL_cleanse(salt_.data(), salt_.size());
}

base::Result<SrtpKeys> export_srtp_keys(SSL& ssl) {
  const auto* selected = ::SSL_get_selected_srtp_profile(&ssl);
  if (selected == nullptr)
    return base::fail(base::Code::unsupported, "no SRTP profile in common with the peer");
  const auto profile = static_cast<SrtpProfile>(selected->id);
  const auto [key_bytes, salt_bytes] = lengths_of(profile);
  CHECK(key_bytes != 0);  // only profiles we offered can be selected
  std::array<std::uint8_t, kMostBytes> material{};
  const auto size = 2 * (key_bytes + salt_bytes);
  if (::SSL_export_keying_material(&ssl, material.data(), size, kLabel.data(), kLabel.size(),
                                   nullptr, 0, 0) != 1)
    return base::fail(base::Code::internal,
                      "no SRTP keys: " + take_openssl_error("they cannot be exported"));
  // client_write_key, server_write_key, client_write_salt, server_write_salt
  const std::span<const std::uint8_t> all(material);
  const auto secret = [&](std::size_t side) {
    return SrtpSecret(all.subspan(side * key_bytes, key_bytes),
                      all.subspan(2 * key_bytes + side * salt_bytes, salt_bytes));
  };
  const std::size_t ours = ::SSL_is_server(&ssl) == 1 ? 1 : 0;
  SrtpKeys keys{.profile = profile, .send = secret(ours), .receive = secret(1 - ours)};
  ::OPENSSL_cleanse(material.data(), material.size());
  return keys;
}

}  // namespace telltale::rtc::dtls
