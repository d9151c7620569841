// OpenSSL's algorithms for DTLS: a library context that offers of the default provider only the
// kinds of keys WebRTC has (RFC 8827 section 6.5) and the one form they arrive in. OpenSSL 3.0 goes
// through every decoder of every kind of key for each certificate it reads, which was two fifths of
// a handshake. Any thread.
#pragma once

#include <openssl/types.h>

namespace telltale::rtc::dtls {

// Lives as long as the process. OpenSSL's own context where this one cannot be had.
OSSL_LIB_CTX* crypto_library();

}  // namespace telltale::rtc::dtls
