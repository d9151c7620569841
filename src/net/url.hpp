// The parts of an http(s) or ws(s) URL that a connection needs (RFC 3986), parsed by Boost.URL. A
// host is a name of the DNS, lower case, or an address in its usual form: numbers in disguise
// (0x7f000001, 017700000001, 127.1), percent-encoded names and zones are refused.
#pragma once

#include <string>

#include "base/error.hpp"

namespace telltale::net {

struct Url {
  std::string scheme;
  std::string host;    // without brackets
  std::string port;    // explicit or the scheme's
  std::string target;  // path and query, at least "/"
  bool secure() const { return scheme == "https" || scheme == "wss"; }
  std::string origin() const;       // http://host:port
  std::string host_header() const;  // with brackets and without a default port
};

base::Result<Url> parse_url(std::string_view text);
// `reference` as seen from `base_url` (RFC 3986 section 5): the endpoint event of a legacy SSE
// server.
base::Result<std::string> resolve_url(std::string_view base_url, std::string_view reference);

}  // namespace telltale::net
