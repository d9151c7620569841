#include "mcp/json_schema.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

#include "base/encoding.hpp"

namespace telltale::mcp {
namespace {

constexpr std::size_t kPatternLimit = 512;
constexpr std::size_t kMatchedLimit = 4096;
constexpr long kStatesLimit = 2'000;
constexpr long kTooManyStates = 1'000'000;
constexpr std::size_t kMatchingLimit = 3'000'000;  // at some 10 ns: 30 ms
constexpr std::size_t kMatchingPerStep = 100;

// How much the matcher may have to do at worst: every state at every character, and that from every
// character on unless the pattern is tied to the beginning.
std::size_t matching_work(std::string_view pattern, std::size_t length) {
  const bool anchored = pattern.starts_with('^') && pattern.find('|') == std::string_view::npos;
  const auto once = static_cast<std::size_t>(pattern_states(pattern)) * (length + 1);
  return anchored ? once : once * (length + 1);
}

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

// 1 and 1.0 are the same number (2020-12 core section 4.2.2).
bool same(const base::Json& a, const base::Json& b) {
  if (a.is_number() && b.is_number())
    return a == b || a.to_number<double>() == b.to_number<double>();
  return a == b;
}

std::string text_of(double number) {
  return base::write_json(base::Json(std::floor(number) == number && std::abs(number) < 9e15
                                         ? base::Json(static_cast<std::int64_t>(number))
                                         : base::Json(number)));
}

}  // namespace

long pattern_states(std::string_view pattern) {
  std::vector<long> totals{0};  // of the groups that are open
  long last = 0;                // of the atom a repetition would multiply
  const auto add = [&](long states) {
    last = states;
    totals.back() = std::min(totals.back() + states, kTooManyStates);
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '(') {
      totals.push_back(0);
    } else if (c == ')' && totals.size() > 1) {
      const long inner = totals.back();
      totals.pop_back();
      add(inner + 2);
    } else if (c == '[') {
      for (++i; i < pattern.size() && pattern[i] != ']'; ++i)
        if (pattern[i] == '\\') ++i;
      add(1);
    } else if (c == '{') {
      long times = 0;
      long number = 0;
      for (++i; i < pattern.size() && pattern[i] != '}'; ++i) {
        number = pattern[i] == ',' ? 0 : number * 10 + (pattern[i] - '0');
        if (number < 0 || number > kTooManyStates) return kTooManyStates;
        times = std::max(times, number);
      }
      const long before = last;
      add(std::min(before * times, kTooManyStates));
      last = std::min(before * (times + 1), kTooManyStates);
    } else {
      if (c == '\\') ++i;
      add(1);
    }
  }
  long sum = 0;
  for (const long total : totals) sum += total;
  return std::min(sum, kTooManyStates);
}

std::vector<std::string> JsonSchema::validate(const base::Json& value) {
  errors_.clear();
  steps_ = 0;
  complete_ = true;
  check(root_, value, "", 0);
  return std::move(errors_);
}

void JsonSchema::check(const base::Json& schema, const base::Json& value, const std::string& at,
                       int depth) {
  if (errors_.size() >= kMaxErrors) return;
  if (++steps_ > kMaxSteps || depth > kMaxDepth) {
    complete_ = false;
    return;
  }
  if (schema.is_bool()) {
    if (!schema.get_bool()) fault(at, "is not allowed");
    return;
  }
  const auto* rules = schema.if_object();
  if (rules == nullptr) return;
  if (const auto reference = base::find_string(*rules, "$ref")) {
    if (const auto* target = resolve(*reference))
      check(*target, value, at, depth + 1);
    else
      complete_ = false;
  }
  check_type(*rules, value, at);
  check_choices(*rules, value, at);
  if (value.is_object()) check_object(*rules, value.get_object(), at, depth);
  if (value.is_array()) check_array(*rules, value.get_array(), at, depth);
  if (value.is_string()) check_string(*rules, value.get_string(), at);
  if (value.is_number()) check_number(*rules, value.to_number<double>(), at);
  check_combined(*rules, value, at, depth);
}

void JsonSchema::fault(const std::string& at, std::string_view what) {
  if (errors_.size() < kMaxErrors)
    errors_.push_back((at.empty() ? "the value" : at) + " " + std::string(what));
}

const base::Json* JsonSchema::resolve(std::string_view reference) const {
  if (!reference.starts_with('#')) return nullptr;  // another document: never fetched
  auto pointer = base::percent_decode(reference.substr(1));
  if (!pointer || (!pointer->empty() && pointer->front() != '/'))
    return nullptr;  // $anchor is not followed
  boost::system::error_code error;
  const auto* found = root_.find_pointer(*pointer, error);
  return error ? nullptr : found;
}

