#include "exposition/metrics_text.hpp"

#include <cmath>

#include <fmt/format.h>

namespace telltale::exposition {
namespace {

void append_escaped(std::string& out, std::string_view value) {
  if (value.find_first_of("\\\"\n") == std::string_view::npos) {
    out += value;
    return;
  }
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
}

// Most are counts: these need no search for the shortest decimal.
void append_number(std::string& out, double value) {
  constexpr double kExact = 9007199254740992;  // 2^53
  if (value >= 0 && value < kExact && value == std::floor(value)) {
    const fmt::format_int digits(static_cast<std::uint64_t>(value));
    out.append(digits.data(), digits.size());
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

}  // namespace

void MetricsText::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                 type == Type::counter ? "counter" : "gauge");
}

void MetricsText::sample(double value, Labels labels) {
  text_ += name_;
  char separator = '{';
  for (const auto& [key, label] : labels) {
    text_ += separator;
    separator = ',';
    text_.append(key).append("=\"");
    append_escaped(text_, label);
    text_ += '"';
  }
  if (labels.size() > 0) text_ += '}';
  text_ += ' ';
  append_number(text_, value);
  text_ += '\n';
}

}  // namespace telltale::exposition
