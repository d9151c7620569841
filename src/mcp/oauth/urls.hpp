// The URLs of OAuth: where metadata may lie, which URLs a document may name, and whether a resource
// identifier is our server's. No I/O.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace telltale::mcp::oauth {

// RFC 9728 section 3.1: with the server's path, then at the root.
std::vector<std::string> resource_metadata_urls(std::string_view server_url);
// RFC 8414 section 3.1 and OpenID Connect Discovery, in the order of 2026-07-28
// basic/authorization, "Authorization Server Metadata Discovery".
std::vector<std::string> server_metadata_urls(std::string_view issuer);
// scheme://host[:port] as it is written in an issuer: without a default port, without a slash.
std::string plain_origin(std::string_view url);

// A URL that came out of a document: https, or http to this machine, without a fragment. `trusted`
// is a URL that the user gave: its own origin may be named whatever its scheme. `what` begins the
// error: "the token endpoint".
base::Result<void> check_named_url(std::string_view url, std::string_view what,
                                   std::string_view trusted = {});

// Same origin, and the resource's path leads to the server's (RFC 9728 section 3.3; RFC 8707
// section 2): https://a/ is for https://a/mcp, https://a/m is not.
bool resource_covers(std::string_view resource, std::string_view server_url);
// What names the server where no document does: its URL without query and fragment.
std::string canonical_resource(std::string_view server_url);

bool same_origin(std::string_view a, std::string_view b);

}  // namespace telltale::mcp::oauth
