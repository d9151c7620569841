// The wire to a server over Streamable HTTP (2025-11-25 basic/transports#streamable-http and
// 2026-07-28 basic/transports/streamable-http): every send() is a request of its own, whose answer
// becomes a head, its messages (the events of a stream one by one) and an end.
#pragma once

#include "lab/wire/wire.hpp"

namespace telltale::lab {

std::shared_ptr<Wire> make_http_wire(runtime::Loop& loop, mcp::HttpTarget target,
                                     const WireLimits& limits);

}  // namespace telltale::lab
