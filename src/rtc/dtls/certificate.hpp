// Our self-signed certificate: ECDSA on P-256 with SHA-256 (RFC 8827 section 6.5), made fresh at
// every start, shared by all connections, never written down. Peers know it by its fingerprint.
#pragma once

#include "base/clock.hpp"
#include "rtc/dtls/fingerprint.hpp"
#include "rtc/dtls/openssl.hpp"

namespace telltale::rtc::dtls {

class Certificate {
 public:
  // Valid from a day before `now` (clocks differ) for 30 days after; name and serial are random.
  static base::Result<Certificate> make(base::WallTime now);

  const Fingerprint& fingerprint() const noexcept { return fingerprint_; }  // sha-256
  X509& x509() const noexcept { return *x509_; }
  EVP_PKEY& key() const noexcept { return *key_; }

 private:
  Certificate(KeyPtr key, X509Ptr x509, Fingerprint fingerprint) noexcept;

  KeyPtr key_;
  X509Ptr x509_;
  Fingerprint fingerprint_;
};

}  // namespace telltale::rtc::dtls
