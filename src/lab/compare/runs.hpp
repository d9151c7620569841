// Two runs of the same suites side by side, as their JSON (run/result.hpp) has them: what fails
// now, what passes now, what is slower. Cases belong together by suite, name and matrix. A speed is
// judged only where both runs have rounds (kind bench, or load's per second); two single numbers
// tell nothing. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "lab/compare/speed.hpp"

namespace telltale::lab {

struct CaseChange {
  std::string suite;
  std::string name;    // with its place in the matrix: "add [n=3]"
  std::string before;  // its status; "" when it was not there
  std::string after;
  std::string message;  // of the failure, before or after
};

struct CaseSpeed {
  std::string suite;
  std::string name;
  double before_ms = 0;  // median
  double after_ms = 0;
  std::vector<double> rounds_before;  // what the verdict stands on, milliseconds
  std::vector<double> rounds_after;
  Comparison compared;
};

struct RunsCompared {
  std::vector<CaseChange> broken;   // passed before, or is new, and fails now
  std::vector<CaseChange> mended;   // failed before and passes now
  std::vector<CaseChange> failing;  // before and now
  std::vector<CaseChange> flaky;    // now, and not before
  std::vector<CaseChange> gone;     // are not there any more
  std::vector<CaseSpeed> speeds;    // slower ones first, then faster ones
  std::size_t unchanged = 0;
  std::size_t common = 0;  // cases that both have
  std::size_t count(Speed speed) const;
  bool worse() const { return !broken.empty() || count(Speed::slower) > 0; }
};

inline constexpr double kLeastShare = 0.02;  // a smaller difference of speed is none

// Each is a run's object, or what `telltale test --json` writes: {runs: [...]}. An error names what
// is missing in it.
base::Result<RunsCompared> compare_runs(const base::Json& before, const base::Json& after,
                                        double least = kLeastShare);
// Whether it is what compare_runs takes.
base::Result<void> check_run(const base::Json& what);
// What a comparison needs of a run and no more: kept for longer than the run, or in a file.
base::JsonObject slim_run(const base::Json& what);
base::JsonObject to_json(const RunsCompared& compared);
// "1 newly failing, 2 mended, 1 slower, 3 cannot tell"
std::string sentence(const RunsCompared& compared);
std::string to_text(const RunsCompared& compared);  // for a terminal; Markdown reads the same

}  // namespace telltale::lab
