// Finding out who gives tokens for a server: resource metadata (RFC 9728), then the authorization
// server's (RFC 8414, OpenID Connect Discovery), in the order of 2026-07-28 basic/authorization;
// where a server has neither, what 2025-03-26 says. Home loop.
#pragma once

#include "mcp/oauth/fetch.hpp"
#include "mcp/oauth/metadata.hpp"

namespace telltale::mcp::oauth {

struct DiscoveryTarget {
  std::string server_url;
  std::string metadata_url = {};  // of the challenge: then nothing else is tried
  std::string known_issuer = {};  // stays the choice while the document still names it
  Trust trust = {};
};

struct Discovered {
  ServerMetadata server;
  std::string resource = {};  // the `resource` parameter
  std::vector<std::string> scopes_supported = {};
  bool dpop_required = false;
  Trust trust = {};  // for what the authorization server's document names
};

runtime::TaskResult<Discovered> discover(DiscoveryTarget target);

}  // namespace telltale::mcp::oauth
