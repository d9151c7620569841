// Which of a server's tools the lab may call by itself: those named, else those that are annotated
// readOnlyHint. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace telltale::lab {

// not_found names the tool that is not there; invalid_argument when nothing may be called.
base::Result<base::JsonArray> choose_tools(const base::JsonArray& tools,
                                           const std::vector<std::string>& names);

}  // namespace telltale::lab
