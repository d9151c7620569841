// Does a tool keep what its schemas promise for any input they allow? Values are generated from the
// input schema (generate.hpp), called, judged, and a failing one is made as small as it still
// fails (shrink.hpp). Inputs that break the schema must be refused. A server that dies meanwhile is
// started again. One loop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/describe.hpp"
#include "base/random.hpp"
#include "lab/connect.hpp"

namespace telltale::lab {

struct PropertyOptions {
  std::vector<std::string> tools;
  int runs = 100;
  double timeout_ms = 5000;
  std::string must = "answer";
  bool invalid = true;
  int shrink = 200;
};
BOOST_DESCRIBE_STRUCT(PropertyOptions, (), (tools, runs, timeout_ms, must, invalid, shrink))
constexpr auto field_rules(const PropertyOptions*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "tools",
                .help = "which are called; without: those annotated readOnlyHint",
                .maximum = 500,
                .has_default = true},
      FieldRule{.name = "runs",
                .help = "inputs of each tool",
                .minimum = 1,
                .maximum = 100'000,
                .has_default = true},
      FieldRule{.name = "timeout_ms",
                .help = "an answer within that",
                .minimum = 1,
                .maximum = 600'000,
                .has_default = true},
      FieldRule{.name = "must",
                .help = "answer: any result will do, isError too; succeed: isError fails",
                .one_of = "answer|succeed",
                .has_default = true},
      FieldRule{.name = "invalid",
                .help = "also inputs that the schema forbids, which must be refused",
                .has_default = true},
      FieldRule{.name = "shrink",
                .help = "calls spent on making a failing input small",
                .minimum = 0,
                .maximum = 10'000,
                .has_default = true}};
}

// The first failure of one kind of one tool, with the smallest input found.
struct Counterexample {
  std::string tool;
  std::string what;      // "no answer within 5000 ms", "the server ended", …
  std::string expected;  // what should have been
  base::JsonObject arguments;
  base::JsonObject original;  // as generated
  int shrunk = 0;             // steps from the one to the other
  std::uint64_t times = 1;    // how often it failed that way
};

struct ToolTally {
  std::string tool;
  std::uint64_t calls = 0, ok = 0, tool_errors = 0, refused = 0, invalid = 0;
  bool sure = true;  // false: the schema has parts no values are made for; refusals prove nothing
};

struct PropertyResult {
  std::vector<ToolTally> tools;
  std::vector<Counterexample> failures;
  int restarts = 0;
};

// An error when it could not be tried: no such tool, none that may be called, no connection.
runtime::TaskResult<PropertyResult> check_properties(
    Connect connect, PropertyOptions options, std::uint64_t seed,
    std::function<void(double done, double total, std::string message)> progress);

}  // namespace telltale::lab
