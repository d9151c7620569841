// One call to its final result, whatever lies between: a lost session (asked again in a new one),
// input rounds (2026-07-28 basic/patterns/mrtr), tasks (extension io.modelcontextprotocol/tasks),
// headers that no longer fit the tool's schema.
#pragma once

#include "mcp/session.hpp"

namespace telltale::mcp {

runtime::TaskResult<base::JsonObject> call(std::shared_ptr<Session> session, std::string method,
                                           base::JsonObject params, CallOptions options);

inline constexpr std::string_view kOutputSchema = "tool.output-schema";  // a finding's rule
// A tool's result against the schema it was listed with; what breaks it is a finding.
ToolCallResult check_tool_result(Session& session, const std::string& tool,
                                 base::JsonObject result);

// Polls a task until it ends; answers its input requests; tells the server when nobody waits any
// more.
runtime::TaskResult<base::JsonObject> follow_task(std::shared_ptr<Session> session,
                                                  base::JsonObject created, CallOptions options);

}  // namespace telltale::mcp
