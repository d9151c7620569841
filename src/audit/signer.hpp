// The Ed25519 key (RFC 8032) that signs heads: `audit.key` (PKCS#8 PEM, 0600) in the state
// directory, and `audit.pub` beside it for whoever verifies without the private one. OpenSSL EVP.
// Any thread.
#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"

struct evp_pkey_st;

namespace telltale::audit {

class Signer {
 public:
  // Makes the key when there is none yet; refuses a key file that others may read.
  static base::Result<Signer> open(const std::string& folder);
  base::Result<std::string> sign(std::string_view message) const;  // 64 bytes

 private:
  using Key = std::unique_ptr<evp_pkey_st, void (*)(evp_pkey_st*)>;
  explicit Signer(Key key) : key_(std::move(key)) {}
  Key key_;
};

}  // namespace telltale::audit
