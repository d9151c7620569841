// The arguments of an operation from a REST request: path parameters, query parameters and the
// members of the JSON body, together one object. Query and path text becomes what the operation's
// input schema says (a number, true, a list).
#pragma once

#include "api/router.hpp"
#include "base/json.hpp"
#include "net/http.hpp"

namespace telltale::api {

base::Result<base::Json> arguments_of(const net::Request& request, const PathParameters& path,
                                      const base::JsonObject& input_schema,
                                      bool takes_bytes = false);

// Of an operation that takes bytes: whether these are the body, and not JSON.
bool has_bytes(const net::Request& request);

// The JSON body of a request that has one; an error says what was wrong with it.
base::Result<base::JsonObject> body_object(const net::Request& request);

}  // namespace telltale::api
