#include "lab/flaky.hpp"

#include <algorithm>

namespace telltale::lab {

double FlakyCases::Case::rate() const {
  return runs == 0 ? 0 : static_cast<double>(flips + retried) / static_cast<double>(runs);
}

void FlakyCases::close() {
  if (open_.flips >= kFlipsLeast || open_.retried > 0) flaky_.push_back(std::move(open_));
  open_ = {};
}

void FlakyCases::add(store::TestCaseOutcome outcome) {
  if (outcome.suite_id != open_.newest.suite_id || outcome.name != open_.newest.name) close();
  const bool bad = outcome.status == "failed" || outcome.status == "error";
  if (open_.runs > 0 && bad != open_.last_bad) ++open_.flips;
  ++open_.runs;
  open_.last_bad = bad;
  open_.failed += bad ? 1 : 0;
  open_.retried += outcome.status == "flaky" ? 1 : 0;
  open_.history.push_back({{"run_id", outcome.run_id}, {"status", outcome.status}});
  if (outcome.status != "passed" && open_.last_message.empty())
    open_.last_message = outcome.message;
  if (open_.runs == 1) open_.newest = std::move(outcome);
}

base::JsonArray FlakyCases::result(std::size_t limit) {
  close();
  std::ranges::sort(flaky_, [](const Case& a, const Case& b) {
    return a.rate() != b.rate() ? a.rate() > b.rate() : a.newest.name < b.newest.name;
  });
  base::JsonArray out;
  for (auto& one : flaky_) {
    if (out.size() == limit) break;
    out.push_back(
        {{"suite_id", one.newest.suite_id},
         {"suite", one.newest.suite},
         {"case", one.newest.name},
         {"runs", one.runs},
         {"failed", one.failed},
         {"retried", one.retried},
         {"flips", one.flips},
         {"flip_rate",
          one.runs < 2 ? 0.0 : static_cast<double>(one.flips) / static_cast<double>(one.runs - 1)},
         {"status", one.newest.status},
         {"message", one.last_message},
         {"history", std::move(one.history)}});
  }
  return out;
}

}  // namespace telltale::lab