bool JsonSchema::fits(const base::Json& schema, const base::Json& value, int depth) {
  const auto outer = std::exchange(errors_, {});
  check(schema, value, "", depth + 1);
  return std::exchange(errors_, outer).empty();
}

void JsonSchema::check_type(const base::JsonObject& rules, const base::Json& value,
                            const std::string& at) {
  const auto* type = rules.if_contains("type");
  if (type == nullptr) return;
  if (type->is_string() && !has_type(value, type->get_string()))
    fault(at, "must be of type " + std::string(type->get_string()));
  if (type->is_array() && std::ranges::none_of(type->get_array(), [&](const base::Json& one) {
        return one.is_string() && has_type(value, one.get_string());
      }))
    fault(at, "is of none of the types allowed");
}

void JsonSchema::check_choices(const base::JsonObject& rules, const base::Json& value,
                               const std::string& at) {
  if (const auto* choices = base::find_array(rules, "enum"))
    if (std::ranges::none_of(*choices, [&](const base::Json& one) { return same(one, value); }))
      fault(at, "is not one of the values allowed");
  if (const auto* constant = rules.if_contains("const"))
    if (!same(*constant, value)) fault(at, "is not the value required");
}

void JsonSchema::check_object(const base::JsonObject& rules, const base::JsonObject& value,
                              const std::string& at, int depth) {
  if (const auto* required = base::find_array(rules, "required"))
    for (const auto& name : *required)
      if (name.is_string() && !value.contains(name.get_string()))
        fault(at + base::pointer_step(name.get_string()), "is required");
  if (const auto* dependent = base::find_object(rules, "dependentRequired"))
    for (const auto& item : *dependent)
      if (value.contains(item.key()) && item.value().is_array())
        for (const auto& name : item.value().get_array())
          if (name.is_string() && !value.contains(name.get_string()))
            fault(at + base::pointer_step(name.get_string()),
                  "is required together with " + std::string(item.key()));
  check_members(rules, value, at, depth);
  at_least(rules, "minProperties", static_cast<double>(value.size()), at, " properties");
  at_most(rules, "maxProperties", static_cast<double>(value.size()), at, " properties");
}

void JsonSchema::check_members(const base::JsonObject& rules, const base::JsonObject& value,
                               const std::string& at, int depth) {
  const auto* properties = base::find_object(rules, "properties");
  const auto* patterns = base::find_object(rules, "patternProperties");
  const auto* additional = rules.if_contains("additionalProperties");
  const auto* names = rules.if_contains("propertyNames");
  if (properties == nullptr && patterns == nullptr && additional == nullptr && names == nullptr)
    return;
  for (const auto& item : value) {
    const auto inner = at + base::pointer_step(item.key());
    if (names != nullptr && !fits(*names, base::Json(item.key()), depth))
      fault(inner, "has a name that is not allowed");
    const auto* known = properties == nullptr ? nullptr : properties->if_contains(item.key());
    bool evaluated = known != nullptr;
    if (known != nullptr) check(*known, item.value(), inner, depth + 1);
    if (patterns != nullptr)
      for (const auto& pattern : *patterns)
        if (matches(pattern.key(), item.key())) {
          evaluated = true;
          check(pattern.value(), item.value(), inner, depth + 1);
        }
    if (!evaluated && additional != nullptr) check(*additional, item.value(), inner, depth + 1);
  }
}

void JsonSchema::check_array(const base::JsonObject& rules, const base::JsonArray& value,
                             const std::string& at, int depth) {
  const auto* prefix = base::find_array(rules, "prefixItems");
  const auto* items = rules.if_contains("items");
  for (std::size_t i = 0; i < value.size() && steps_ <= kMaxSteps; ++i) {
    const auto inner = at + "/" + std::to_string(i);
    if (prefix != nullptr && i < prefix->size())
      check((*prefix)[i], value[i], inner, depth + 1);
    else if (items != nullptr)
      check(*items, value[i], inner, depth + 1);
  }
  at_least(rules, "minItems", static_cast<double>(value.size()), at, " items");
  at_most(rules, "maxItems", static_cast<double>(value.size()), at, " items");
  if (base::find_bool(rules, "uniqueItems").value_or(false)) {
    steps_ += static_cast<int>(std::min<std::size_t>(value.size() * value.size() / 2, kMaxSteps));
    if (steps_ > kMaxSteps) complete_ = false;
    for (std::size_t i = 0; i < value.size() && steps_ <= kMaxSteps; ++i)
      for (std::size_t j = i + 1; j < value.size(); ++j)
        if (same(value[i], value[j])) return fault(at + "/" + std::to_string(j), "is there twice");
  }
  if (const auto* wanted = rules.if_contains("contains")) {
    const auto count = static_cast<double>(std::ranges::count_if(
        value, [&](const base::Json& one) { return fits(*wanted, one, depth); }));
    if (!rules.contains("minContains") && count < 1) fault(at, "contains nothing of what it must");
    at_least(rules, "minContains", count, at, " matching items");
    at_most(rules, "maxContains", count, at, " matching items");
  }
}

