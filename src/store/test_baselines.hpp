// The run that later runs of a suite are measured by: at most one of a suite. What a comparison
// needs of it is kept here, so that it outlives the run.
#pragma once

#include "base/json.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct TestBaselineRecord {
  std::string suite_id;
  std::string run_id;
  bool gate = false;  // a run that is worse ends failed
  double threshold_percent = 2;
  std::string actor;  // who pinned it
  base::WallTime time;
  std::string run = {};  // JSON; left out where it is not asked for
};

// not_found when there is no such suite.
runtime::TaskResult<bool> put_test_baseline(Store& store, TestBaselineRecord record);
runtime::TaskResult<std::optional<TestBaselineRecord>> get_test_baseline(Store& store,
                                                                         std::string suite_id,
                                                                         bool with_run);
runtime::TaskResult<bool> remove_test_baseline(Store& store, std::string suite_id);

}  // namespace telltale::store
