// CORS (Fetch standard section 3.3) for what pages of other origins may call: WHEP, WHIP, and the
// operations named here. Whether an origin may call at all has been checked
// before (Face::check_origin): it is named here exactly. Pure.
#pragma once

#include <optional>
#include <string>

#include "net/http.hpp"

namespace telltale::api {

struct CrossOrigin {
  std::string_view operation;
  std::size_t bytes_max;  // of the body: it comes from everybody's browser
};
const CrossOrigin* cross_origin(std::string_view operation);  // null: it is for our own pages only

// Of a request whose origin has been checked; GET and HEAD are not.
std::optional<std::string> checked_origin(const net::Request& request);
void allow_origin(const std::optional<std::string>& origin, std::string_view exposed_headers,
                  net::Response& response);
// What the answer to a preflight says beside the origin.
void allow_methods(std::string_view methods, std::string_view headers, net::Response& response);

}  // namespace telltale::api
