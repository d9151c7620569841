// The transport in between: whatever a client says to a server and hears from it passes a
// FaultInjector first, over stdio and HTTP alike, so that any server can be tested unmodified. Put
// in by ClientSettings::wrap. The client's loop; the injector outlives it.
#pragma once

#include "lab/faults/injector.hpp"
#include "mcp/transport.hpp"

namespace telltale::lab {

// For ClientSettings::wrap.
std::function<std::unique_ptr<mcp::Transport>(
    std::function<std::unique_ptr<mcp::Transport>(mcp::TransportListener&)>,
    mcp::TransportListener&)>
with_faults(runtime::Loop& loop, std::shared_ptr<FaultInjector> injector);

}  // namespace telltale::lab
