// The OAuth client of the conformance client: which grant a scenario is about, the credentials that
// the suite hands over in its context, and a person who consents to everything.
#pragma once

#include <memory>
#include <string>

#include "mcp/oauth/client.hpp"

namespace telltale {

std::shared_ptr<mcp::oauth::OAuthClient> oauth_client(runtime::Loop& loop, std::string url,
                                                      std::string scenario,
                                                      const base::JsonObject& context);

}  // namespace telltale
