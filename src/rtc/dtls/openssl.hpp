// Owners of OpenSSL's objects, and its last complaint as text. Inside dtls only.
#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace telltale::rtc::dtls {

template <auto Free>
struct OpenSslDeleter {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Free(pointer);
  }
};
using SslPtr = std::unique_ptr<SSL, OpenSslDeleter<SSL_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, OpenSslDeleter<SSL_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDeleter<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpenSslDeleter<X509_free>>;

// The first error of this thread's queue, which is emptied; `otherwise` when there is none.
std::string take_openssl_error(const char* otherwise);

}  // namespace telltale::rtc::dtls
