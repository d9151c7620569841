// Who we are to an authorization server: pre-registered, a client ID metadata document, or dynamic
// registration (RFC 7591), in this order (2026-07-28 basic/authorization, "Client Registration
// Approaches"). No I/O.
#pragma once

#include "mcp/oauth/metadata.hpp"
#include "mcp/oauth/state.hpp"

namespace telltale::mcp::oauth {

struct Identity {  // what the user's settings say
  std::string client_name = "Telltale";
  std::string redirect_uri = {};
  std::string client_metadata_url = {};  // where our client ID metadata document can be read
  std::string client_id = {};            // pre-registered …
  base::Secret client_secret = {};
  std::string issuer = {};       // … at this one; "": at the first that is met
  bool has_private_key = false;  // pre-registered with private_key_jwt
};

// The registration to go on with; nothing: register dynamically; Error: there is no way.
base::Result<std::optional<Registration>> choose_registration(const Identity& identity,
                                                              const ServerMetadata& server,
                                                              const State& state,
                                                              std::int64_t now_s);

// RFC 7591 section 3.1.
base::JsonObject registration_request(const Identity& identity, const ServerMetadata& server,
                                      std::string_view scope);
// RFC 7591 section 3.2.1.
base::Result<Registration> read_registration(const base::Json& document, const Identity& identity);

// How to authenticate at the token endpoint: none, client_secret_basic, client_secret_post or
// private_key_jwt.
base::Result<std::string> choose_auth_method(const Registration& registration,
                                             const std::vector<std::string>& offered,
                                             bool has_private_key);

}  // namespace telltale::mcp::oauth
