#include "rtc/dtls/certificate.hpp"

#include <array>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/random.hpp"
#include "rtc/dtls/crypto_library.hpp"

namespace telltale::rtc::dtls {
namespace {

constexpr auto kBefore = std::chrono::hours(24);
constexpr auto kAfter = std::chrono::hours(24 * 30);

// A positive serial of 63 random bits (RFC 5280 section 4.1.2.2) and a name that says nothing.
bool name_it(X509& x509) {
  std::array<std::uint8_t, 8> serial{};
  base::secure_bytes(serial);
  std::uint64_t number = 0;
  for (const auto byte : serial) number = number << 8U | byte;
  const auto token = base::secure_token(9);
  auto* name = ::X509_get_subject_name(&x509);
  return ::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(&x509), number >> 1U) == 1 &&
         ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(token.data()),
                                      static_cast<int>(token.size()), -1, 0) == 1 &&
         ::X509_set_issuer_name(&x509, name) == 1;
}

bool date_it(X509& x509, base::WallTime now) {
  const auto seconds = [](base::WallTime at) {
    return static_cast<std::time_t>(base::unix_ms(at) / 1000);
  };
  return ::ASN1_TIME_set(::X509_getm_notBefore(&x509), seconds(now - kBefore)) != nullptr &&
         ::ASN1_TIME_set(::X509_getm_notAfter(&x509), seconds(now + kAfter)) != nullptr;
}

}  // namespace

Certificate::Certificate(KeyPtr key, X509Ptr x509, Fingerprint fingerprint) noexcept
    : key_(std::move(key)), x509_(std::move(x509)), fingerprint_(std::move(fingerprint)) {}

base::Result<Certificate> Certificate::make(base::WallTime now) {
  KeyPtr key(::EVP_PKEY_Q_keygen(crypto_library(), nullptr, "EC", "P-256"));
  X509Ptr x509(::X509_new_ex(crypto_library(), nullptr));
  const bool made = key && x509 && ::X509_set_version(x509.get(), X509_VERSION_3) == 1 &&
                    name_it(*x509) && date_it(*x509, now) &&
                    ::X509_set_pubkey(x509.get(), key.get()) == 1 &&
                    ::X509_sign(x509.get(), key.get(), ::EVP_sha256()) > 0;
  if (!made)
    return base::fail(base::Code::internal,
                      "no certificate: " + take_openssl_error("out of memory"));
  auto fingerprint = Fingerprint::of(*x509, "sha-256");
  if (!fingerprint) return std::unexpected(fingerprint.error());
  return Certificate(std::move(key), std::move(x509), std::move(*fingerprint));
}

}  // namespace telltale::rtc::dtls
