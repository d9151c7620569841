// One HTTP request with what the authorizer adds; a refusal that it can mend is asked again, a few
// times at most. Used by both HTTP transports. Home loop.
#pragma once

#include <memory>

#include "mcp/authorizer.hpp"
#include "net/http_client.hpp"

namespace telltale::mcp {

// Without an authorizer a plain request. Errors of the authorizer carry data.http_status of what
// the server answered. `client` outlives the request.
runtime::TaskResult<std::unique_ptr<net::ClientStream>> authorized_stream(
    net::HttpClient* client, std::shared_ptr<Authorizer> authorizer, net::ClientRequest request);

}  // namespace telltale::mcp