void JsonSchema::check_string(const base::JsonObject& rules, std::string_view value,
                              const std::string& at) {
  const auto characters = static_cast<double>(std::ranges::count_if(
      value, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
  at_least(rules, "minLength", characters, at, " characters");
  at_most(rules, "maxLength", characters, at, " characters");
  if (const auto pattern = base::find_string(rules, "pattern");
      pattern && !matches(*pattern, value))
    fault(at, "does not match " + std::string(pattern->substr(0, 80)));
}

// True also when the pattern cannot be tried: it then decides nothing. libstdc++'s default matcher
// backtracks without bound and recurses per character; its polynomial one does neither, and lacks
// only back references.
bool JsonSchema::matches(std::string_view pattern, std::string_view text) {
  const bool small = pattern.size() <= kPatternLimit && text.size() <= kMatchedLimit &&
                     pattern_states(pattern) <= kStatesLimit;
  const auto work = small ? matching_work(pattern, text.size()) : 0;
  steps_ += 10 + static_cast<int>(std::min(work, kMatchingLimit) / kMatchingPerStep);
  if (!small || work > kMatchingLimit || steps_ > kMaxSteps) {
    complete_ = false;
    return true;
  }
  try {
    const std::regex compiled(std::string(pattern),
                              std::regex::ECMAScript | std::regex_constants::__polynomial);
    return std::regex_search(text.begin(), text.end(), compiled);
  } catch (const std::regex_error&) {
    complete_ = false;
    return true;
  }
}

void JsonSchema::check_number(const base::JsonObject& rules, double value, const std::string& at) {
  at_least(rules, "minimum", value, at, "");
  at_most(rules, "maximum", value, at, "");
  if (const auto low = base::find_number(rules, "exclusiveMinimum"); low && value <= *low)
    fault(at, "must be more than " + text_of(*low));
  if (const auto high = base::find_number(rules, "exclusiveMaximum"); high && value >= *high)
    fault(at, "must be less than " + text_of(*high));
  if (const auto step = base::find_number(rules, "multipleOf"); step && *step > 0)
    if (const auto ratio = value / *step; std::abs(ratio - std::round(ratio)) > 1e-9)
      fault(at, "must be a multiple of " + text_of(*step));
}

void JsonSchema::at_least(const base::JsonObject& rules, std::string_view keyword, double value,
                          const std::string& at, std::string_view unit) {
  if (const auto bound = base::find_number(rules, keyword); bound && value < *bound)
    fault(at, (unit.empty() ? "must be at least " : "must have at least ") + text_of(*bound) +
                  std::string(unit));
}

void JsonSchema::at_most(const base::JsonObject& rules, std::string_view keyword, double value,
                         const std::string& at, std::string_view unit) {
  if (const auto bound = base::find_number(rules, keyword); bound && value > *bound)
    fault(at, (unit.empty() ? "must be at most " : "must have at most ") + text_of(*bound) +
                  std::string(unit));
}

// Where a bound was hit, "fits" and "does not fit" are both unknown: then nobody is blamed.
void JsonSchema::check_combined(const base::JsonObject& rules, const base::Json& value,
                                const std::string& at, int depth) {
  if (const auto* all = base::find_array(rules, "allOf"))
    for (const auto& one : *all) check(one, value, at, depth + 1);
  const auto fitting = [&](const base::JsonArray& list) {
    return std::ranges::count_if(list,
                                 [&](const base::Json& one) { return fits(one, value, depth); });
  };
  const auto blame = [&](bool guilty, std::string_view what) {
    if (guilty && complete_) fault(at, what);
  };
  if (const auto* any = base::find_array(rules, "anyOf"))
    blame(fitting(*any) == 0, "fits none of anyOf");
  if (const auto* one = base::find_array(rules, "oneOf"))
    blame(fitting(*one) != 1, "does not fit exactly one of oneOf");
  if (const auto* no = rules.if_contains("not"))
    blame(fits(*no, value, depth), "fits what it must not");
  if (const auto* condition = rules.if_contains("if")) {
    const bool holds = fits(*condition, value, depth);
    const auto* branch = rules.if_contains(holds ? "then" : "else");
    if (branch != nullptr && complete_) check(*branch, value, at, depth + 1);
  }
}

std::vector<std::string> validate_schema(const base::JsonObject& schema,
                                         const base::JsonObject& value) {
  const base::Json root(schema);
  return JsonSchema(root).validate(value);
}

}  // namespace telltale::mcp
