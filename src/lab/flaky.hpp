// Which cases are flaky: those that passed only on a retry, or that go to and fro between passing
// and failing over their last runs. One change is no flake: something was broken or mended. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "store/test_suites.hpp"

namespace telltale::lab {

class FlakyCases {
 public:
  static constexpr std::size_t kFlipsLeast = 2;

  // Outcomes of a case follow each other, the newest first.
  void add(store::TestCaseOutcome outcome);
  // The flakiest first: by flips and retries to a run.
  base::JsonArray result(std::size_t limit);

 private:
  struct Case {
    store::TestCaseOutcome newest;
    std::string last_message;  // of the newest that did not simply pass
    base::JsonArray history;   // {run_id, status}, the newest first
    std::size_t runs = 0, failed = 0, retried = 0, flips = 0;
    bool last_bad = false;
    double rate() const;
  };
  void close();

  Case open_;
  std::vector<Case> flaky_;
};

}  // namespace telltale::lab
