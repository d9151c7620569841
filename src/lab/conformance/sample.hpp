// What may be called, and with what: arguments made from a tool's input schema, and the choice of
// tools that do no harm (annotated readOnlyHint, or allowed by the caller). No I/O, no state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace telltale::lab {

// A value that the schema allows, as small as can be; none when the schema is beyond us ($ref,
// not).
std::optional<base::Json> sample_value(const base::Json& schema, int depth = 0);
// Arguments with all that is required; none when they cannot be made.
std::optional<base::JsonObject> sample_arguments(const base::JsonObject& tool);

bool is_read_only(const base::JsonObject& tool);
bool may_call(const base::JsonObject& tool, const std::vector<std::string>& allowed);
bool requires_arguments(const base::JsonObject& tool);

}  // namespace telltale::lab
