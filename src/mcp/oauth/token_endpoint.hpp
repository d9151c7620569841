// One request to a token endpoint, with DPoP where it is used: a nonce that the endpoint asks for
// is sent once (RFC 9449 section 8). Home loop.
#pragma once

#include "mcp/oauth/fetch.hpp"
#include "mcp/oauth/token.hpp"

namespace telltale::mcp::oauth {

struct TokenRequest {
  Trust trust;
  std::string url;
  Form form;
  ClientProof proof;
  std::optional<EcKey> dpop = {};
  std::string dpop_nonce = {};  // what the endpoint said last
};
struct TokenAnswer {
  base::Json document;
  std::string dpop_nonce = {};
};

// `clock` outlives the request (the loop's).
runtime::TaskResult<TokenAnswer> request_token(TokenRequest request, const base::Clock* clock);

}  // namespace telltale::mcp::oauth
