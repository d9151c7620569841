// Elicitation forms (client/elicitation): the defaults of the requested schema fill what the person
// left out (SEP-1034).
#pragma once

#include "base/json.hpp"

namespace telltale::mcp {

// `answer` is {action: accept, content?}.
void apply_elicitation_defaults(const base::JsonObject& requested_schema, base::JsonObject& answer);

}  // namespace telltale::mcp
