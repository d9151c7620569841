// JSON as people write it in editors: with // and /* */ comments and a comma after the last item
// (VS Code, Cursor). Bounded as parse_json is; what was left out is not kept.
#pragma once

#include "base/json.hpp"

namespace telltale::base {

Result<Json> parse_commented_json(std::string_view text, JsonLimits limits = {});

}  // namespace telltale::base
