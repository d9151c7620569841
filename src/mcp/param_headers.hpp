// x-mcp-header (2026-07-28 streamable-http, "Custom headers from tool parameters"): which arguments
// are mirrored in Mcp-Param-* headers, and which tool definitions break the rules and must be left
// out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"

namespace telltale::mcp {

// The error says what is wrong with the annotation.
base::Result<void> check_param_headers(const base::JsonObject& input_schema);
std::vector<std::pair<std::string, std::string>> param_headers(const base::JsonObject& input_schema,
                                                               const base::JsonObject& arguments);

}  // namespace telltale::mcp
