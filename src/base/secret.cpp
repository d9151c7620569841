#include "base/secret.hpp"

#include <openssl/crypto.h>

namespace telltale::base {

void wipe(std::string& text) noexcept {
  // What small strings keep inside and what a shortened one keeps behind its end goes too.
  OPENSSL_cleanse(text.data(), text.capacity());
  text.clear();
}

}  // namespace telltale::base
