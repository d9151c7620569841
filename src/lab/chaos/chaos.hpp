// Chaos: callers that go on while faults strike (lab/faults), and what the server makes of it.
// While a fault lasts calls may fail; after it the server must answer again within the recovery
// time, and while nothing is wrong no call may fail. A server that was killed or cut off is started
// or connected again. One loop.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lab/connect.hpp"
#include "lab/faults/injector.hpp"
#include "lab/tool_call.hpp"

namespace telltale::lab {

struct ChaosOptions {
  std::vector<FaultSpec> faults;
  std::vector<ToolCall> calls;
  double duration_s = 10;
  int callers = 2;
  double think_ms = 20;
  double timeout_ms = 2000;
  double recovery_ms = 10'000;
  double min_success = 0;
  int calm_failures = 0;
};
BOOST_DESCRIBE_STRUCT(ChaosOptions, (),
                      (faults, calls, duration_s, callers, think_ms, timeout_ms, recovery_ms,
                       min_success, calm_failures))
constexpr auto field_rules(const ChaosOptions*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "faults", .help = "what is done, and when", .minimum = 1, .maximum = 100},
      FieldRule{.name = "calls",
                .help = "made in turn by the callers; without: ping",
                .maximum = 100,
                .has_default = true},
      FieldRule{.name = "duration_s",
                .help = "how long it goes on",
                .minimum = 0.1,
                .maximum = 86'400,
                .has_default = true},
      FieldRule{.name = "callers",
                .help = "at the same time",
                .minimum = 1,
                .maximum = 200,
                .has_default = true},
      FieldRule{.name = "think_ms",
                .help = "between two calls of a caller",
                .minimum = 0,
                .maximum = 60'000,
                .has_default = true},
      FieldRule{.name = "timeout_ms",
                .help = "of one call",
                .minimum = 1,
                .maximum = 600'000,
                .has_default = true},
      FieldRule{.name = "recovery_ms",
                .help = "from the end of a fault, or from a kill, until a call succeeds",
                .minimum = 1,
                .maximum = 600'000,
                .has_default = true},
      FieldRule{.name = "min_success",
                .help = "share of all calls that must succeed in spite of the faults, 0 to 1",
                .minimum = 0,
                .maximum = 1,
                .has_default = true},
      FieldRule{.name = "calm_failures",
                .help = "how many calls may fail although nothing was wrong",
                .minimum = 0,
                .maximum = 1'000'000,
                .has_default = true}};
}

struct CalmFailure {
  double at_s = 0;
  std::string call;
  std::string detail;
};

struct Recovery {
  double at_s = 0;  // since the case began: when service was lost
  double ms = 0;    // until the next call that succeeded
};

struct ChaosResult {
  base::SteadyTime began;
  std::uint64_t calls = 0, succeeded = 0, tool_errors = 0, failed = 0, failed_calm = 0;
  std::vector<CalmFailure> calm;  // the first of them
  std::map<std::string, std::uint64_t> faults;
  std::vector<FaultEvent> events;
  std::vector<Recovery> recoveries;
  int connects = 0;
  bool recovered = false;  // a call succeeded after the last fault, in time
  double recovered_ms = 0;
  std::vector<double> succeeded_per_second;  // by second of the case
  std::vector<double> failed_per_second;
  std::string unreachable;  // why the last try to connect failed, when it did
};

runtime::TaskResult<ChaosResult> run_chaos(
    runtime::Loop* loop, Connect connect, ChaosOptions options, std::uint64_t seed,
    std::function<void(double done, double total, std::string message)> progress);

}  // namespace telltale::lab
