// Two runs of the same suites side by side, as their JSON (run/result.hpp) has them: what fails
// now, what passes now, what is slower. Cases belong together by suite, name and matrix. A speed is
// judged only where both runs have rounds (kind bench, or load's per second); two single numbers
// tell nothing. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "lab/compare/speed.hpp"

namespace telltale::lab {

struct CaseChange {
  std::string suite;
  std::string name;    // with its matrix: "add [n=3]"
  std::string before;  // its status; "" when it was not there
  std::string after;
  std::string message;  // of the failure, before or after
};

struct CaseSpeed {
  std::string suite;
  std::string name;
  double before_ms = 0;  // median
  double after_ms = 0;
  Comparison compared;
};

struct RunsCompared {
  std::vector<CaseChange> broken;   // passed before, or is new, and fails now
  std::vector<CaseChange> mended;   // failed before and passes now
  std::vector<CaseChange> failing;  // before and now
  std::vector<CaseChange> flaky;    // now, and not before
  std::vector<CaseChange> gone;     // are not there any more
  std::vector<CaseSpeed> speeds;
  std::size_t unchanged = 0;
  bool slower() const;
};

// Each is a run's object, or what `telltale test --json` writes: {runs: [...]}. An error names what
// is missing in it.
base::Result<RunsCompared> compare_runs(const base::Json& before, const base::Json& after,
                                        double least);
base::JsonObject to_json(const RunsCompared& compared);
std::string to_text(const RunsCompared& compared);  // for a terminal; Markdown reads the same

}  // namespace telltale::lab
