// A suite file, as anybody may send it: read or refused with places and words, never more cases
// than it may make, and what is fine is fine again.
#include "fuzz.hpp"
#include "lab/standard_kinds.hpp"
#include "lab/suite/suite.hpp"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto& kinds = lab::standard_kinds().table();
  const auto reading = lab::suite::read_suite(text, kinds);
  fuzz::require(reading.problems.size() <= lab::suite::kProblemsLimit, "problems are bounded");
  for (const auto& problem : reading.problems) {
    fuzz::require(!problem.message.empty(), "a problem says what it is");
    fuzz::require(problem.place.line >= 0 && problem.place.column >= 0, "it has a place");
    (void)lab::suite::describe(problem, "x");
  }
  if (!reading.ok()) return 0;
  fuzz::require(!reading.suite.spec.name.empty() && !reading.suite.spec.servers.empty(),
                "a suite has a name and servers");
  std::size_t all = 0;
  for (const auto& one : reading.suite.cases) {
    fuzz::require(kinds.contains(one.spec.kind), "a case has a kind");
    fuzz::require(one.spec.steps.size() <= lab::suite::kStepsLimit, "steps are bounded");
    all += lab::suite::combinations(one.spec.matrix).size();
  }
  fuzz::require(all <= lab::suite::kCasesLimit, "cases are bounded");
  fuzz::require(lab::suite::read_suite(text, kinds).ok(), "read again, it is fine again");
  return 0;
}
