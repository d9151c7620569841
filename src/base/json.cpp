#include "base/json.hpp"

#include <fmt/format.h>

namespace telltale::base {

namespace json = boost::json;

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.max_bytes)
    return fail(Code::too_large, fmt::format("JSON of {} bytes; at most {} are taken", text.size(),
                                             limits.max_bytes));
  json::parse_options options;
  options.max_depth = limits.max_depth;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  const auto used = parser.write_some(text.data(), text.size(), error);
  if (!error && used < text.size()) {
    // What is left must be white space: a second document on the line is a fault of the sender.
    if (text.find_first_not_of(" \t\r\n", used) != std::string_view::npos)
      error = json::make_error_code(json::error::extra_data);
  }
  if (!error) parser.finish(error);
  if (error)
    return fail(Code::invalid_argument,
                fmt::format("not valid JSON at byte {}: {}", used, error.message()));
  return parser.release();
}

std::string write_json(const Json& value) {
  return json::serialize(value);
}
std::string write_json(const JsonObject& value) {
  return json::serialize(value);
}

const Json* find(const JsonObject& object, std::string_view key) {
  return object.if_contains(key);
}

const Json* find(const Json& object, std::string_view key) {
  const auto* as_object = object.if_object();
  return as_object == nullptr ? nullptr : as_object->if_contains(key);
}

std::optional<std::string_view> find_string(const JsonObject& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::optional<double> find_number(const JsonObject& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::optional<std::int64_t> find_integer(const JsonObject& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error) return std::nullopt;
  return number;
}

std::optional<bool> find_bool(const JsonObject& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

const JsonObject* find_object(const JsonObject& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

const JsonArray* find_array(const JsonObject& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

std::string string_or(const JsonObject& object, std::string_view key, std::string_view otherwise) {
  return std::string(find_string(object, key).value_or(otherwise));
}

std::string pointer_step(std::string_view key) {
  std::string out = "/";
  for (const char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

}  // namespace telltale::base
