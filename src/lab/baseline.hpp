// The run a suite is measured by: pinned by whoever may write suites, and compared with every run
// that comes after it. With a gate a run that is worse ends failed. Awaited by a run's end
// (runs.cpp) and by the operations. Five thousand cases take their time: they are read and compared
// on the blocking pool.
#pragma once

#include "lab/compare/runs.hpp"
#include "store/test_baselines.hpp"
#include "store/test_suites.hpp"

namespace telltale::lab {

struct AgainstBaseline {
  store::TestBaselineRecord baseline;  // without its run
  RunsCompared compared;
};

// `run` as JSON with its cases, `partial` when not all cases were selected: those left out are not
// gone. Nothing: the suite has no baseline.
runtime::TaskResult<std::optional<AgainstBaseline>> compare_with_baseline(
    store::Store* store, runtime::BlockingPool* blocking, std::string suite_id,
    std::shared_ptr<const base::Json> run, bool partial);

// A stored run with its cases and samples; not_found when it is not there.
runtime::TaskResult<base::JsonObject> read_stored_run(store::Store* store,
                                                      runtime::BlockingPool* blocking,
                                                      std::string run_id);
// The same of a run that is to be compared: it must have ended.
runtime::TaskResult<base::JsonObject> read_ended_run(store::Store* store,
                                                     runtime::BlockingPool* blocking,
                                                     std::string run_id);

base::JsonObject to_json(const store::TestBaselineRecord& baseline);

}  // namespace telltale::lab
