// One call to its final result, whatever lies between: a lost session (asked again in a new one),
// input rounds (2026-07-28 basic/patterns/mrtr), tasks (extension io.modelcontextprotocol/tasks),
// headers that no longer fit the tool's schema.
#pragma once

#include "mcp/session.hpp"

namespace telltale::mcp {

runtime::TaskResult<base::JsonObject> call(std::shared_ptr<Session> session, std::string method,
                                           base::JsonObject params, CallOptions options);

// Polls a task until it ends; answers its input requests; tells the server when nobody waits any
// more.
runtime::TaskResult<base::JsonObject> follow_task(std::shared_ptr<Session> session,
                                                  base::JsonObject created, CallOptions options);

}  // namespace telltale::mcp
