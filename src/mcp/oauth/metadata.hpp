// The two metadata documents: of a protected resource (RFC 9728 section 2) and of an authorization
// server (RFC 8414 section 2, OpenID Connect Discovery section 3), read and checked. No I/O.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace telltale::mcp::oauth {

struct ResourceMetadata {
  std::string resource;  // exactly as published: that is what requests carry (RFC 8707)
  std::vector<std::string> authorization_servers;
  std::vector<std::string> scopes_supported;
  bool dpop_required = false;
};
// Refuses a resource that is not `server_url`, and one without an authorization server.
base::Result<ResourceMetadata> read_resource_metadata(const base::Json& document,
                                                      std::string_view server_url);

struct ServerMetadata {
  std::string issuer;
  std::string authorization_endpoint;  // may be "" (no interactive grant)
  std::string token_endpoint;
  std::string registration_endpoint;
  std::vector<std::string> scopes_supported;
  std::vector<std::string> code_challenge_methods;
  std::vector<std::string> token_auth_methods;  // empty: not said
  std::vector<std::string> dpop_algorithms;
  bool client_id_metadata_documents = false;
  bool iss_parameter = false;  // RFC 9207: every callback carries `iss`
  bool assumed = false;        // there is no document: the endpoints of 2025-03-26
};
// `issuer` is what the document was asked for: one that says another is refused (RFC 8414
// section 3.3).
base::Result<ServerMetadata> read_server_metadata(const base::Json& document,
                                                  std::string_view issuer);
// 2025-03-26 basic/authorization, "Fallbacks for Servers without Metadata Discovery".
ServerMetadata assumed_metadata(std::string_view server_url);

// An Error unless the code grant can be used safely: an authorization endpoint, PKCE with S256.
base::Result<void> check_code_grant(const ServerMetadata& server);

bool has(const std::vector<std::string>& list, std::string_view one);

}  // namespace telltale::mcp::oauth
