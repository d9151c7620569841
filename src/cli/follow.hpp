// What a running Telltale tells as it happens, over the WebSocket.
#pragma once

#include <functional>

#include "base/json.hpp"
#include "cli/commands.hpp"
#include "runtime/task.hpp"

namespace telltale::cli {

// Every message from initial_status on, subscribed to these channels of one server, until `visit`
// answers true; an Error when the connection ends before.
using Visit = std::function<bool(const base::JsonObject& message)>;
runtime::TaskResult<bool> follow(Connection connection, base::JsonArray channels,
                                 std::string server, Visit visit);

// `logs -f`: a server's lines as they arrive.
runtime::TaskResult<bool> follow_logs(Connection connection, std::string server);

}  // namespace telltale::cli
