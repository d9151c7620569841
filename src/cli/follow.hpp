// `logs -f`: a server's lines as they arrive, over the WebSocket.
#pragma once

#include "cli/commands.hpp"
#include "runtime/task.hpp"

namespace telltale::cli {

runtime::TaskResult<bool> follow_logs(Connection connection, std::string server);

}  // namespace telltale::cli
