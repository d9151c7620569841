#include "mcp/elicitation.hpp"

#include "mcp/json_schema.hpp"

namespace telltale::mcp {

base::Result<ElicitationMode> elicitation_mode(const base::JsonObject& params) {
  const auto mode = base::string_or(params, "mode", "form");
  if (mode == "url") {
    const auto url = base::string_or(params, "url");
    if (!url.starts_with("https://") && !url.starts_with("http://"))
      return base::fail(base::Code::invalid_argument, "a URL elicitation needs an http(s) url");
    return ElicitationMode::url;
  }
  if (mode != "form")
    return base::fail(base::Code::invalid_argument,
                      "an elicitation mode this client does not know");
  return ElicitationMode::form;
}

void apply_elicitation_defaults(const base::JsonObject& requested_schema,
                                base::JsonObject& content) {
  const auto* properties = base::find_object(requested_schema, "properties");
  if (properties == nullptr) return;
  for (const auto& property : *properties) {
    const auto* described = property.value().if_object();
    const auto* standard = described == nullptr ? nullptr : described->if_contains("default");
    if (standard != nullptr && !content.contains(property.key()))
      content[property.key()] = *standard;
  }
}

base::Result<base::JsonObject> finish_elicitation(const base::JsonObject& params,
                                                  base::JsonObject answer) {
  const auto action = base::string_or(answer, "action");
  if (action != "accept" && action != "decline" && action != "cancel")
    return base::fail(base::Code::invalid_argument,
                      "an elicitation is answered with accept, decline or cancel");
  const auto mode = elicitation_mode(params);
  if (!mode) return std::unexpected(mode.error());
  if (action != "accept" || *mode == ElicitationMode::url)
    return base::JsonObject{{"action", action}};

  base::JsonObject content;
  if (const auto* given = base::find_object(answer, "content")) content = *given;
  if (const auto* schema = base::find_object(params, "requestedSchema")) {
    apply_elicitation_defaults(*schema, content);
    const auto faults = validate_schema(*schema, content);
    if (!faults.empty())
      return base::fail(base::Code::invalid_argument,
                        "the answer does not fit the form: " + faults.front());
  }
  answer["content"] = std::move(content);
  return answer;
}

}  // namespace telltale::mcp
