// OpenAPI 3.1 from the operation catalog, and from the few handlers that are no operations because
// they set cookies or answer no JSON. Written once at start: GET /openapi.json.
#pragma once

#include <span>
#include <string>

#include "api/open_route.hpp"
#include "catalog/catalog.hpp"

namespace telltale::api {

std::string openapi_document(const catalog::Catalog& catalog,
                             std::span<const OpenRoute> open_routes, std::string_view version);

}  // namespace telltale::api
