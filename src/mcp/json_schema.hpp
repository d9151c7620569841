// JSON Schema 2020-12, the part that tool schemas use: type, enum, const, properties, required,
// additionalProperties, items, prefixItems, limits, pattern, oneOf/anyOf/allOf/not and $ref inside
// the document. References to the network are never followed; work and depth are bounded. An
// unknown keyword passes.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace telltale::mcp {

// One sentence per fault, with the JSON Pointer into the value; empty when it is valid. At most 20.
std::vector<std::string> validate_schema(const base::Json& schema, const base::Json& value);

}  // namespace telltale::mcp
