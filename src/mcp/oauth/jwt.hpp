// The two JWTs that we sign: DPoP proofs (RFC 9449 section 4.2) and client assertions for
// private_key_jwt (RFC 7523 section 2.2). No I/O.
#pragma once

#include "base/clock.hpp"
#include "mcp/oauth/ec_key.hpp"

namespace telltale::mcp::oauth {

struct DpopClaims {
  std::string method;
  std::string url;         // query and fragment are left out
  std::string token = {};  // the access token it goes with
  std::string nonce = {};  // what the server said last
};
base::Result<std::string> dpop_proof(const EcKey& key, const DpopClaims& claims,
                                     base::WallTime now);

// For one token request; valid for five minutes.
base::Result<std::string> client_assertion(const EcKey& key, std::string_view client_id,
                                           std::string_view audience, base::WallTime now);

}  // namespace telltale::mcp::oauth
