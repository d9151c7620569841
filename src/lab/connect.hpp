// How a part of the lab that outlives its server gets the next one: a fresh client of it,
// connected. `change` may alter the settings before it is made (faults in between). Whoever hands
// this out closes what it handed out. One loop.
#pragma once

#include <functional>
#include <memory>

#include "mcp/client.hpp"

namespace telltale::lab {

using Connect = std::function<runtime::TaskResult<std::shared_ptr<mcp::Client>>(
    std::function<void(mcp::ClientSettings&)> change)>;

}  // namespace telltale::lab
