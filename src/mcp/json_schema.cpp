#include "mcp/json_schema.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

namespace telltale::mcp {
namespace {

constexpr int kMaxDepth = 64;
constexpr int kMaxSteps = 100'000;
constexpr std::size_t kMaxErrors = 20;

bool has_type(const base::Json& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer")
    return value.is_int64() || value.is_uint64() ||
           (value.is_double() && std::floor(value.get_double()) == value.get_double());
  return true;
}

class Validator {
 public:
  explicit Validator(const base::Json& root) : root_(root) {}

  void check(const base::Json& schema, const base::Json& value, const std::string& at, int depth) {
    if (++steps_ > kMaxSteps || depth > kMaxDepth || errors_.size() >= kMaxErrors) return;
    if (schema.is_bool()) {
      if (!schema.get_bool()) fault(at, "is not allowed");
      return;
    }
    const auto* rules = schema.if_object();
    if (rules == nullptr) return;
    if (const auto reference = base::find_string(*rules, "$ref"))
      if (const auto* target = resolve(*reference)) check(*target, value, at, depth + 1);
    check_type(*rules, value, at);
    check_choices(*rules, value, at);
    if (value.is_object()) check_object(*rules, value.get_object(), at, depth);
    if (value.is_array()) check_array(*rules, value.get_array(), at, depth);
    if (value.is_string()) check_string(*rules, value.get_string(), at);
    if (value.is_number()) check_number(*rules, value.to_number<double>(), at);
    check_combined(*rules, value, at, depth);
  }
  std::vector<std::string> take() { return std::move(errors_); }

 private:
  void fault(const std::string& at, std::string_view what) {
    if (errors_.size() < kMaxErrors)
      errors_.push_back((at.empty() ? "the value" : at) + " " + std::string(what));
  }

  const base::Json* resolve(std::string_view reference) const {
    if (!reference.starts_with('#')) return nullptr;  // another document: never fetched
    boost::system::error_code error;
    return root_.find_pointer(reference.substr(1), error);
  }

  bool holds(const base::Json& schema, const base::Json& value, int depth) {
    Validator inner(root_);
    inner.steps_ = steps_;
    inner.check(schema, value, "", depth + 1);
    steps_ = inner.steps_;
    return inner.errors_.empty();
  }

  void check_type(const base::JsonObject& rules, const base::Json& value, const std::string& at) {
    const auto* type = rules.if_contains("type");
    if (type == nullptr) return;
    if (type->is_string() && !has_type(value, type->get_string()))
      fault(at, "must be of type " + std::string(type->get_string()));
    if (type->is_array() && std::ranges::none_of(type->get_array(), [&](const base::Json& one) {
          return one.is_string() && has_type(value, one.get_string());
        }))
      fault(at, "is of none of the types allowed");
  }

  void check_choices(const base::JsonObject& rules, const base::Json& value,
                     const std::string& at) {
    if (const auto* choices = base::find_array(rules, "enum"))
      if (std::ranges::find(*choices, value) == choices->end())
        fault(at, "is not one of the values allowed");
    if (const auto* constant = rules.if_contains("const"))
      if (*constant != value) fault(at, "is not the value required");
  }

  void check_object(const base::JsonObject& rules, const base::JsonObject& value,
                    const std::string& at, int depth) {
    if (const auto* required = base::find_array(rules, "required"))
      for (const auto& name : *required)
        if (name.is_string() && !value.contains(name.get_string()))
          fault(at + base::pointer_step(name.get_string()), "is required");
    const auto* properties = base::find_object(rules, "properties");
    const auto* additional = rules.if_contains("additionalProperties");
    for (const auto& item : value) {
      const auto inner = at + base::pointer_step(item.key());
      const auto* known = properties == nullptr ? nullptr : properties->if_contains(item.key());
      if (known != nullptr)
        check(*known, item.value(), inner, depth + 1);
      else if (additional != nullptr && !rules.contains("patternProperties"))
        check(*additional, item.value(), inner, depth + 1);
    }
    limit(rules, "minProperties", "maxProperties", static_cast<double>(value.size()), at,
          "properties");
  }

  void check_array(const base::JsonObject& rules, const base::JsonArray& value,
                   const std::string& at, int depth) {
    const auto* prefix = base::find_array(rules, "prefixItems");
    const auto* items = rules.if_contains("items");
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto inner = at + "/" + std::to_string(i);
      if (prefix != nullptr && i < prefix->size())
        check((*prefix)[i], value[i], inner, depth + 1);
      else if (items != nullptr)
        check(*items, value[i], inner, depth + 1);
    }
    limit(rules, "minItems", "maxItems", static_cast<double>(value.size()), at, "items");
  }

  void check_string(const base::JsonObject& rules, std::string_view value, const std::string& at) {
    const auto points = std::ranges::count_if(
        value, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
    limit(rules, "minLength", "maxLength", static_cast<double>(points), at, "characters");
    const auto pattern = base::find_string(rules, "pattern");
    if (!pattern || pattern->size() > 256 || value.size() > 1024)
      return;  // std::regex recurses: only small inputs
    try {
      if (!std::regex_search(value.begin(), value.end(),
                             std::regex(std::string(*pattern), std::regex::ECMAScript)))
        fault(at, "does not match " + std::string(*pattern));
    } catch (const std::regex_error&) {
      return;  // a pattern this engine does not know decides nothing
    }
  }

  void check_number(const base::JsonObject& rules, double value, const std::string& at) {
    limit(rules, "minimum", "maximum", value, at, "");
    if (const auto low = base::find_number(rules, "exclusiveMinimum"); low && value <= *low)
      fault(at, "is too small");
    if (const auto high = base::find_number(rules, "exclusiveMaximum"); high && value >= *high)
      fault(at, "is too large");
    if (const auto step = base::find_number(rules, "multipleOf"); step && *step > 0)
      if (const auto ratio = value / *step; std::abs(ratio - std::round(ratio)) > 1e-9)
        fault(at, "is not a multiple");
  }

  void limit(const base::JsonObject& rules, std::string_view low, std::string_view high,
             double value, const std::string& at, std::string_view what) {
    const auto unit = what.empty() ? std::string() : " " + std::string(what);
    if (const auto least = base::find_number(rules, low); least && value < *least)
      fault(at, "has too few or is too small:" + unit);
    if (const auto most = base::find_number(rules, high); most && value > *most)
      fault(at, "has too many or is too large:" + unit);
  }

  void check_combined(const base::JsonObject& rules, const base::Json& value, const std::string& at,
                      int depth) {
    if (const auto* all = base::find_array(rules, "allOf"))
      for (const auto& one : *all) check(one, value, at, depth + 1);
    const auto matching = [&](const base::JsonArray& list) {
      return std::ranges::count_if(list,
                                   [&](const base::Json& one) { return holds(one, value, depth); });
    };
    if (const auto* any = base::find_array(rules, "anyOf"); any != nullptr && matching(*any) == 0)
      fault(at, "fits none of anyOf");
    if (const auto* one = base::find_array(rules, "oneOf"); one != nullptr && matching(*one) != 1)
      fault(at, "does not fit exactly one of oneOf");
    if (const auto* no = rules.if_contains("not"); no != nullptr && holds(*no, value, depth))
      fault(at, "fits what it must not");
  }

  const base::Json& root_;
  std::vector<std::string> errors_;
  int steps_ = 0;
};

}  // namespace

std::vector<std::string> validate_schema(const base::Json& schema, const base::Json& value) {
  Validator validator(schema);
  validator.check(schema, value, "", 0);
  return validator.take();
}

}  // namespace telltale::mcp
