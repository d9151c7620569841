// Structs as JSON, from one declaration: BOOST_DESCRIBE_STRUCT names the members; from_json,
// to_json and json_schema come from them. Optional members are std::optional (absent is null) or
// have a default when the struct is given to `optional_fields`. What JSON Schema calls help, limits
// and enums is declared by a constexpr array found by ADL:
//
//   struct Wait { std::string id; std::optional<int> seconds; };
//   BOOST_DESCRIBE_STRUCT(Wait, (), (id, seconds))
//   constexpr auto field_rules(const Wait*) {
//     return std::array{FieldRule{.name = "seconds", .help = "how long", .minimum = 0, .maximum =
//     60}};
//   }
//
// A member whose name is no C++ word is written with a trailing underscore (`operator_` is
// "operator"). Errors name the field by JSON Pointer and say what would be right; every bad field
// is reported, not the first only.
#pragma once

#include <array>
#include <limits>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace telltale::base {

struct FieldRule {
  std::string_view name;
  std::string_view help = {};
  double minimum =
      -std::numeric_limits<double>::infinity();  // of a number, or length of a string or list
  double maximum = std::numeric_limits<double>::infinity();
  std::string_view one_of = {};  // "a|b|c"
  std::string_view example = {};
  bool has_default = false;  // may be left out: the struct's own initial value stands
};

namespace describe_detail {

template <class T>
concept Described = boost::describe::has_describe_members<T>::value && std::is_class_v<T>;

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;
template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;
template <class T>
constexpr bool is_map = false;
template <class T>
constexpr bool is_map<std::map<std::string, T>> = true;

template <class T>
concept HasRules = requires { field_rules(static_cast<const T*>(nullptr)); };

template <class T>
FieldRule rule_of(std::string_view name) {
  if constexpr (HasRules<T>) {
    for (const auto& rule : field_rules(static_cast<const T*>(nullptr)))
      if (rule.name == name) return rule;
  }
  return FieldRule{.name = name};
}

std::string_view json_name(std::string_view member);
using Errors = std::vector<FieldError>;
void add_error(Errors& errors, std::string_view pointer, std::string message);
void check_number(double value, const FieldRule& rule, std::string_view pointer, Errors& errors);
void check_string(std::string_view value, const FieldRule& rule, std::string_view pointer,
                  Errors& errors);
void check_size(std::size_t size, const FieldRule& rule, std::string_view pointer, Errors& errors);
void unknown_fields(const JsonObject& object, const std::vector<std::string_view>& known,
                    std::string_view pointer, Errors& errors);
bool read_integer(const Json& value, double low, double high, std::string_view pointer,
                  Errors& errors, std::int64_t& out);
void add_rule_to_schema(JsonObject& schema, const FieldRule& rule);
std::unexpected<Error> to_error(Errors errors);

template <class T>
void read(const Json& value, T& out, const FieldRule& rule, const std::string& pointer,
          Errors& errors);

template <class T>
void read_struct(const JsonObject& object, T& out, const std::string& pointer, Errors& errors) {
  using Members = boost::describe::describe_members<T, boost::describe::mod_any_access |
                                                           boost::describe::mod_inherited>;
  std::vector<std::string_view> known;
  boost::mp11::mp_for_each<Members>([&](auto member) {
    const auto name = json_name(member.name);
    known.push_back(name);
    auto& field = out.*member.pointer;
    using Field = std::remove_reference_t<decltype(field)>;
    const auto rule = rule_of<T>(name);
    const auto* value = object.if_contains(name);
    const auto at = pointer + pointer_step(name);
    if (value == nullptr || (value->is_null() && !std::is_same_v<Field, Json>)) {
      if (!is_optional<Field> && !rule.has_default) add_error(errors, at, "is required");
      return;
    }
    read(*value, field, rule, at, errors);
  });
  unknown_fields(object, known, pointer, errors);
}

template <class T>
void read(const Json& value, T& out, const FieldRule& rule, const std::string& pointer,
          Errors& errors) {
  if constexpr (is_optional<T>) {
    read(value, out.emplace(), rule, pointer, errors);
  } else if constexpr (std::is_same_v<T, Json>) {
    out = value;
  } else if constexpr (std::is_same_v<T, JsonObject>) {
    if (const auto* object = value.if_object())
      out = *object;
    else
      add_error(errors, pointer, "must be an object");
  } else if constexpr (std::is_same_v<T, JsonArray>) {
    if (const auto* array = value.if_array())
      out = *array;
    else
      add_error(errors, pointer, "must be a list");
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) return add_error(errors, pointer, "must be a string");
    out = std::string(value.get_string());
    check_string(out, rule, pointer, errors);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_bool()) return add_error(errors, pointer, "must be true or false");
    out = value.get_bool();
  } else if constexpr (std::is_integral_v<T>) {
    std::int64_t number = 0;
    if (!read_integer(value, static_cast<double>(std::numeric_limits<T>::min()),
                      static_cast<double>(std::numeric_limits<T>::max()), pointer, errors, number))
      return;
    out = static_cast<T>(number);
    check_number(static_cast<double>(number), rule, pointer, errors);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!value.is_number()) return add_error(errors, pointer, "must be a number");
    out = value.to_number<T>();
    check_number(static_cast<double>(out), rule, pointer, errors);
  } else if constexpr (is_vector<T>) {
    const auto* array = value.if_array();
    if (array == nullptr) return add_error(errors, pointer, "must be a list");
    check_size(array->size(), rule, pointer, errors);
    out.clear();  // what is given replaces a default, it does not add to it
    for (std::size_t i = 0; i < array->size(); ++i)
      read((*array)[i], out.emplace_back(), FieldRule{.name = rule.name, .one_of = rule.one_of},
           pointer + "/" + std::to_string(i), errors);
  } else if constexpr (is_map<T>) {
    const auto* object = value.if_object();
    if (object == nullptr) return add_error(errors, pointer, "must be an object");
    out.clear();
    for (const auto& item : *object)
      read(item.value(), out[std::string(item.key())], FieldRule{},
           pointer + pointer_step(item.key()), errors);
  } else {
    static_assert(Described<T>, "describe this type with BOOST_DESCRIBE_STRUCT");
    const auto* object = value.if_object();
    if (object == nullptr) return add_error(errors, pointer, "must be an object");
    read_struct(*object, out, pointer, errors);
  }
}

}  // namespace describe_detail

