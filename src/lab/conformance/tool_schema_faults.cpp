#include "lab/conformance/tool_schema_faults.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

namespace telltale::lab {
namespace {

constexpr int kDepthLimit = 32;
constexpr std::array<std::string_view, 7> kTypes{"null",   "boolean", "object", "array",
                                                 "number", "string",  "integer"};

bool is_type_name(const base::Json& value) {
  return value.is_string() &&
         std::ranges::find(kTypes, std::string_view(value.get_string())) != kTypes.end();
}

std::string bad_type(const base::Json& value, const std::string& at) {
  if (is_type_name(value)) return "";
  if (const auto* list = value.if_array())
    if (!list->empty() && std::ranges::all_of(*list, is_type_name)) return "";
  return fmt::format("has a schema whose {}/type is no type of JSON Schema", at);
}

std::string bad_schema(const base::Json& schema, const std::string& at, int depth);

std::string bad_children(const base::JsonObject& rules, const std::string& at, int depth) {
  for (const auto* key : {"properties", "patternProperties", "$defs", "definitions"}) {
    const auto* value = base::find(rules, key);
    if (value == nullptr) continue;
    if (!value->is_object()) return fmt::format("has a schema whose {}/{} is no object", at, key);
    for (const auto& [name, child] : value->get_object())
      if (auto fault = bad_schema(child, fmt::format("{}/{}/{}", at, key, std::string_view(name)),
                                  depth + 1);
          !fault.empty())
        return fault;
  }
  for (const auto* key : {"items", "additionalProperties", "not", "contains", "propertyNames"}) {
    const auto* value = base::find(rules, key);
    if (value == nullptr || value->is_array()) continue;  // draft-07 has a list of items
    if (auto fault = bad_schema(*value, at + "/" + key, depth + 1); !fault.empty()) return fault;
  }
  for (const auto* key : {"anyOf", "oneOf", "allOf"}) {
    const auto* value = base::find(rules, key);
    if (value == nullptr) continue;
    if (!value->is_array() || value->get_array().empty())
      return fmt::format("has a schema whose {}/{} is no list of schemas", at, key);
    for (const auto& child : value->get_array())
      if (auto fault = bad_schema(child, at + "/" + key, depth + 1); !fault.empty()) return fault;
  }
  return "";
}

std::string bad_schema(const base::Json& schema, const std::string& at, int depth) {
  if (schema.is_bool() || depth > kDepthLimit) return "";
  const auto* rules = schema.if_object();
  if (rules == nullptr) return fmt::format("has a schema whose {} is no schema", at);
  if (const auto* type = base::find(*rules, "type"))
    if (auto fault = bad_type(*type, at); !fault.empty()) return fault;
  if (const auto* required = base::find(*rules, "required")) {
    const auto* list = required->if_array();
    const bool good = list != nullptr &&
                      std::ranges::all_of(*list, [](const auto& one) { return one.is_string(); });
    if (!good) return fmt::format("has a schema whose {}/required is no list of strings", at);
  }
  if (const auto* choices = base::find(*rules, "enum"); choices != nullptr && !choices->is_array())
    return fmt::format("has a schema whose {}/enum is no list", at);
  for (const auto* key : {"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"})
    if (const auto* bound = base::find(*rules, key); bound != nullptr && !bound->is_number())
      return fmt::format("has a schema whose {}/{} is no number", at, key);
  for (const auto* key : {"$ref", "pattern", "format", "description", "title", "$schema"})
    if (const auto* text = base::find(*rules, key); text != nullptr && !text->is_string())
      return fmt::format("has a schema whose {}/{} is no string", at, key);
  return bad_children(*rules, at, depth);
}

bool is_header_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 127 &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
  });
}

std::string bad_headers(const base::Json& schema, bool reachable, std::set<std::string>& names,
                        int depth) {
  const auto* rules = schema.if_object();
  if (rules == nullptr || depth > kDepthLimit) return "";
  if (const auto* header = base::find(*rules, "x-mcp-header")) {
    const auto* text = header->if_string();
    if (text == nullptr || !is_header_token(*text))
      return "has an x-mcp-header that is no header name";
    if (!reachable || depth == 0) return "has an x-mcp-header that no property path leads to";
    const auto type = base::string_or(*rules, "type");
    if (type != "string" && type != "integer" && type != "boolean")
      return "has an x-mcp-header on a property that is neither string, integer nor boolean";
    std::string lower(*text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    if (!names.insert(lower).second) return "has the same x-mcp-header twice";
  }
  for (const auto& [key, value] : *rules) {
    if (std::string_view(key) == "properties" && value.is_object()) {
      for (const auto& [name, child] : value.get_object())
        if (auto fault = bad_headers(child, reachable, names, depth + 1); !fault.empty())
          return fault;
    } else if (value.is_object()) {
      if (auto fault = bad_headers(value, false, names, depth + 1); !fault.empty()) return fault;
    } else if (value.is_array()) {
      for (const auto& child : value.get_array())
        if (auto fault = bad_headers(child, false, names, depth + 1); !fault.empty()) return fault;
    }
  }
  return "";
}

bool leads_out(const base::Json& value, int depth) {
  if (depth > kDepthLimit) return false;
  if (const auto* list = value.if_array())
    return std::ranges::any_of(*list, [&](const auto& one) { return leads_out(one, depth + 1); });
  const auto* object = value.if_object();
  if (object == nullptr) return false;
  for (const auto* key : {"$ref", "$dynamicRef"})
    if (const auto to = base::find_string(*object, key); to && to->find("://") != std::string::npos)
      return true;
  return std::ranges::any_of(*object,
                             [&](const auto& one) { return leads_out(one.value(), depth + 1); });
}

}  // namespace

std::string bad_input_schema(const base::JsonObject& tool) {
  const auto* schema = base::find(tool, "inputSchema");
  if (schema == nullptr) return "has no inputSchema";
  if (!schema->is_object()) return "has an inputSchema that is no object";
  return base::string_or(schema->get_object(), "type") == "object"
             ? ""
             : "has an inputSchema that is not of type object";
}

std::string bad_output_schema(const base::JsonObject& tool) {
  const auto* schema = base::find(tool, "outputSchema");
  return schema == nullptr || schema->is_object() ? "" : "has an outputSchema that is no object";
}

std::string invalid_schemas(const base::JsonObject& tool) {
  for (const auto* key : {"inputSchema", "outputSchema"})
    if (const auto* schema = base::find(tool, key); schema != nullptr && schema->is_object())
      if (auto fault = bad_schema(*schema, key, 0); !fault.empty()) return fault;
  return "";
}

std::string bad_header_annotations(const base::JsonObject& tool) {
  const auto* schema = base::find(tool, "inputSchema");
  std::set<std::string> names;
  return schema == nullptr ? "" : bad_headers(*schema, true, names, 0);
}

std::string remote_reference(const base::JsonObject& tool) {
  for (const auto* key : {"inputSchema", "outputSchema"})
    if (const auto* schema = base::find(tool, key); schema != nullptr && leads_out(*schema, 0))
      return fmt::format("has an {} with a $ref that leads to the network", key);
  return "";
}

}  // namespace telltale::lab
