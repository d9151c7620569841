#include "series/selector.hpp"

#include <algorithm>

namespace telltale::series {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool Matcher::matches(std::string_view given) const {
  switch (match) {
    case Match::equal:
      return given == value;
    case Match::differs:
      return given != value;
    case Match::fits:
      return pattern.fits(given);
    case Match::fits_not:
      return !pattern.fits(given);
  }
  return false;
}

bool is_metric_name(std::string_view text) {
  return !text.empty() && (is_letter(text.front()) || text.front() == ':') &&
         std::ranges::all_of(
             text, [](char c) { return is_letter(c) || is_digit(c) || c == ':' || c == '.'; });
}

bool is_label_name(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string series_key(std::string_view name, const LabelList& labels) {
  std::string out(name);
  out += '{';
  for (const auto& [label, value] : labels) {
    if (out.back() != '{') out += ',';
    out += label + "=" + quoted(value);
  }
  return out + '}';
}

std::string text_of(const Selector& selector) {
  constexpr const char* kSigns[] = {"=", "!=", "=~", "!~"};
  std::string out = selector.name;
  if (selector.matchers.empty()) return out.empty() ? "{}" : out;
  out += '{';
  for (const auto& one : selector.matchers) {
    if (out.back() != '{') out += ", ";
    out += one.label + kSigns[static_cast<std::size_t>(one.match)] + quoted(one.value);
  }
  return out + '}';
}

}  // namespace telltale::series
