#include "lab/replay/infer.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/redact.hpp"
#include "lab/suite/json_path.hpp"

namespace telltale::lab {
namespace {

using base::Json;

constexpr std::size_t kWhole = 400;      // a longer text is expected to begin as it did
constexpr std::size_t kBeginning = 200;  // with so much
constexpr int kDepth = 12;
constexpr std::size_t kPathLimit = 900;  // of what a suite takes

bool digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

// 9 for a digit, - for itself: "2026-11-20T" has 9999-99-99.
bool has_shape(std::string_view text, std::string_view shape) {
  const auto fits = [](char c, char wanted) { return wanted == '9' ? digit(c) : c == wanted; };
  return std::search(text.begin(), text.end(), shape.begin(), shape.end(), fits) != text.end();
}

// A run of hexadecimal digits with digits and letters, as ids and hashes are; or 13 digits, as
// milliseconds since 1970.
bool has_long_number(std::string_view text) {
  std::size_t run = 0, digits = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && hex(text[i])) {
      ++run;
      digits += digit(text[i]) ? 1U : 0U;
      continue;
    }
    const bool id = run >= 16 && digits >= 4 && digits < run;
    if (id || (run == digits && run >= 13)) return true;
    run = digits = 0;
  }
  return false;
}

bool is_uuid_in(std::string_view text) {
  constexpr std::size_t kLength = 36;
  for (std::size_t at = 0; at + kLength <= text.size(); ++at) {
    bool fits = true;
    for (std::size_t i = 0; fits && i < kLength; ++i)
      fits = i == 8 || i == 13 || i == 18 || i == 23 ? text[at + i] == '-' : hex(text[at + i]);
    if (fits) return true;
  }
  return false;
}

std::string_view type_of(const Json& value) {
  if (value.is_string()) return "string";
  if (value.is_bool()) return "boolean";
  if (value.is_null()) return "null";
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  return value.is_double() ? "number" : "integer";
}

class Inference {
 public:
  explicit Inference(const std::vector<const Json*>& results) : results_(results) {}

  std::vector<Inferred> take() {
    walk(*results_.front(), "$", 0);
    return std::move(out_);
  }

 private:
  void walk(const Json& value, const std::string& path, int depth) {
    if (out_.size() == kInferredLimit || depth > kDepth) return;
    if (const auto* const object = value.if_object(); object != nullptr && !object->empty()) {
      for (const auto& one : *object) {
        // isError is the step's status; _meta is the transport's own.
        if (depth == 0 && (one.key() == "isError" || one.key() == "_meta")) continue;
        const auto next = path_step(path, one.key());
        if (!next.empty()) walk(one.value(), next, depth + 1);
      }
      return;
    }
    if (const auto* const list = value.if_array(); list != nullptr && !list->empty()) {
      for (std::size_t i = 0; i < list->size(); ++i)
        walk((*list)[i], path + "[" + std::to_string(i) + "]", depth + 1);
      return;
    }
    leaf(value, path);
  }

  void leaf(const Json& value, const std::string& path) {
    if (path.size() > kPathLimit) return;
    if (looks_volatile(value) || !same_in_all(value, path)) {
      if (type_in_all(value, path)) out_.push_back({path, "type", Json(type_of(value))});
      return;
    }
    const auto* const text = value.if_string();
    if (text != nullptr && text->size() > kWhole)
      out_.push_back({path, "contains", Json(beginning(*text, kBeginning))});
    else
      out_.push_back({path, "equals", value});
  }

  template <class Holds>
  bool in_all(const std::string& path, Holds holds) const {
    if (results_.size() == 1) return true;
    const auto parsed = suite::JsonPath::parse(path);
    return parsed && std::ranges::all_of(results_, [&](const Json* one) {
             const auto found = parsed->select(*one);
             return found.size() == 1 && holds(*found.front());
           });
  }
  bool same_in_all(const Json& value, const std::string& path) const {
    return in_all(path, [&value](const Json& one) { return one == value; });
  }
  bool type_in_all(const Json& value, const std::string& path) const {
    return in_all(path, [&value](const Json& one) { return type_of(one) == type_of(value); });
  }

  const std::vector<const Json*>& results_;
  std::vector<Inferred> out_;
};

}  // namespace

std::string beginning(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return std::string(text.substr(0, limit));
}

std::string path_step(const std::string& path, std::string_view key) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  if (key.empty() || key.find_first_of("'\\") != std::string_view::npos) return {};
  if (std::ranges::all_of(key, plain) && !digit(key.front())) return path + "." + std::string(key);
  return path + "['" + std::string(key) + "']";
}

bool looks_volatile(const Json& value) {
  if (value.is_number()) {
    const auto number = value.to_number<double>();
    if (std::floor(number) != number) return false;
    return (number > 1.5e9 && number < 2.5e9) || (number > 1.5e12 && number < 2.5e12);
  }
  const auto* const text = value.if_string();
  if (text == nullptr) return false;
  const std::string_view view(*text);
  for (const auto* const part : {"/tmp/", "/var/folders/", "127.0.0.1:", "localhost:"})
    if (view.find(part) != std::string_view::npos) return true;
  return view.find(base::kHidden) != std::string_view::npos || has_shape(view, "9999-99-99T99") ||
         has_shape(view, "9999-99-99 99:99") || has_shape(view, "99:99:99") || is_uuid_in(view) ||
         has_long_number(view);
}

std::vector<Inferred> infer(const std::vector<const Json*>& results) {
  return Inference(results).take();
}

}  // namespace telltale::lab
