// JSON: Boost.JSON under short names, parsing with limits, and the few readers everybody needs.
// Input from outside is parsed only by parse_json: depth and size are bounded, and invalid UTF-8 is
// refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/error.hpp"

namespace telltale::base {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

struct JsonLimits {
  std::size_t max_depth = 64;
  std::size_t max_bytes = 16U << 20U;
};

Result<Json> parse_json(std::string_view text, JsonLimits limits = {});
std::string write_json(const Json& value);
std::string write_json(const JsonObject& value);

// Readers that never throw: the member when it is there and has that type.
const Json* find(const Json& object, std::string_view key);
const Json* find(const JsonObject& object, std::string_view key);
std::optional<std::string_view> find_string(const JsonObject& object, std::string_view key);
std::optional<double> find_number(const JsonObject& object, std::string_view key);
std::optional<std::int64_t> find_integer(const JsonObject& object, std::string_view key);
std::optional<bool> find_bool(const JsonObject& object, std::string_view key);
const JsonObject* find_object(const JsonObject& object, std::string_view key);
const JsonArray* find_array(const JsonObject& object, std::string_view key);
std::string string_or(const JsonObject& object, std::string_view key,
                      std::string_view otherwise = "");

// One step of a JSON Pointer, escaped (RFC 6901 section 3).
std::string pointer_step(std::string_view key);

}  // namespace telltale::base
