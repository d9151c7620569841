// The runs of a daemon: started in the background, told live (`test_progress` on the channel
// `tests`), stored before the first case and after the last. Owned by the composition root; lives
// on one loop, start() and wait() from any loop. stop() ends all that run; they are stored as
// cancelled.
#pragma once

#include <atomic>
#include <map>

#include "lab/run/runner.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/event.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"
#include "store/test_suites.hpp"

namespace telltale::lab {

struct RunsSettings {
  std::size_t at_a_time = 4;
  const run::Kinds* kinds = nullptr;
  run::TargetSources sources = {};
  base::Duration keep = std::chrono::hours(24 * 90);
};

struct RunRequest {
  suite::Suite suite;
  std::string suite_id = {};  // "" of an inline one
  std::int64_t version = 0;
  std::string actor = {};
  std::uint64_t seed = 0;  // 0: another each time
  std::optional<int> parallel = {};
  bool fail_fast = false;
  run::Selection selection = {};
  std::function<void(double done, double total, const std::string& what)> progress = {};
};

class TestRuns {
 public:
  TestRuns(RunsSettings settings, runtime::Loop& loop, store::Store& store,
           runtime::BlockingPool& blocking, runtime::EventSink& events);
  TestRuns(const TestRuns&) = delete;
  TestRuns& operator=(const TestRuns&) = delete;

  // Its record as it begins; rate_limited when as many run as may.
  runtime::TaskResult<base::JsonObject> start(RunRequest request);
  // Without its cases, when it has ended.
  runtime::TaskResult<base::JsonObject> wait(std::string id);
  void cancel(const std::string& id);  // any thread
  runtime::TaskResult<bool> forget_old();
  runtime::Task<> stop();

 private:
  struct Live {
    explicit Live(runtime::Loop& loop) : ended(loop) {}
    std::atomic<bool> cancelled = false;
    runtime::OneShot<base::JsonObject> ended;
    std::size_t cases = 0;
    std::size_t done = 0;
    bool partial = false;  // not all cases were selected
    store::TestRunRecord record;
    base::JsonObject verdict;  // against the suite's baseline, where there is one
  };
  using LivePtr = std::shared_ptr<Live>;

  static runtime::TaskResult<base::JsonObject> start_here(TestRuns* self, RunRequest request);
  static runtime::TaskResult<base::JsonObject> wait_here(TestRuns* self, std::string id);
  static runtime::Task<> stop_here(TestRuns* self);
  static runtime::Task<> perform(TestRuns* self, LivePtr live, suite::Suite suite,
                                 run::RunSettings settings);
  static runtime::Task<> judge(TestRuns* self, LivePtr live, run::RunResult* result,
                               std::shared_ptr<base::Json> whole);
  run::Observer observe(const LivePtr& live,
                        std::function<void(double, double, const std::string&)> progress);
  void tell(const Live& live, std::string_view what, base::JsonObject data,
            runtime::Severity severity = runtime::Severity::info);

  RunsSettings settings_;
  runtime::Loop& loop_;
  store::Store& store_;
  runtime::BlockingPool& blocking_;
  runtime::EventSink& events_;
  std::map<std::string, LivePtr> live_;
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::lab
