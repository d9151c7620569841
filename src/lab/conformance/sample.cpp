#include "lab/conformance/sample.hpp"

#include <algorithm>

namespace telltale::lab {
namespace {

constexpr int kDepthLimit = 8;
constexpr std::size_t kLengthLimit = 64;

std::optional<base::Json> sample_string(const base::JsonObject& schema) {
  const auto format = base::string_or(schema, "format");
  if (format == "uri") return "https://example.com/";
  if (format == "email") return "someone@example.com";
  if (format == "date") return "2026-01-01";
  if (format == "date-time") return "2026-01-01T00:00:00Z";
  if (schema.contains("pattern")) return std::nullopt;
  const auto least = base::find_integer(schema, "minLength").value_or(1);
  if (least > static_cast<std::int64_t>(kLengthLimit)) return std::nullopt;
  return base::Json(std::string(static_cast<std::size_t>(std::max<std::int64_t>(least, 1)), 'a'));
}

std::optional<base::Json> sample_array(const base::JsonObject& schema, int depth) {
  base::JsonArray out;
  const auto least = base::find_integer(schema, "minItems").value_or(0);
  if (least > static_cast<std::int64_t>(kLengthLimit)) return std::nullopt;
  const auto* items = base::find(schema, "items");
  for (std::int64_t i = 0; i < least; ++i) {
    auto item = items == nullptr ? base::Json("a") : sample_value(*items, depth + 1);
    if (!item) return std::nullopt;
    out.push_back(std::move(*item));
  }
  return out;
}

std::optional<base::Json> sample_object(const base::JsonObject& schema, int depth) {
  base::JsonObject out;
  const auto* required = base::find_array(schema, "required");
  const auto* properties = base::find_object(schema, "properties");
  if (required == nullptr) return out;
  for (const auto& name : *required) {
    if (!name.is_string()) return std::nullopt;
    const auto* property =
        properties == nullptr ? nullptr : base::find(*properties, name.get_string());
    auto value =
        property == nullptr ? std::optional<base::Json>("a") : sample_value(*property, depth + 1);
    if (!value) return std::nullopt;
    out[name.get_string()] = std::move(*value);
  }
  return out;
}

const base::Json* first_of(const base::JsonObject& schema, std::string_view key) {
  const auto* list = base::find_array(schema, key);
  return list == nullptr || list->empty() ? nullptr : &list->front();
}

std::string type_of(const base::JsonObject& schema) {
  if (const auto* types = base::find_array(schema, "type"))
    return !types->empty() && types->front().is_string() ? std::string(types->front().get_string())
                                                         : std::string();
  auto type = base::string_or(schema, "type");
  return type.empty() && schema.contains("properties") ? "object" : type;
}

}  // namespace

std::optional<base::Json> sample_value(const base::Json& schema, int depth) {
  if (schema.is_bool()) return schema.get_bool() ? std::optional<base::Json>("a") : std::nullopt;
  const auto* rules = schema.if_object();
  if (rules == nullptr || depth > kDepthLimit) return std::nullopt;
  for (const auto* key : {"default", "const"})
    if (const auto* value = base::find(*rules, key)) return *value;
  for (const auto* key : {"examples", "enum"})
    if (const auto* value = first_of(*rules, key)) return *value;
  for (const auto* key : {"$ref", "not", "allOf", "if"})
    if (rules->contains(key)) return std::nullopt;
  for (const auto* key : {"anyOf", "oneOf"})
    if (const auto* branch = first_of(*rules, key)) return sample_value(*branch, depth + 1);
  const auto type = type_of(*rules);
  if (type == "string") return sample_string(*rules);
  if (type == "boolean") return false;
  if (type == "null") return base::Json(nullptr);
  if (type == "array") return sample_array(*rules, depth);
  if (type == "object") return sample_object(*rules, depth);
  if (type == "integer" || type == "number") {
    if (const auto* least = base::find(*rules, "minimum")) return *least;
    if (rules->contains("exclusiveMinimum") || rules->contains("multipleOf")) return std::nullopt;
    return 1;
  }
  return type.empty() ? std::optional<base::Json>("a") : std::nullopt;
}

std::optional<base::JsonObject> sample_arguments(const base::JsonObject& tool) {
  const auto* schema = base::find(tool, "inputSchema");
  if (schema == nullptr) return base::JsonObject();
  auto value = sample_value(*schema);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

bool is_read_only(const base::JsonObject& tool) {
  const auto* annotations = base::find_object(tool, "annotations");
  return annotations != nullptr && base::find_bool(*annotations, "readOnlyHint").value_or(false);
}

bool may_call(const base::JsonObject& tool, const std::vector<std::string>& allowed) {
  return is_read_only(tool) ||
         std::ranges::find(allowed, base::string_or(tool, "name")) != allowed.end();
}

bool requires_arguments(const base::JsonObject& tool) {
  const auto* schema = base::find_object(tool, "inputSchema");
  const auto* required = schema == nullptr ? nullptr : base::find_array(*schema, "required");
  return required != nullptr && !required->empty();
}

}  // namespace telltale::lab
