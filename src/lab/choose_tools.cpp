#include "lab/choose_tools.hpp"

#include <algorithm>

namespace telltale::lab {

base::Result<base::JsonArray> choose_tools(const base::JsonArray& tools,
                                           const std::vector<std::string>& names) {
  base::JsonArray out;
  for (const auto& name : names) {
    const auto found = std::ranges::find_if(tools, [&](const base::Json& tool) {
      return tool.is_object() && base::string_or(tool.as_object(), "name") == name;
    });
    if (found == tools.end())
      return base::fail(base::Code::not_found, "the server has no tool \"" + name + "\"");
    out.push_back(*found);
  }
  if (!names.empty()) return out;
  for (const auto& tool : tools) {
    const auto* hints =
        tool.is_object() ? base::find_object(tool.as_object(), "annotations") : nullptr;
    if (hints != nullptr && base::find_bool(*hints, "readOnlyHint").value_or(false))
      out.push_back(tool);
  }
  if (out.empty())
    return base::fail(base::Code::invalid_argument,
                      "no tool is annotated readOnlyHint: name those that may be called, in tools");
  return out;
}

}  // namespace telltale::lab
