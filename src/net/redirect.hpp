// Redirects (RFC 9110 section 15.4), for requests that follow them. A pure function: where the next
// hop goes and what it still carries. The scheme never changes; on the way to another origin only
// headers that cannot hold a credential are kept. The next hop is resolved and checked like any
// other request.
#pragma once

#include "net/http_client.hpp"

namespace telltale::net {

inline constexpr int kRedirectLimit = 3;

// Nothing: the answer is no redirect, or one that names no place.
base::Result<std::optional<ClientRequest>> next_hop(const ClientRequest& request, int status,
                                                    const Headers& answer);

}  // namespace telltale::net
