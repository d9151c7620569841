// The headers every answer carries. Pages get the whole policy: scripts and styles from us alone
// and never inline, no string becomes script (Trusted Types, with no policy that could make one),
// nobody frames us. What programs read (JSON, text) may do nothing at all should a browser show it.
#pragma once

#include "net/http.hpp"

namespace telltale::api {

void add_security_headers(bool secure, net::Response& response);

}  // namespace telltale::api
