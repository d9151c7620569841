// What `telltale test` compares a run with: the --json of an earlier run, or a baseline file that
// --update-baseline writes (the same, without what explains failures). Read before anything runs.
#pragma once

#include <optional>

#include "base/json.hpp"
#include "cli/test_suites.hpp"
#include "lab/compare/runs.hpp"

namespace telltale::cli {

struct EarlierRun {
  std::string file;
  base::Json run;
};

// Nothing: none was asked for, or the baseline is yet to be written.
base::Result<std::optional<EarlierRun>> read_earlier(const TestArguments& given);

// Printed as well. An error when both have no case in common.
base::Result<lab::RunsCompared> compare_with(const EarlierRun& earlier, const base::Json& now,
                                             const TestArguments& given);

base::Result<void> write_baseline(const std::string& file, const base::Json& now);

}  // namespace telltale::cli
