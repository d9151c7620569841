// Arguments that a tool's input schema certainly forbids: each required member left out, each typed
// member given another type. Pure; at most kInvalidLimit, none for a schema that forbids nothing.
#pragma once

#include <vector>

#include "base/json.hpp"

namespace telltale::lab {

std::vector<base::JsonObject> invalid_arguments(const base::Json& schema);

inline constexpr std::size_t kInvalidLimit = 50;

}  // namespace telltale::lab
