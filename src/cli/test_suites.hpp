// `telltale test`: suites from files or folders, no daemon. A line per case while it runs, a
// summary, and reports for people and CI. 0: all passed (flaky ones included), 1: something failed
// (unless what failed before may) or is worse than in the run it is compared with, 2: it could not
// run (a suite that is wrong, a flag that is).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace telltale::cli {

struct TestArguments {
  std::vector<std::string> suites;
  std::string junit, json, html, markdown;
  std::string import_file;  // a recording, to be a suite
  std::vector<std::string> tags, cases;
  std::optional<int> parallel;
  std::uint64_t seed = 0;
  std::string compare, baseline;  // files
  double threshold_percent = 2;
  std::string fail_on = "any";  // or regression: only what is worse than in the earlier run
  bool update_baseline = false;
  bool update = false, list = false, schema = false, fail_fast = false;
};

int run_tests(const TestArguments& given);

}  // namespace telltale::cli
