#include "lab/run/plan.hpp"

#include <algorithm>
#include <set>

namespace telltale::lab::run {
namespace {

std::string titled(const std::string& name, const suite::Variables& matrix) {
  if (matrix.empty()) return name;
  std::string out = name + " [";
  for (bool first = true; const auto& [key, value] : matrix) {
    out += std::exchange(first, false) ? "" : ", ";
    out += key + "=" + suite::expand_text("${value}", {{"value", value}}).value_or("");
  }
  return cut(out, 400) + "]";
}

bool chosen(const CaseResult& one, const Selection& selection,
            const std::set<std::string>& titles) {
  const auto tagged = [&one](const auto& tag) {
    return std::ranges::find(one.tags, tag) != one.tags.end();
  };
  // A title that is given whole means that case alone: "echo" run again is not "echo twice".
  const auto named = [&](const auto& part) {
    return titles.contains(part) ? one.name == part : one.name.find(part) != std::string::npos;
  };
  return (selection.tags.empty() || std::ranges::any_of(selection.tags, tagged)) &&
         (selection.cases.empty() || std::ranges::any_of(selection.cases, named));
}

}  // namespace

std::vector<PlannedRow> plan(const suite::Suite& suite, const Selection& selection) {
  std::vector<PlannedRow> out;
  const auto& spec = suite.spec;
  std::size_t number = 0;
  std::set<std::string> titles;
  for (const auto& combination : suite::combinations(spec.matrix)) {
    PlannedRow row{.variables = spec.variables, .cases = {}};
    for (const auto& [name, value] : combination) row.variables[name] = value;
    for (const auto& source : suite.cases)
      for (const auto& own : suite::combinations(source.spec.matrix)) {
        PlannedCase one{.source = &source, .variables = row.variables, .blank = {}};
        auto matrix = combination;
        for (const auto& [name, value] : own) matrix[name] = one.variables[name] = value;
        auto& blank = one.blank;
        blank.id = "c" + std::to_string(++number);
        blank.name = titled(source.spec.name, matrix);
        blank.suite = spec.name;
        blank.kind = source.spec.kind;
        blank.server = source.spec.server.empty() && spec.servers.size() == 1
                           ? spec.servers.begin()->first
                           : source.spec.server;
        blank.tags = spec.tags;
        blank.tags.insert(blank.tags.end(), source.spec.tags.begin(), source.spec.tags.end());
        blank.matrix = std::move(matrix);
        blank.line = source.place.line;
        titles.insert(blank.name);
        row.cases.push_back(std::move(one));
      }
    out.push_back(std::move(row));
  }
  for (auto& row : out)
    std::erase_if(row.cases,
                  [&](const PlannedCase& one) { return !chosen(one.blank, selection, titles); });
  std::erase_if(out, [](const PlannedRow& row) { return row.cases.empty(); });
  return out;
}

}  // namespace telltale::lab::run
