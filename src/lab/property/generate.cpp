#include "lab/property/generate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace telltale::lab {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

// Texts that programs stumble over. All are valid UTF-8: what is not is the fuzz kind's.
constexpr std::array<std::string_view, 18> kStrings{"",
                                                    " ",
                                                    "a",
                                                    "0",
                                                    "-1",
                                                    "null",
                                                    "true",
                                                    "{}",
                                                    "../",
                                                    "%00",
                                                    "a\nb",
                                                    "'; --",
                                                    "\"\\",
                                                    "\u00e9\u0301",
                                                    "\u202eabc",
                                                    "\u4f60\u597d",
                                                    "\U0001F469\u200D\U0001F4BB",
                                                    "\uFEFFx"};
constexpr std::array<double, 12> kNumbers{
    0, 1, -1, 2, 0.5, -0.0, 255, 65536, 2147483647, -2147483648.0, 9007199254740991, 1e21};

const Json* member(const JsonObject& rules, std::string_view name) {
  return rules.if_contains(name);
}

// The one text of a format that is certainly valid, and an edge of it.
std::optional<std::string> of_format(std::string_view format, base::Random& random) {
  const bool edge = random.chance(0.5);
  if (format == "date-time") return edge ? "0001-01-01T00:00:00Z" : "2026-02-28T12:34:56.789Z";
  if (format == "date") return edge ? "2024-02-29" : "2026-01-31";
  if (format == "time") return edge ? "00:00:00Z" : "23:59:59Z";
  if (format == "email") return edge ? "a@b.c" : "first.last+tag@example.com";
  if (format == "uri") return edge ? "a:b" : "https://example.invalid/a?b=c#d";
  if (format == "uuid")
    return edge ? "00000000-0000-0000-0000-000000000000" : "f81d4fae-7dec-41d0-a765-00a0c91e6bf6";
  if (format == "ipv4") return edge ? "0.0.0.0" : "192.0.2.1";
  if (format == "ipv6") return edge ? "::" : "2001:db8::1";
  if (format == "hostname") return edge ? "a" : "example.invalid";
  return std::nullopt;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

const Json* Generator::resolve(const JsonObject& rules) const {
  const auto reference = base::find_string(rules, "$ref");
  if (!reference || !reference->starts_with('#')) return nullptr;
  boost::system::error_code failed;
  const auto pointer = reference->substr(1);
  return root_.find_pointer(pointer, failed);
}

Json Generator::next() {
  ++made_;
  left_ = kGeneratedValues;
  return make(root_, 0);
}

Json Generator::make(const Json& schema, int depth) {
  if (left_ == 0 || depth > 4 * kGeneratedDepth) {
    sure_ = false;
    return nullptr;
  }
  --left_;
  if (!schema.is_object()) return make_of_type("string", {}, depth);  // true: anything goes
  const auto* rules = &schema.as_object();
  for (int hops = 0; const auto* target = resolve(*rules); ++hops) {
    if (hops == 8 || !target->is_object()) return nullptr;
    rules = &target->as_object();
  }
  if (const auto* value = member(*rules, "const")) return *value;
  if (const auto* choices = base::find_array(*rules, "enum");
      choices != nullptr && !choices->empty())
    return (*choices)[random_.below(choices->size())];
  for (const auto* const name : {"oneOf", "anyOf"}) {
    if (const auto* choices = base::find_array(*rules, name);
        choices != nullptr && !choices->empty())
      return make((*choices)[random_.below(choices->size())], depth + 1);
  }
  if (const auto* parts = base::find_array(*rules, "allOf"); parts != nullptr && !parts->empty()) {
    JsonObject whole;
    for (const auto& part : *parts) {
      auto value = make(part, depth + 1);
      if (!value.is_object()) return value;
      for (auto& item : value.as_object()) whole.insert_or_assign(item.key(), item.value());
    }
    for (auto& item : make_object(*rules, depth)) whole.insert_or_assign(item.key(), item.value());
    return whole;
  }
  if (rules->contains("not") || rules->contains("if")) sure_ = false;
  const auto* type = member(*rules, "type");
  if (type != nullptr && type->is_array() && !type->as_array().empty())
    type = &type->as_array()[random_.below(type->as_array().size())];
  if (type != nullptr && type->is_string()) return make_of_type(type->as_string(), *rules, depth);
  if (rules->contains("properties")) return make_object(*rules, depth);
  if (rules->contains("items")) return make_array(*rules, depth);
  return make_of_type("string", *rules, depth);
}

Json Generator::make_of_type(std::string_view type, const JsonObject& rules, int depth) {
  if (type == "object") return make_object(rules, depth);
  if (type == "array") return make_array(rules, depth);
  if (type == "integer") return make_number(rules, true);
  if (type == "number") return make_number(rules, false);
  if (type == "boolean") return random_.chance(0.5);
  if (type == "null") return nullptr;
  return Json(make_string(rules));
}

JsonObject Generator::make_object(const JsonObject& rules, int depth) {
  JsonObject out;
  const auto* properties = base::find_object(rules, "properties");
  if (properties == nullptr) return out;
  const auto* required = base::find_array(rules, "required");
  // The first has what it must have only, the second everything, the others some of it.
  const double chance = made_ == 1 ? 0 : made_ == 2 ? 1 : 0.5;
  for (const auto& item : *properties) {
    const bool must = required != nullptr && std::ranges::any_of(*required, [&](const Json& name) {
                        return name.is_string() && name.as_string() == item.key();
                      });
    if (!must && (depth >= kGeneratedDepth || !random_.chance(chance))) continue;
    if (out.size() >= kGeneratedItems && !must) break;
    out.insert_or_assign(item.key(), make(item.value(), depth + 1));
  }
  return out;
}

JsonArray Generator::make_array(const JsonObject& rules, int depth) {
  JsonArray out;
  if (rules.contains("uniqueItems") || rules.contains("contains")) sure_ = false;
  const auto count = depth >= kGeneratedDepth ? 0 : size_between(rules, "minItems", "maxItems", 3);
  const auto* prefix = base::find_array(rules, "prefixItems");
  static const Json kAnything = true;
  const auto* items = member(rules, "items");
  for (std::size_t i = 0; i < count && left_ > 0; ++i)
    out.push_back(prefix != nullptr && i < prefix->size()
                      ? make((*prefix)[i], depth + 1)
                      : make(items == nullptr ? kAnything : *items, depth + 1));
  return out;
}

Json Generator::make_number(const JsonObject& rules, bool whole) {
  constexpr double kSafe = 9007199254740991;  // 2^53 - 1: what every JSON reader keeps
  double low = base::find_number(rules, "minimum").value_or(-kSafe);
  double high = base::find_number(rules, "maximum").value_or(kSafe);
  const double step = whole ? 1 : 1e-3;
  if (const auto above = base::find_number(rules, "exclusiveMinimum"))
    low = std::max(low, *above + step);
  if (const auto below = base::find_number(rules, "exclusiveMaximum"))
    high = std::min(high, *below - step);
  if (low > high) {
    sure_ = false;
    high = low;
  }
  double value = 0;
  switch (random_.below(4)) {
    case 0:
      value = std::abs(low) >= kSafe ? 0 : low;
      break;
    case 1:
      value = std::abs(high) >= kSafe ? 1 : high;
      break;
    case 2:
      value = kNumbers[random_.below(kNumbers.size())];
      break;
    default:
      value = low + random_.uniform() * (std::min(high, low + 1e6) - low);
  }
  value = std::clamp(value, low, high);
  if (const auto multiple = base::find_number(rules, "multipleOf"); multiple && *multiple > 0) {
    value = std::ceil(low / *multiple) * *multiple;
    if (low <= -kSafe) value = 0;
    if (value > high) sure_ = false;
  }
  if (!whole) return value;
  value = std::clamp(std::trunc(value), std::ceil(low), std::floor(high));
  if (std::abs(value) > kSafe) value = std::copysign(kSafe, value);
  return static_cast<std::int64_t>(value);
}

std::size_t Generator::size_between(const JsonObject& rules, std::string_view low_name,
                                    std::string_view high_name, std::size_t usual) {
  const auto bound = [&](std::string_view name, double otherwise) {
    const auto value = base::find_number(rules, name).value_or(otherwise);
    return static_cast<std::size_t>(std::clamp(value, 0.0, static_cast<double>(kGeneratedString)));
  };
  const auto low = bound(low_name, 0);
  const auto high = std::max(low, bound(high_name, static_cast<double>(low + usual)));
  return low + static_cast<std::size_t>(random_.below(high - low + 1));
}

std::string Generator::make_string(const JsonObject& rules) {
  if (const auto format = base::find_string(rules, "format")) {
    if (auto text = of_format(*format, random_)) return std::move(*text);
    sure_ = false;
  }
  if (rules.contains("pattern")) sure_ = false;
  const auto low = base::find_number(rules, "minLength").value_or(0);
  const auto high = base::find_number(rules, "maxLength").value_or(kGeneratedString);
  if (random_.chance(0.6)) {
    const auto text = kStrings[random_.below(kStrings.size())];
    const auto length = static_cast<double>(characters(text));
    if (length >= low && length <= high) return std::string(text);
  }
  std::string out;
  const auto length = size_between(rules, "minLength", "maxLength", 12);
  for (std::size_t i = 0; i < length; ++i)
    out += static_cast<char>(' ' + static_cast<char>(random_.below(95)));
  return out;
}

}  // namespace telltale::lab
