// Runs a suite: for each combination of its matrix fresh servers, setup, the cases (parallel, then
// the serial ones), teardown. A case ends by its time limit whatever its server does; retries tell
// flaky from broken; what explains a failure is kept, nothing else, so a run of any length takes
// bounded memory. On the loop that awaits it. Ends when all cases have, or soon after `ended`
// answers true: what then runs is cancelled, teardown and the closing of servers still happen.
#pragma once

#include "lab/run/kind.hpp"
#include "lab/run/plan.hpp"
#include "lab/run/target.hpp"

namespace telltale::lab::run {

struct Observer {  // on the run's loop; each may be empty
  std::function<void(const CaseResult&)> started = {};
  std::function<void(const CaseResult&)> ended = {};
  std::function<void(const CaseResult&, double done, double total, const std::string&)> progress =
      {};
};

struct RunSettings {
  const Kinds* kinds = nullptr;
  std::string id = {};  // made when empty
  std::uint64_t seed = 1;
  std::optional<int> parallel = {};  // the suite's own without
  bool fail_fast = false;            // nothing new starts after a failure
  bool update_golden = false;
  Selection selection = {};
  TargetSources sources = {};
  Observer observer = {};
  std::function<bool()> ended = {};  // asked ten times a second
};

runtime::Task<RunResult> run(suite::Suite suite, RunSettings settings);

}  // namespace telltale::lab::run