template <class T>
Result<T> from_json(const Json& value, const std::string& pointer = "") {
  T out{};
  describe_detail::Errors errors;
  describe_detail::read(value, out, FieldRule{}, pointer, errors);
  if (!errors.empty()) return describe_detail::to_error(std::move(errors));
  return out;
}

template <class T>
Json to_json(const T& value) {
  using namespace describe_detail;
  if constexpr (is_optional<T>) {
    return value ? to_json(*value) : Json(nullptr);
  } else if constexpr (std::is_same_v<T, WallTime>) {
    return Json(format_rfc3339(value));
  } else if constexpr (is_vector<T>) {
    JsonArray out;
    out.reserve(value.size());
    for (const auto& item : value) out.push_back(to_json(item));
    return out;
  } else if constexpr (is_map<T>) {
    JsonObject out;
    for (const auto& [key, item] : value) out[key] = to_json(item);
    return out;
  } else if constexpr (Described<T>) {
    JsonObject out;
    using Members = boost::describe::describe_members<T, boost::describe::mod_any_access |
                                                             boost::describe::mod_inherited>;
    boost::mp11::mp_for_each<Members>(
        [&](auto member) { out[json_name(member.name)] = to_json(value.*member.pointer); });
    return out;
  } else {
    return Json(value);
  }
}

template <class T>
JsonObject json_schema() {
  using namespace describe_detail;
  if constexpr (is_optional<T>) {
    return json_schema<typename T::value_type>();
  } else if constexpr (std::is_same_v<T, Json>) {
    return {};
  } else if constexpr (std::is_same_v<T, JsonObject> || is_map<T>) {
    return {{"type", "object"}};
  } else if constexpr (std::is_same_v<T, JsonArray>) {
    return {{"type", "array"}};
  } else if constexpr (std::is_same_v<T, WallTime>) {
    return {{"type", "string"}, {"format", "date-time"}};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_integral_v<T>) {
    return {{"type", "integer"}};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {{"type", "number"}};
  } else if constexpr (is_vector<T>) {
    return {{"type", "array"}, {"items", json_schema<typename T::value_type>()}};
  } else {
    static_assert(Described<T>, "describe this type with BOOST_DESCRIBE_STRUCT");
    JsonObject properties;
    JsonArray required;
    using Members = boost::describe::describe_members<T, boost::describe::mod_any_access |
                                                             boost::describe::mod_inherited>;
    boost::mp11::mp_for_each<Members>([&](auto member) {
      using Field = std::remove_reference_t<decltype(std::declval<T&>().*member.pointer)>;
      const auto name = json_name(member.name);
      const auto rule = rule_of<T>(name);
      auto schema = json_schema<Field>();
      add_rule_to_schema(schema, rule);
      properties[name] = std::move(schema);
      if (!is_optional<Field> && !rule.has_default) required.push_back(Json(name));
    });
    JsonObject out{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) out["required"] = std::move(required);
    out["additionalProperties"] = false;
    return out;
  }
}

}  // namespace telltale::base
