#include "api/arguments.hpp"

#include <charconv>

namespace telltale::api {
namespace {

std::string_view type_of(const base::JsonObject& input_schema, std::string_view name) {
  const auto* properties = base::find_object(input_schema, "properties");
  const auto* property = properties == nullptr ? nullptr : base::find_object(*properties, name);
  return property == nullptr ? "" : base::find_string(*property, "type").value_or("");
}

// Text that does not read as its type stays text: validation then names the field and what it must
// be.
base::Json typed(std::string_view text, std::string_view type) {
  if (type == "integer") {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return value;
  } else if (type == "number") {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return value;
  } else if (type == "boolean") {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
  } else if (type == "array") {
    base::JsonArray list;
    for (auto rest = text; !rest.empty();) {
      const auto end = rest.find(',');
      list.push_back(base::Json(rest.substr(0, end)));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return list;
  }
  return base::Json(text);
}

bool is_json(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  return type.starts_with("application/json") ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

}  // namespace

base::Result<base::JsonObject> body_object(const net::Request& request) {
  if (request.body.empty()) return base::JsonObject();
  // A form or text/plain body could be sent by a foreign page without a preflight.
  if (!is_json(request.headers.get_or("content-type", "")))
    return base::bad_field("", "a body must be JSON, with Content-Type: application/json");
  auto parsed = base::parse_json(request.body);
  if (!parsed) return std::unexpected(parsed.error());
  if (!parsed->is_object()) return base::bad_field("", "the body must be a JSON object");
  return std::move(parsed->get_object());
}

bool has_bytes(const net::Request& request) {
  const auto type = request.headers.get_or("content-type", "");
  return type.substr(0, type.find(';')) == "application/octet-stream";
}

base::Result<base::Json> arguments_of(const net::Request& request, const PathParameters& path,
                                      const base::JsonObject& input_schema, bool takes_bytes) {
  auto body = takes_bytes && has_bytes(request) ? base::Result<base::JsonObject>(base::JsonObject())
                                                : body_object(request);
  if (!body) return std::unexpected(body.error());
  auto out = std::move(*body);
  for (const auto& [name, value] : request.query) {
    if (name == "token" || name == "ticket") continue;  // authentication, never an argument
    out[name] = typed(value, type_of(input_schema, name));
  }
  for (const auto& [name, value] : path) out[name] = typed(value, type_of(input_schema, name));
  return base::Json(std::move(out));
}

}  // namespace telltale::api
