#include "lab/output/output.hpp"

#include <fmt/format.h>

namespace telltale::lab::output {

run::Totals totals(const std::vector<run::RunResult>& runs) {
  run::Totals out;
  for (const auto& one : runs) {
    out.cases += one.totals.cases;
    out.passed += one.totals.passed;
    out.flaky += one.totals.flaky;
    out.failed += one.totals.failed;
    out.errors += one.totals.errors;
    out.skipped += one.totals.skipped;
    out.cancelled += one.totals.cancelled;
  }
  return out;
}

std::string sentence(const run::Totals& totals) {
  std::string out = fmt::format("{} passed", totals.passed);
  const auto add = [&out](std::size_t count, std::string_view what) {
    if (count > 0) out += fmt::format(", {} {}", count, what);
  };
  add(totals.flaky, "flaky");
  add(totals.failed, "failed");
  add(totals.errors, "could not run");
  add(totals.skipped, "skipped");
  add(totals.cancelled, "cancelled");
  return out;
}

base::JsonObject json(const std::vector<run::RunResult>& runs) {
  base::JsonArray all;
  for (const auto& one : runs) all.push_back(run::to_json(one));
  const auto sum = totals(runs);
  return {{"ok", sum.failed + sum.errors + sum.cancelled == 0},
          {"summary", sentence(sum)},
          {"runs", std::move(all)}};
}

}  // namespace telltale::lab::output
