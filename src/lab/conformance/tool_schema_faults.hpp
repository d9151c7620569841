// Faults of the schemas that a tool carries: JSON Schema 2020-12 as far as tools use it, and the
// x-mcp-header annotations of 2026-07-28. Each gives "" or the first fault. No I/O.
#pragma once

#include <string>

#include "base/json.hpp"

namespace telltale::lab {

std::string bad_input_schema(const base::JsonObject& tool);
std::string bad_output_schema(const base::JsonObject& tool);
std::string invalid_schemas(const base::JsonObject& tool);  // keywords of wrong types, in depth
std::string bad_header_annotations(const base::JsonObject& tool);
// "$ref" (also $dynamicRef) that leads to the network.
std::string remote_reference(const base::JsonObject& tool);

}  // namespace telltale::lab
