// What a definition says about how its HTTP server is authorized with (docs/oauth.md). Any thread.
#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/secret.hpp"
#include "mcp/oauth/settings.hpp"

namespace telltale::fleet {

struct Definition;

struct OAuthDefinition {
  mcp::oauth::Grant grant = mcp::oauth::Grant::authorization_code;
  std::string client_id = {}, issuer = {}, scope = {};
  base::Secret client_secret = {};
  base::Secret private_key = {};  // PEM
  bool dpop = true;
  std::string assertion_file = {};  // read before each request for a token
  mcp::oauth::IdentityProvider identity_provider = {};
};

std::string_view grant_name(mcp::oauth::Grant grant) noexcept;

// `value` is telltale.oauth: absent is the default, false is none. A header "Authorization" of the
// definition's own is none too. An Error has the pointer of what is wrong.
base::Result<std::optional<OAuthDefinition>> read_oauth(const Definition& definition,
                                                        const base::Json* value,
                                                        const std::string& pointer);

// The same definition without what is secret in it.
base::Json redacted_oauth(const base::Json& value);

}  // namespace telltale::fleet
