#include "rtc/dtls/context.hpp"

#include <openssl/srtp.h>

#include "rtc/dtls/connection.hpp"
#include "rtc/dtls/crypto_library.hpp"

namespace telltale::rtc::dtls {
namespace {

// ECDHE with AES-GCM, for a certificate of ours (ECDSA) or a peer's (it may be RSA); the last two
// are what old peers speak. Every one adds 24 bytes or more to a record (record_filter.hpp).
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA";
constexpr const char* kGroups = "X25519:P-256:P-384";

bool configure(SSL_CTX& native, const Certificate& certificate, const ContextSettings& settings) {
  ::SSL_CTX_set_options(&native, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_NO_RENEGOTIATION | SSL_OP_SINGLE_ECDH_USE |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
  ::SSL_CTX_set_mode(&native, SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_session_cache_mode(&native, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_max_send_fragment(&native, static_cast<long>(Context::kSendBytesMax));
  ::SSL_CTX_set_read_ahead(&native, 1);  // a datagram holds several records
  ::SSL_CTX_set_verify(&native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  ::SSL_CTX_set_cert_verify_callback(&native, Connection::verify_peer, nullptr);
  // SSL_CTX_set_tlsext_use_srtp returns 0 for success.
  return ::SSL_CTX_set_min_proto_version(&native, DTLS1_2_VERSION) == 1 &&
         ::SSL_CTX_set_max_proto_version(&native, DTLS1_2_VERSION) == 1 &&
         ::SSL_CTX_set_cipher_list(&native, kCiphers) == 1 &&
         ::SSL_CTX_set1_groups_list(&native, kGroups) == 1 &&
         ::SSL_CTX_use_certificate(&native, &certificate.x509()) == 1 &&
         ::SSL_CTX_use_PrivateKey(&native, &certificate.key()) == 1 &&
         ::SSL_CTX_set_tlsext_use_srtp(&native, settings.srtp_profiles.c_str()) == 0;
}

}  // namespace

Context::Context(Certificate certificate, SslContextPtr native) noexcept
    : certificate_(std::move(certificate)), native_(std::move(native)) {}

base::Result<Context> Context::open(Certificate certificate, const ContextSettings& settings) {
  SslContextPtr native(::SSL_CTX_new_ex(crypto_library(), nullptr, ::DTLS_method()));
  if (!native || !configure(*native, certificate, settings))
    return base::fail(base::Code::internal,
                      "no DTLS context: " + take_openssl_error("the settings are not valid"));
  return Context(std::move(certificate), std::move(native));
}

}  // namespace telltale::rtc::dtls
