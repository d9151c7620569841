// The lab's suites, each with all its versions, and their runs. A suite is text: what it means is
// the lab's business. A run is there from before its first case, so that one Telltale died in is
// found again (interrupt_test_runs).
#pragma once

#include <functional>

#include "base/json.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct TestSuiteRecord {
  std::string id;
  std::string name;
  std::int64_t version = 1;
  std::string text;  // of that version; not in lists
  std::string author;
  base::WallTime created;
  base::WallTime changed;
};

struct TestCaseRecord {
  std::string name;  // with its place in the matrix
  std::string status;
  std::string message;
};

struct TestRunRecord {
  std::string id;
  std::string suite_id;  // "" of an inline one
  std::string suite;     // its name
  std::int64_t version = 0;
  std::string status;
  std::string actor;
  base::WallTime started;
  std::optional<base::WallTime> ended;
  base::JsonObject summary;
  std::string result;                      // JSON; not in lists
  std::vector<TestCaseRecord> cases = {};  // only to be written, of a stored suite
};

struct TestRunQuery {
  std::string suite_id;
  std::string status;
  std::string before_id;  // cursor: ids sort by time
  std::size_t limit = 100;
};

inline constexpr std::int64_t kVersionsKept = 50;  // of a suite

// not_found, or conflict when `expected` is not the version it has. 0: whatever it has.
runtime::TaskResult<TestSuiteRecord> put_test_suite(Store& store, TestSuiteRecord record,
                                                    bool create, std::int64_t expected);
runtime::TaskResult<std::vector<TestSuiteRecord>> list_test_suites(Store& store,
                                                                   std::string after_id,
                                                                   std::size_t limit);
// Version 0: the newest.
runtime::TaskResult<std::optional<TestSuiteRecord>> get_test_suite(Store& store, std::string id,
                                                                   std::int64_t version);
runtime::TaskResult<std::vector<TestSuiteRecord>> list_test_suite_versions(Store& store,
                                                                           std::string id);
runtime::TaskResult<bool> remove_test_suite(Store& store, std::string id);

// One outcome of a case: passed, flaky, failed or error.
struct TestCaseOutcome {
  std::string suite_id, suite, name;
  std::string run_id;
  std::string status;
  std::string message;
};
// Of each case the newest `each`, case by case, the newest first. Within Store::read.
base::Result<void> read_test_cases(Connection& db, const std::string& suite_id, std::size_t each,
                                   const std::function<void(TestCaseOutcome)>& on_case);

runtime::TaskResult<bool> put_test_run(Store& store, TestRunRecord record);
runtime::TaskResult<std::vector<TestRunRecord>> list_test_runs(Store& store, TestRunQuery query);
runtime::TaskResult<std::optional<TestRunRecord>> get_test_run(Store& store, std::string id);
// At start: what still says it runs does not.
base::Result<void> interrupt_test_runs(Connection& db, base::WallTime now);
// One round: at most `batch` runs that began before then.
runtime::TaskResult<bool> forget_test_runs(Store& store, base::WallTime before,
                                           std::size_t batch = 200);

}  // namespace telltale::store
