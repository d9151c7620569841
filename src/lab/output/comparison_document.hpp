// Two runs side by side as a document: for reports, and for a pull request as Markdown. Pure.
#pragma once

#include "lab/compare/runs.hpp"
#include "report/document.hpp"

namespace telltale::lab::output {

// `before` and `after` as compare_runs took them.
report::Document comparison_document(const base::Json& before, const base::Json& after,
                                     const RunsCompared& compared);
std::string comparison_markdown(const base::Json& before, const base::Json& after,
                                const RunsCompared& compared);

}  // namespace telltale::lab::output
