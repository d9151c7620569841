#include "api/openapi.hpp"

#include <algorithm>
#include <vector>

#include "api/router.hpp"
#include "api/whep.hpp"
#include "base/json.hpp"

namespace telltale::api {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

bool takes_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

JsonObject described_problem(std::string_view description) {
  return {
      {"description", description},
      {"content",
       {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

std::vector<std::string> names_in_path(std::string_view path) {
  std::vector<std::string> out;
  for (const auto segment : split_path(path))
    if (segment.starts_with('{')) out.emplace_back(segment.substr(1, segment.size() - 2));
  return out;
}

JsonArray parameters_of(const runtime::Operation& operation, const runtime::Route& route) {
  JsonArray out;
  const auto in_path = names_in_path(route.path);
  const auto* properties = base::find_object(operation.input_schema, "properties");
  if (properties == nullptr) return out;
  for (const auto& item : *properties) {
    const bool is_path = std::ranges::find(in_path, std::string_view(item.key())) != in_path.end();
    if (!is_path && takes_body(route.method)) continue;
    JsonObject parameter{
        {"name", item.key()}, {"in", is_path ? "path" : "query"}, {"required", is_path}};
    auto schema = item.value().get_object();
    if (const auto help = base::find_string(schema, "description"))
      parameter["description"] = *help;
    parameter["schema"] = std::move(schema);
    out.push_back(std::move(parameter));
  }
  if (operation.spec.changes)
    out.push_back({{"name", "Idempotency-Key"},
                   {"in", "header"},
                   {"required", false},
                   {"schema", {{"type", "string"}}}});
  return out;
}

// The input without what the path carries already.
JsonObject body_schema(const runtime::Operation& operation, const runtime::Route& route) {
  auto schema = operation.input_schema;
  const auto in_path = names_in_path(route.path);
  if (auto* properties = schema.if_contains("properties");
      properties != nullptr && properties->is_object())
    for (const auto& name : in_path) properties->get_object().erase(name);
  if (auto* required = schema.if_contains("required");
      required != nullptr && required->is_array()) {
    JsonArray left;
    for (const auto& name : required->get_array())
      if (std::ranges::find(in_path, std::string_view(name.get_string())) == in_path.end())
        left.push_back(name);
    if (left.empty())
      schema.erase("required");
    else
      *required = std::move(left);
  }
  return schema;
}

// Of an operation that gives bytes: what its schema says. A text with a contentMediaType is an
// answer of that type, the rest is JSON; one that says nothing answers bytes only.
JsonObject content_of(const runtime::Operation& operation) {
  const auto json = [](const Json& schema) {
    return JsonObject{{"application/json", {{"schema", schema}}}};
  };
  if (!operation.spec.gives_bytes) return json(operation.output_schema);
  const auto* const kinds = base::find_array(operation.output_schema, "oneOf");
  if (kinds == nullptr) return {{"application/octet-stream", JsonObject()}};
  JsonObject out;
  JsonArray as_json;
  for (const auto& one : *kinds) {
    const auto type = base::string_or(one.get_object(), "contentMediaType");
    if (type.empty())
      as_json.push_back(one);
    else
      out[type] = {{"schema", one}};
  }
  if (!as_json.empty()) out["application/json"] = {{"schema", {{"oneOf", std::move(as_json)}}}};
  return out;
}

JsonObject operation_entry(const runtime::Operation& operation, const runtime::Route& route) {
  const auto& spec = operation.spec;
  JsonObject entry{
      {"operationId", spec.name}, {"summary", spec.help}, {"tags", JsonArray{Json(spec.group)}}};
  entry["x-permission"] = spec.permission;
  if (spec.permission == "public") entry["security"] = JsonArray();
  entry["parameters"] = parameters_of(operation, route);
  if (takes_body(route.method)) {
    JsonObject content{{"application/json", {{"schema", body_schema(operation, route)}}}};
    if (spec.takes_bytes) content["application/octet-stream"] = JsonObject();
    entry["requestBody"] = {{"content", std::move(content)}};
  }
  JsonObject responses;
  JsonObject success{{"description", spec.help}};
  if (route.success_status != 204) success["content"] = content_of(operation);
  responses[std::to_string(route.success_status)] = std::move(success);
  responses["202"] = {{"description", "It goes on; Location names the operation"}};
  responses["default"] = described_problem("A problem document (RFC 9457)");
  entry["responses"] = std::move(responses);
  return entry;
}

JsonObject open_entry(const OpenRoute& route) {
  JsonObject content;
  content[route.content_type] = JsonObject{{"schema", route.answer}};
  JsonObject entry{{"summary", route.help},
                   {"security", JsonArray()},
                   {"responses",
                    {{"200", {{"description", route.help}, {"content", std::move(content)}}},
                     {"default", described_problem("A problem document (RFC 9457)")}}}};
  if (!route.body.empty())
    entry["requestBody"] = {{"content", {{"application/json", {{"schema", route.body}}}}}};
  return entry;
}

std::string lower(std::string_view method) {
  std::string out;
  for (const char c : method) out += static_cast<char>(c - 'A' + 'a');
  return out;
}

JsonObject problem_schema() {
  const JsonObject string{{"type", "string"}};
  const JsonObject field{{"type", "object"},
                         {"properties", {{"pointer", string}, {"message", string}}}};
  return {{"type", "object"},
          {"properties",
           {{"type", string},
            {"title", string},
            {"status", {{"type", "integer"}}},
            {"detail", string},
            {"instance", string},
            {"errors", {{"type", "array"}, {"items", field}}},
            {"retry_after_seconds", {{"type", "number"}}},
            {"success", {{"type", "boolean"}}},
            {"error", string}}}};
}

}  // namespace

std::string openapi_document(const catalog::Catalog& catalog,
                             std::span<const OpenRoute> open_routes, std::string_view version) {
  JsonObject paths;
  for (const auto& route : open_routes)
    paths[route.path] = JsonObject{{lower(route.method), open_entry(route)}};
  for (auto& [path, item] : whep_paths()) paths[path] = item;
  for (const auto& [name, operation] : catalog.all())
    for (const auto& route : operation.spec.routes) {
      auto& path = paths[route.path];
      if (!path.is_object()) path.emplace_object();
      path.get_object()[lower(route.method)] = operation_entry(operation, route);
    }
  const JsonObject document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Telltale"},
        {"version", version},
        {"description",
         "Runs, watches, tests and steers fleets of MCP servers. Every entry is an operation of "
         "the catalog."}}},
      {"security", JsonArray{{{"bearer", JsonArray()}}, {{"session", JsonArray()}}}},
      {"paths", std::move(paths)},
      {"components",
       {{"securitySchemes",
         {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}},
          {"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "telltale_session"}}}}},
        {"schemas", {{"Problem", problem_schema()}}}}}};
  return base::write_json(document);
}

}  // namespace telltale::api
