// The runs of one invocation, written for others: JUnit for CI, one JSON, a document (a page that
// stands alone, PDF, CSV), Markdown for a pull request. Everything a server said is escaped for
// where it goes. Pure.
#pragma once

#include <string>
#include <vector>

#include "lab/run/result.hpp"
#include "report/document.hpp"

namespace telltale::lab::output {

std::string junit(const std::vector<run::RunResult>& runs);
base::JsonObject json(const std::vector<run::RunResult>& runs);
report::Document document(const std::vector<run::RunResult>& runs);
std::string html(const std::vector<run::RunResult>& runs);
std::string markdown(const std::vector<run::RunResult>& runs);

run::Totals totals(const std::vector<run::RunResult>& runs);
// "12 passed, 1 flaky, 2 failed"
std::string sentence(const run::Totals& totals);

}  // namespace telltale::lab::output
