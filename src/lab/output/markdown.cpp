// A summary for a pull request: a line, a table of what is not well, the figures of what measured.
#include <fmt/format.h>

#include "lab/output/output.hpp"

namespace telltale::lab::output {
namespace {

constexpr std::size_t kRows = 100;

// One line of a table's cell: nothing in it ends the cell or makes markup.
std::string cell(std::string_view text, std::size_t limit = 300) {
  std::string out;
  for (const char c : run::cut(std::string(text.substr(0, 4 * limit)), limit)) {
    if (std::string_view("\\`*_{}[]<>#|~").find(c) != std::string_view::npos) out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

std::string_view sign(run::Status status) {
  return status == run::Status::passed  ? "✅"
         : status == run::Status::flaky ? "⚠️"
         : run::is_bad(status)          ? "❌"
                                        : "⏭️";
}

}  // namespace

std::string markdown(const std::vector<run::RunResult>& runs) {
  const auto sum = totals(runs);
  const bool good = sum.failed + sum.errors + sum.cancelled == 0;
  auto out = fmt::format("### {} Telltale: {}\n\n", good ? "✅" : "❌", sentence(sum));
  out += "| suite | cases | result | time |\n|---|---:|---|---:|\n";
  for (const auto& one : runs)
    out += fmt::format("| {} | {} | {} {} | {:.1f} s |\n", cell(one.suite), one.totals.cases,
                       sign(one.status), sentence(one.totals), one.duration_ms / 1000);
  std::size_t rows = 0;
  for (const auto& one : runs)
    for (const auto& test : one.cases) {
      if (!run::is_bad(test.status) && test.status != run::Status::flaky) continue;
      if (rows++ == 0) out += "\n| | case | what happened |\n|---|---|---|\n";
      if (rows <= kRows)
        out += fmt::format("| {} | {} / {} | {} |\n", sign(test.status), cell(test.suite),
                           cell(test.name), cell(test.message));
    }
  if (rows > kRows) out += fmt::format("\n{} more.\n", rows - kRows);
  rows = 0;
  for (const auto& one : runs)
    for (const auto& test : one.cases) {
      if (test.kind == "functional" || !test.latency || rows > kRows) continue;
      if (rows++ == 0)
        out +=
            "\n| measured | calls | p50 ms | p99 ms | p99.9 ms | max ms |\n"
            "|---|---:|---:|---:|---:|---:|\n";
      const auto& latency = *test.latency;
      out += fmt::format("| {} / {} | {} | {:.2f} | {:.2f} | {:.2f} | {:.2f} |\n", cell(test.suite),
                         cell(test.name), latency.count, latency.p50, latency.p99, latency.p999,
                         latency.max);
    }
  return out;
}

}  // namespace telltale::lab::output
