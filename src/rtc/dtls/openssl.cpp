#include "rtc/dtls/openssl.hpp"

#include <openssl/err.h>

namespace telltale::rtc::dtls {

std::string take_openssl_error(const char* otherwise) {
  const auto code = ::ERR_peek_error();
  ::ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  return reason == nullptr ? otherwise : reason;
}

}  // namespace telltale::rtc::dtls
