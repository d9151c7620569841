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

constexpr std::string_view kTypes[] = {"counter", "gauge", "histogram"};

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

void MetricsText::name_and_labels(std::string_view suffix, Labels labels, std::string_view bound) {
  text_.append(name_).append(suffix);
  char separator = '{';
  const auto put = [&](std::string_view key, std::string_view label) {
    text_ += separator;
    separator = ',';
    text_.append(key).append("=\"");
    append_escaped(text_, label);
    text_ += '"';
  };
  for (const auto& [key, label] : labels) put(key, label);
  if (!bound.empty()) put("le", bound);
  text_ += separator == ',' ? "} " : " ";
}

void MetricsText::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                 kTypes[static_cast<std::size_t>(type)]);
}

void MetricsText::sample(double value, Labels labels) {
  name_and_labels("", labels, "");
  append_number(text_, value);
  text_ += '\n';
}

void MetricsText::histogram(std::span<const double> bounds, std::span<const std::uint64_t> counts,
                            double sum, Labels labels) {
  std::uint64_t total = 0;
  std::string bound;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    bound.clear();
    if (i < bounds.size())
      append_number(bound, bounds[i]);
    else
      bound = "+Inf";
    name_and_labels("_bucket", labels, bound);
    append_number(text_, static_cast<double>(total));
    text_ += '\n';
  }
  name_and_labels("_sum", labels, "");
  append_number(text_, sum);
  text_ += '\n';
  name_and_labels("_count", labels, "");
  append_number(text_, static_cast<double>(total));
  text_ += '\n';
}

}  // namespace telltale::exposition
