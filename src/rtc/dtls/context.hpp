// What all DTLS connections of the process share: the certificate, the versions, ciphers, curves
// and SRTP profiles we take. Made once at start; afterwards any loop may open connections on it.
#pragma once

#include <string>

#include "rtc/dtls/certificate.hpp"

namespace telltale::rtc::dtls {

struct ContextSettings {
  // In our order of preference, which is what counts when we are the server (RFC 5764 section 4.1).
  std::string srtp_profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";
};

class Context {
 public:
  // The most one message of application data may have; it sizes OpenSSL's write buffers.
  static constexpr std::size_t kSendBytesMax = 2'048;

  static base::Result<Context> open(Certificate certificate, const ContextSettings& settings = {});

  const Fingerprint& fingerprint() const noexcept { return certificate_.fingerprint(); }
  SSL_CTX& native() const noexcept { return *native_; }

 private:
  Context(Certificate certificate, SslContextPtr native) noexcept;

  Certificate certificate_;
  SslContextPtr native_;
};

}  // namespace telltale::rtc::dtls
