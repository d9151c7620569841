#include "mcp/oauth/jwt.hpp"

#include "base/encoding.hpp"
#include "base/random.hpp"

namespace telltale::mcp::oauth {
namespace {

constexpr std::int64_t kAssertionLife_s = 300;

std::int64_t seconds_of(base::WallTime time) {
  return base::unix_ms(time) / 1000;
}

}  // namespace

base::Result<std::string> dpop_proof(const EcKey& key, const DpopClaims& claims,
                                     base::WallTime now) {
  base::JsonObject body{{"jti", base::secure_token(16)},
                        {"htm", claims.method},
                        {"htu", claims.url.substr(0, claims.url.find_first_of("?#"))},
                        {"iat", seconds_of(now)}};
  if (!claims.token.empty()) {
    const auto digest = base::sha256(claims.token);
    body["ath"] =
        base::base64url_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
  if (!claims.nonce.empty()) body["nonce"] = claims.nonce;
  return key.sign_jwt({{"typ", "dpop+jwt"}, {"jwk", key.public_jwk()}}, body);
}

base::Result<std::string> client_assertion(const EcKey& key, std::string_view client_id,
                                           std::string_view audience, base::WallTime now) {
  return key.sign_jwt({{"typ", "JWT"}}, {{"iss", client_id},
                                         {"sub", client_id},
                                         {"aud", audience},
                                         {"jti", base::secure_token(16)},
                                         {"iat", seconds_of(now)},
                                         {"exp", seconds_of(now) + kAssertionLife_s}});
}

}  // namespace telltale::mcp::oauth
