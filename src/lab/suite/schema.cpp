#include "lab/suite/suite.hpp"

namespace telltale::lab::suite {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

JsonObject reference(std::string_view name) {
  return {{"$ref", "#/$defs/" + std::string(name)}};
}
JsonObject& properties_of(JsonObject& schema) {
  return schema["properties"].as_object();
}

// An array member whose items are described once, under $defs.
void items_are(JsonObject& schema, std::string_view member, std::string_view definition) {
  properties_of(schema)[member].as_object()["items"] = reference(definition);
}
void values_are(JsonObject& schema, std::string_view member, JsonObject values) {
  properties_of(schema)[member].as_object()["additionalProperties"] = std::move(values);
}

JsonObject step_schema() {
  auto out = base::json_schema<StepSpec>();
  properties_of(out)["expect"] = reference("expect");
  values_are(out, "save", {{"type", "string"}});
  JsonArray one;
  for (const auto* const action : {"call", "read", "prompt", "request", "list", "ping"})
    one.push_back({{"required", {action}}});
  out["oneOf"] = std::move(one);
  return out;
}

JsonObject case_schema(const KindTable& kinds) {
  auto out = base::json_schema<CaseSpec>();
  items_are(out, "steps", "step");
  values_are(out, "matrix", {{"type", "array"}});
  JsonArray names;
  for (const auto& [name, kind] : kinds) {
    names.push_back(Json(name));
    if (kind.options_schema.empty()) continue;
    auto options = kind.options_schema;
    options["description"] = kind.help;
    properties_of(out)[name] = std::move(options);
  }
  properties_of(out)["kind"].as_object()["enum"] = std::move(names);
  return out;
}

}  // namespace

JsonObject json_schema(const KindTable& kinds) {
  auto out = base::json_schema<SuiteSpec>();
  for (const auto* const list : {"setup", "teardown"}) items_are(out, list, "step");
  values_are(out, "servers", reference("server"));
  values_are(out, "matrix", {{"type", "array"}});
  properties_of(out)["cases"] = JsonObject{
      {"type", "array"}, {"minItems", 1}, {"maxItems", kCasesLimit}, {"items", reference("case")}};
  properties_of(out)["$schema"] = JsonObject{{"type", "string"}};
  out["required"].as_array().push_back(Json("cases"));
  auto server = base::json_schema<ServerSpec>();
  for (const auto* const map : {"env", "headers"}) values_are(server, map, {{"type", "string"}});
  auto expect = base::json_schema<ExpectSpec>();
  items_are(expect, "json", "value");
  JsonObject head{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                  {"title", "A test suite of Telltale's reliability lab"}};
  for (auto& member : out) head[member.key()] = std::move(member.value());
  head["$defs"] = JsonObject{{"server", std::move(server)},
                             {"step", step_schema()},
                             {"expect", std::move(expect)},
                             {"value", base::json_schema<ValueSpec>()},
                             {"case", case_schema(kinds)}};
  return head;
}

}  // namespace telltale::lab::suite
