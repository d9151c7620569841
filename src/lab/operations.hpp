// What can be asked of the lab: suites with their versions, runs, what is wrong with a suite.
#pragma once

#include "lab/runs.hpp"
#include "lab/suite_tags.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/operation.hpp"

namespace telltale::lab {

// All of it outlives the catalog.
struct Desk {
  TestRuns& runs;
  store::Store& store;
  runtime::BlockingPool& blocking;
  const run::Kinds& kinds;
  // The last messages with a server of the fleet (fleet.recording).
  std::function<runtime::TaskResult<base::JsonObject>(std::string server)> recording = {};
  SuiteTags tags = {};
};

void declare_operations(runtime::OperationRegistry& registry, Desk& desk);
void declare_run_operations(runtime::OperationRegistry& registry, Desk& desk);
void declare_flaky_operation(runtime::OperationRegistry& registry, Desk& desk);
void declare_comparison_operations(runtime::OperationRegistry& registry, Desk& desk);
void declare_import_operation(runtime::OperationRegistry& registry, Desk& desk);

// Reads a suite that came from outside; all its problems are fields of the error, with line and
// column. And checks what the actor may: a command, the environment and files of this machine take
// server:exec, a URL fleet:define, a server of the fleet tools:call on it.
runtime::TaskResult<suite::Suite> read_given(Desk* desk, std::string text,
                                             runtime::ContextPtr context);
base::Result<void> check_rights(const suite::Suite& suite, const runtime::Actor& actor,
                                bool defining);
base::JsonArray problems_json(const std::vector<suite::Problem>& problems);

}  // namespace telltale::lab
