// What an OAuthClient is given: by whom the server is used, which grant, and where state is kept.
#pragma once

#include <functional>

#include "mcp/oauth/callback.hpp"
#include "mcp/oauth/registration.hpp"
#include "net/http_client.hpp"

namespace telltale::mcp::oauth {

enum class Grant {
  authorization_code,  // a person consents
  client_credentials,  // extension io.modelcontextprotocol/oauth-client-credentials
  jwt_bearer,          // workload identity federation (RFC 7523): `assertion` is the workload's JWT
  enterprise,          // enterprise-managed authorization: `assertion` is the person's ID token
};

// The enterprise's identity provider, which changes an ID token for an ID-JAG (RFC 8693).
struct IdentityProvider {
  std::string token_endpoint = {};
  std::string client_id = {};
  base::Secret client_secret = {};  // empty: a public client
};

struct Settings {
  std::string server_url;
  net::OutboundPolicy outbound = {};
  net::Resolve resolve = {};  // tests bring their own
  Grant grant = Grant::authorization_code;
  Identity identity = {};
  base::Secret private_key_pem = {};  // P-256: private_key_jwt at the token endpoint
  std::string scope = {};             // asked for besides what the server wants
  bool dpop = true;                   // where the authorization server offers it with ES256
  IdentityProvider identity_provider = {};

  // For jwt_bearer and enterprise, asked before each request for a token.
  std::function<runtime::TaskResult<base::Secret>()> assertion = {};
  // Takes a person to the URL and brings back what the callback got. Absent: the call fails with
  // data.authorization_required, and finish_authorization comes later. While it waits, so does
  // everything else of this client.
  std::function<runtime::TaskResult<CallbackParameters>(std::string url)> consent = {};
  // JSON of state.hpp, with secrets in the clear. load is asked once; an empty object is nothing.
  // save is called after every change, one at a time; when it fails the state lives on in memory.
  std::function<runtime::TaskResult<base::JsonObject>()> load = {};
  std::function<runtime::TaskResult<bool>(base::JsonObject)> save = {};
};

}  // namespace telltale::mcp::oauth
