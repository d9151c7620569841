#include "base/describe.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace telltale::base::describe_detail {
namespace {

constexpr std::size_t kMaxErrors = 20;  // a hostile body must not make a huge answer

bool is_choice(std::string_view value, std::string_view choices) {
  while (!choices.empty()) {
    const auto end = choices.find('|');
    if (choices.substr(0, end) == value) return true;
    if (end == std::string_view::npos) break;
    choices.remove_prefix(end + 1);
  }
  return false;
}

std::string shown(double value) {
  return std::floor(value) == value && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{}", value);
}

}  // namespace

std::string_view json_name(std::string_view member) {
  if (member.ends_with('_')) member.remove_suffix(1);
  return member;
}

void add_error(Errors& errors, std::string_view pointer, std::string message) {
  if (errors.size() < kMaxErrors) errors.push_back({std::string(pointer), std::move(message)});
}

void check_number(double value, const FieldRule& rule, std::string_view pointer, Errors& errors) {
  if (value < rule.minimum) add_error(errors, pointer, "must be at least " + shown(rule.minimum));
  if (value > rule.maximum) add_error(errors, pointer, "must be at most " + shown(rule.maximum));
}

void check_string(std::string_view value, const FieldRule& rule, std::string_view pointer,
                  Errors& errors) {
  if (!rule.one_of.empty() && !is_choice(value, rule.one_of)) {
    std::string choices(rule.one_of);
    for (std::size_t at = 0; (at = choices.find('|', at)) != std::string::npos; at += 2)
      choices.replace(at, 1, ", ");
    add_error(errors, pointer, "must be one of " + choices);
  }
  const auto length = static_cast<double>(value.size());
  if (length < rule.minimum)
    add_error(errors, pointer,
              rule.minimum <= 1 ? "must not be empty"
                                : fmt::format("must have at least {} characters", rule.minimum));
  if (length > rule.maximum)
    add_error(errors, pointer, fmt::format("must have at most {} characters", rule.maximum));
}

void check_size(std::size_t size, const FieldRule& rule, std::string_view pointer, Errors& errors) {
  if (static_cast<double>(size) < rule.minimum)
    add_error(errors, pointer, fmt::format("must have at least {} items", rule.minimum));
  if (static_cast<double>(size) > rule.maximum)
    add_error(errors, pointer, fmt::format("must have at most {} items", rule.maximum));
}

void unknown_fields(const JsonObject& object, const std::vector<std::string_view>& known,
                    std::string_view pointer, Errors& errors) {
  for (const auto& item : object) {
    if (std::ranges::find(known, std::string_view(item.key())) != known.end()) continue;
    std::string list;
    for (const auto name : known) list.append(list.empty() ? "" : ", ").append(name);
    add_error(errors, std::string(pointer) + pointer_step(item.key()),
              known.empty() ? "is not known here; nothing is taken"
                            : "is not known here; known are " + list);
  }
}

bool read_integer(const Json& value, double low, double high, std::string_view pointer,
                  Errors& errors, std::int64_t& out) {
  boost::system::error_code error;
  if (value.is_number()) out = value.to_number<std::int64_t>(error);
  if (!value.is_number() || error) {
    add_error(errors, pointer, "must be a whole number");
    return false;
  }
  const auto number = static_cast<double>(out);
  if (number < low || number > high) {
    add_error(errors, pointer, "is out of range");
    return false;
  }
  return true;
}

void add_rule_to_schema(JsonObject& schema, const FieldRule& rule) {
  if (!rule.help.empty()) schema["description"] = rule.help;
  if (!rule.example.empty()) schema["examples"] = JsonArray{Json(rule.example)};
  const auto* type = schema.if_contains("type");
  // A copy: what is added to the schema moves its texts.
  const std::string kind =
      type == nullptr ? std::string() : std::string(std::string_view(type->get_string()));
  if (!rule.one_of.empty()) {
    JsonArray choices;
    for (std::string_view rest = rule.one_of; !rest.empty();) {
      const auto end = rest.find('|');
      choices.push_back(Json(rest.substr(0, end)));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    if (kind == "array")
      schema["items"].as_object()["enum"] = std::move(choices);
    else
      schema["enum"] = std::move(choices);
  }
  const auto limit = [&](double value, std::string_view number, std::string_view string,
                         std::string_view array) {
    if (!std::isfinite(value)) return;
    const auto key = kind == "string" ? string : kind == "array" ? array : number;
    if (std::floor(value) == value)
      schema[key] = static_cast<std::int64_t>(value);
    else
      schema[key] = value;
  };
  limit(rule.minimum, "minimum", "minLength", "minItems");
  limit(rule.maximum, "maximum", "maxLength", "maxItems");
}

std::unexpected<Error> to_error(Errors errors) {
  Error error{.code = Code::invalid_argument};
  for (const auto& field : errors) {
    if (!error.detail.empty()) error.detail += "; ";
    error.detail += (field.pointer.empty() ? "the body" : field.pointer) + " " + field.message;
  }
  error.fields = std::move(errors);
  return std::unexpected(std::move(error));
}

}  // namespace telltale::base::describe_detail
