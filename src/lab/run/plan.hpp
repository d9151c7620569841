// What a run will do: the suite's cases multiplied out by both matrices, and which of them were
// asked for. Pure.
#pragma once

#include "lab/run/result.hpp"
#include "lab/suite/suite.hpp"

namespace telltale::lab::run {

struct Selection {
  std::vector<std::string> tags;   // any of them; none: all cases
  std::vector<std::string> cases;  // a whole title, or a part of titles; none: all
};

struct PlannedCase {
  const suite::Case* source = nullptr;  // of the suite
  suite::Variables variables;           // the suite's and both combinations
  CaseResult blank;                     // named, not yet run
};

struct PlannedRow {  // one combination of the suite's matrix
  suite::Variables variables;
  std::vector<PlannedCase> cases;
};

// Cases that were not selected are in no row; rows without cases are left out.
std::vector<PlannedRow> plan(const suite::Suite& suite, const Selection& selection);

}  // namespace telltale::lab::run
