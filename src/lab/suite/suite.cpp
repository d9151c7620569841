#include "lab/suite/suite.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/file.hpp"

namespace telltale::lab::suite {
namespace {

using base::Json;

// "/cases/3/steps/0" as people write it: cases[3].steps[0].
std::string readable(std::string_view pointer) {
  std::string out;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    const auto step = pointer.substr(0, end);
    pointer.remove_prefix(end);
    if (!step.empty() && step.find_first_not_of("0123456789") == std::string_view::npos)
      out.append("[").append(step).append("]");
    else
      out.append(out.empty() ? "" : ".").append(step);
  }
  return out;
}

}  // namespace

std::string describe(const Problem& problem, std::string_view file) {
  std::string out(file.empty() ? "suite" : file);
  if (problem.place.line > 0)
    out += fmt::format(":{}:{}", problem.place.line, problem.place.column);
  out += ": ";
  if (!problem.field.empty()) out += readable(problem.field) + " ";
  return out + problem.message;
}

std::string describe(const StepSpec& step) {
  if (step.call) return "call " + *step.call;
  if (step.read) return "read " + *step.read;
  if (step.prompt) return "prompt " + *step.prompt;
  if (step.request) return "request " + *step.request;
  if (step.list) return "list " + *step.list;
  return "ping";
}

std::vector<Variables> combinations(const std::map<std::string, std::vector<Json>>& matrix) {
  std::vector<Variables> out{{}};
  for (const auto& [name, values] : matrix) {
    std::vector<Variables> next;
    for (const auto& row : out)
      for (const auto& value : values) {
        if (next.size() >= kMatrixLimit) break;
        next.push_back(row);
        next.back()[name] = value;
      }
    out = std::move(next);
  }
  return out;
}

bool Suite::reaches_machine() const {
  const auto executes = [](const auto& one) { return !one.second.command.empty(); };
  if (std::ranges::any_of(spec.servers, executes)) return true;
  // The text itself: whatever member it stands in.
  return text.find("${env:") != std::string::npos;
}

base::Result<Reading> read_suite_file(const std::string& path, const KindTable& kinds) {
  const auto text = base::read_file(path, kYamlBytes);
  if (!text) return std::unexpected(text.error());
  auto out = read_suite(*text, kinds, path);
  std::error_code error;
  const auto folder = std::filesystem::absolute(path, error).parent_path();
  out.suite.folder = folder.lexically_normal().string();
  return out;
}

}  // namespace telltale::lab::suite
