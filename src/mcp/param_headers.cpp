#include "mcp/param_headers.hpp"

#include <cmath>
#include <set>

namespace telltale::mcp {
namespace {

constexpr std::string_view kKey = "x-mcp-header";
constexpr int kMaxDepth = 32;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alnum && std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos)
      return false;
  }
  return true;
}

// 42.0 is the integer 42 (JSON Schema); beyond 2^53 a double is no integer any more.
std::optional<std::int64_t> whole_number(const base::Json& value) {
  if (!value.is_double()) return std::nullopt;
  const double number = value.get_double();
  if (std::floor(number) != number || std::abs(number) > 9007199254740991.0) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::unexpected<base::Error> invalid(std::string why) {
  return base::fail(base::Code::protocol, std::move(why));
}

base::Result<void> check(const base::Json& node, bool reachable, bool is_property,
                         std::set<std::string>& seen, int depth) {
  if (depth > kMaxDepth) return invalid("the schema is too deep");
  if (const auto* array = node.if_array()) {
    for (const auto& item : *array)
      if (auto fine = check(item, false, false, seen, depth + 1); !fine) return fine;
    return {};
  }
  const auto* object = node.if_object();
  if (object == nullptr) return {};
  if (const auto* name = object->if_contains(kKey)) {
    if (!reachable || !is_property)
      return invalid("x-mcp-header where no chain of properties leads");
    if (!name->is_string() || !is_token(name->get_string()))
      return invalid("x-mcp-header is not a header name");
    if (!seen.insert(lower(name->get_string())).second)
      return invalid("x-mcp-header names one header twice");
    const auto type = base::string_or(*object, "type");
    if (type != "string" && type != "integer" && type != "boolean")
      return invalid("x-mcp-header on a parameter that is no string, integer or boolean");
  }
  for (const auto& item : *object) {
    if (item.key() == "properties" && item.value().is_object()) {
      for (const auto& property : item.value().get_object())
        if (auto fine = check(property.value(), reachable, true, seen, depth + 1); !fine)
          return fine;
    } else if (item.key() != "default" && item.key() != "const" && item.key() != "enum" &&
               item.key() != "examples") {
      if (auto fine = check(item.value(), false, false, seen, depth + 1); !fine) return fine;
    }
  }
  return {};
}

void collect(const base::JsonObject& schema, const base::JsonObject& values,
             std::vector<std::pair<std::string, std::string>>& out, int depth) {
  const auto* properties = base::find_object(schema, "properties");
  if (properties == nullptr || depth > kMaxDepth) return;
  for (const auto& property : *properties) {
    const auto* described = property.value().if_object();
    const auto* value = values.if_contains(property.key());
    if (described == nullptr || value == nullptr) continue;
    if (const auto* inner = value->if_object()) collect(*described, *inner, out, depth + 1);
    const auto header = base::find_string(*described, kKey);
    if (!header) continue;
    if (value->is_string())
      out.emplace_back(*header, std::string(value->get_string()));
    else if (value->is_bool())
      out.emplace_back(*header, value->get_bool() ? "true" : "false");
    else if (value->is_int64())
      out.emplace_back(*header, std::to_string(value->get_int64()));
    else if (value->is_uint64())
      out.emplace_back(*header, std::to_string(value->get_uint64()));
    else if (const auto whole = whole_number(*value))
      out.emplace_back(*header, std::to_string(*whole));
  }
}

}  // namespace

base::Result<void> check_param_headers(const base::JsonObject& input_schema) {
  std::set<std::string> seen;
  return check(base::Json(input_schema), true, false, seen, 0);
}

std::vector<std::pair<std::string, std::string>> param_headers(const base::JsonObject& input_schema,
                                                               const base::JsonObject& arguments) {
  std::vector<std::pair<std::string, std::string>> out;
  collect(input_schema, arguments, out, 0);
  return out;
}

}  // namespace telltale::mcp
