// One attempt of one case: its context, its time limit, its servers where it has some of its own,
// and what is kept of it. Everything given outlives it. Home loop only.
#pragma once

#include <list>

#include "lab/run/plan.hpp"
#include "lab/run/pool.hpp"
#include "lab/run/runner.hpp"

namespace telltale::lab::run {

struct AttemptSettings {
  runtime::Loop* loop = nullptr;
  Pool* pool = nullptr;
  const Kinds* kinds = nullptr;
  std::list<runtime::CancelSource>* active = nullptr;  // it is in there while it runs
  std::string folder = {};
  base::Duration limit{};
  std::uint64_t seed = 0;
  int number = 1;
  bool isolated = false;  // servers of its own
  bool update_golden = false;
  suite::Variables* saved = nullptr;  // gets what the steps saved
  std::function<void(const CaseResult&, double, double, const std::string&)> progress = {};
};

struct Tried {
  Attempt attempt;
  Outcome outcome;
};

runtime::Task<Tried> attempt(AttemptSettings settings, const PlannedCase* planned);

}  // namespace telltale::lab::run
