#include "lab/measure/objectives.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace telltale::lab::measure {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

base::Result<Objective> parse_objective(std::string_view text,
                                        std::span<const std::string_view> figures) {
  const auto at = std::min(text.find("<="), text.find(">="));
  if (at == std::string_view::npos)
    return base::fail(base::Code::invalid_argument,
                      "is no objective: FIGURE <= NUMBER or FIGURE >= NUMBER");
  Objective out{.figure = std::string(trimmed(text.substr(0, at))), .at_most = text[at] == '<'};
  if (std::ranges::find(figures, out.figure) == figures.end())
    return base::fail(
        base::Code::invalid_argument,
        fmt::format("\"{}\" is no figure; there are {}", out.figure, fmt::join(figures, ", ")));
  const auto number = trimmed(text.substr(at + 2));
  const auto read = std::from_chars(number.data(), number.data() + number.size(), out.bound);
  if (read.ec != std::errc() || read.ptr != number.data() + number.size())
    return base::fail(base::Code::invalid_argument,
                      "\"" + std::string(number.substr(0, 40)) + "\" is no number");
  return out;
}

void judge(const std::vector<Objective>& objectives, const base::JsonObject& figures,
           std::vector<run::Mismatch>& out) {
  for (const auto& one : objectives) {
    const auto seen = base::find_number(figures, one.figure);
    if (seen && (one.at_most ? *seen <= one.bound : *seen >= one.bound)) continue;
    out.push_back({.step = "objective",
                   .what = one.figure,
                   .expected = fmt::format("{} {}", one.at_most ? "<=" : ">=", one.bound),
                   .actual = seen ? fmt::format("{:.6g}", *seen) : "not measured"});
  }
}

}  // namespace telltale::lab::measure
