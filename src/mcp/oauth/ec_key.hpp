// A P-256 key that signs ES256 (RFC 7518 section 3.4): DPoP proofs and client assertions. A value;
// copies share the key; any thread. OpenSSL underneath.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"

struct evp_pkey_st;

namespace telltale::mcp::oauth {

class EcKey {
 public:
  static base::Result<EcKey> generate();
  // PKCS#8 or SEC 1 PEM, not encrypted; another kind of key is refused.
  static base::Result<EcKey> from_pem(const base::Secret& pem);
  base::Secret to_pem() const;  // PKCS#8

  base::JsonObject public_jwk() const;                          // RFC 7517: crv, kty, x, y
  std::string thumbprint() const;                               // RFC 7638, SHA-256
  base::Result<std::string> sign(std::string_view text) const;  // R and S, 64 bytes

  // A JWT (RFC 7515 compact form); `alg` is put into the header.
  base::Result<std::string> sign_jwt(base::JsonObject header, const base::JsonObject& claims) const;

 private:
  explicit EcKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace telltale::mcp::oauth
