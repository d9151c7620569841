// OpenRoute: what /openapi.json says of an endpoint that needs no login and is no operation.
#pragma once

#include <string_view>

#include "base/json.hpp"

namespace telltale::api {

struct OpenRoute {
  std::string_view method;
  std::string_view path;
  std::string_view help;
  std::string_view content_type = "application/json";  // of a good answer
  base::JsonObject body;    // JSON Schema of what it takes; empty: nothing
  base::JsonObject answer;  // JSON Schema of a good JSON answer; empty: anything
};

}  // namespace telltale::api
