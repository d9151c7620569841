#include "mcp/tool_schemas.hpp"

#include "mcp/json_schema.hpp"
#include "mcp/param_headers.hpp"

namespace telltale::mcp {

base::JsonArray ToolSchemas::take(base::JsonArray tools, bool check_headers,
                                  std::vector<Finding>& findings) {
  input_.clear();
  output_.clear();
  base::JsonArray out;
  out.reserve(tools.size());
  for (auto& tool : tools) {
    const auto* object = tool.if_object();
    auto name = object == nullptr ? std::string() : base::string_or(*object, "name");
    if (name.empty()) {
      findings.push_back({"tool.no-name", "a tool without a name"});
      continue;
    }
    const auto* input = base::find_object(*object, "inputSchema");
    if (input == nullptr)
      findings.push_back({"tool.no-input-schema", name + ": inputSchema is missing or no object"});
    if (input != nullptr && check_headers) {
      if (auto fine = check_param_headers(*input); !fine) {
        findings.push_back({"tool.invalid-header-annotation", name + ": " + fine.error().detail});
        continue;
      }
    }
    if (input != nullptr && !input_.emplace(name, *input).second)
      findings.push_back({"tool.duplicate", name + " is listed more than once"});
    if (const auto* output = object->if_contains("outputSchema")) output_[name] = *output;
    out.push_back(std::move(tool));
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> ToolSchemas::headers_of(
    const std::string& tool, const base::JsonObject& arguments) const {
  const auto schema = input_.find(tool);
  if (schema == input_.end()) return {};
  return param_headers(schema->second, arguments);
}

ToolSchemas::Verdict ToolSchemas::check_result(const std::string& tool,
                                               const base::JsonObject& result) const {
  const auto schema = output_.find(tool);
  if (schema == output_.end() || base::find_bool(result, "isError").value_or(false)) return {};
  const auto* structured = result.if_contains("structuredContent");
  if (structured == nullptr)
    return {.errors = {"structuredContent is missing though the tool declares an outputSchema"}};
  JsonSchema validator(schema->second);
  Verdict out{.errors = validator.validate(*structured)};
  out.complete = validator.complete();
  return out;
}

}  // namespace telltale::mcp
