// OpenAPI 3.1 from the operation catalog, written once at start: GET /openapi.json.
#pragma once

#include <string>

#include "catalog/catalog.hpp"

namespace telltale::api {

std::string openapi_document(const catalog::Catalog& catalog, std::string_view version);

}  // namespace telltale::api
