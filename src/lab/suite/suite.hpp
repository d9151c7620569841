// A suite, read and checked: every fault of the text at once, each with line, column, the field and
// what would be right. Reading touches no server and no file but the one given. Any thread.
#pragma once

#include <string>
#include <vector>

#include "lab/suite/kind_table.hpp"
#include "lab/suite/spec.hpp"
#include "lab/suite/variables.hpp"
#include "lab/suite/yaml.hpp"

namespace telltale::lab::suite {

inline constexpr std::size_t kProblemsLimit = 100;

struct Case {
  CaseSpec spec;       // kind filled in
  base::Json options;  // the member of the kind's name
  Place place;
};

struct Suite {
  SuiteSpec spec;
  std::vector<Case> cases;
  std::string file;    // as it was named; "" when it came from elsewhere
  std::string folder;  // of the file: golden files are in it, and it is the servers' by default
  std::string text;

  // It reads something of this machine: a command, the environment. From outside that takes the
  // permission server:exec.
  bool reaches_machine() const;
};

struct Reading {
  Suite suite;
  std::vector<Problem> problems;  // empty: it is fine
  bool ok() const noexcept { return problems.empty(); }
};

Reading read_suite(std::string_view text, const KindTable& kinds, std::string file = {});
base::Result<Reading> read_suite_file(const std::string& path, const KindTable& kinds);
// "suites/a.yaml:3:7: cases[0].steps[0].call must be a string"
std::string describe(const Problem& problem, std::string_view file);

// How a case's text reads for people: "call echo", "read test://a".
std::string describe(const StepSpec& step);
// Values of each variable, all combinations, in the order of the names; one empty one of none.
std::vector<Variables> combinations(const std::map<std::string, std::vector<base::Json>>& matrix);

// The format as JSON Schema 2020-12, for editors; from the same declarations that read it.
base::JsonObject json_schema(const KindTable& kinds);

}  // namespace telltale::lab::suite
