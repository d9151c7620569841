#include "mcp/elicitation.hpp"

namespace telltale::mcp {

void apply_elicitation_defaults(const base::JsonObject& requested_schema,
                                base::JsonObject& answer) {
  auto& content = answer["content"];
  if (!content.is_object()) content.emplace_object();
  const auto* properties = base::find_object(requested_schema, "properties");
  if (properties == nullptr) return;
  for (const auto& property : *properties) {
    const auto* described = property.value().if_object();
    const auto* standard = described == nullptr ? nullptr : described->if_contains("default");
    if (standard != nullptr && !content.get_object().contains(property.key()))
      content.get_object()[property.key()] = *standard;
  }
}

}  // namespace telltale::mcp
