// The wire to a server that we run: newline-delimited text over its pipes (2025-11-25
// basic/transports#stdio). close() kills it and all its descendants at once; who wants to see how
// it ends by itself closes its input first and waits for the frame `closed`.
#pragma once

#include "lab/wire/wire.hpp"

namespace telltale::lab {

std::shared_ptr<Wire> make_stdio_wire(runtime::Loop& loop, net::ProcessSpec spec,
                                      const WireLimits& limits);

}  // namespace telltale::lab
