#include "lab/property/invalid.hpp"

#include <array>

#include "lab/property/generate.hpp"
#include "mcp/json_schema.hpp"

namespace telltale::lab {

using base::Json;
using base::JsonObject;

std::vector<JsonObject> invalid_arguments(const Json& schema) {
  std::vector<JsonObject> out;
  if (!schema.is_object()) return out;
  mcp::JsonSchema fits(schema);
  // Only what the validator itself refuses, having looked at all of it.
  const auto add = [&](JsonObject candidate) {
    if (out.size() < kInvalidLimit && !fits.validate(Json(candidate)).empty() && fits.complete())
      out.push_back(std::move(candidate));
  };
  Generator generator(schema, 1);
  const auto least = generator.next();
  if (!least.is_object()) return out;
  if (const auto* required = base::find_array(schema.as_object(), "required")) {
    for (const auto& name : *required) {
      if (!name.is_string()) continue;
      JsonObject without = least.as_object();
      without.erase(name.as_string());
      add(std::move(without));
    }
  }
  if (const auto* properties = base::find_object(schema.as_object(), "properties")) {
    static const std::array<Json, 4> kOthers{Json(JsonObject{{"unexpected", true}}), Json("text"),
                                             Json(base::JsonArray{1}), Json(12.5)};
    for (const auto& property : *properties) {
      for (const auto& other : kOthers) {
        JsonObject changed = least.as_object();
        changed[property.key()] = other;
        if (fits.validate(Json(changed)).empty()) continue;
        add(std::move(changed));
        break;  // one wrong type of each is enough
      }
    }
  }
  return out;
}

}  // namespace telltale::lab
