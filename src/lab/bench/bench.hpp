// Benchmarks of a server: rounds of calls in a closed loop, warmed up before, and with a second
// server the rounds of both in turn (A B, B A, …) so that a noisy machine is noisy for both. One
// loop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/describe.hpp"
#include "lab/compare/speed.hpp"
#include "lab/connect.hpp"
#include "lab/run/latency.hpp"
#include "lab/tool_call.hpp"

namespace telltale::lab {

struct BenchOptions {
  std::vector<ToolCall> calls;
  std::string versus;
  int rounds = 12;
  int calls_per_round = 100;
  int callers = 1;
  int warm_up = 500;
  double timeout_ms = 30'000;
  double least_percent = 2;
  std::string fail_on;
};
BOOST_DESCRIBE_STRUCT(BenchOptions, (),
                      (calls, versus, rounds, calls_per_round, callers, warm_up, timeout_ms,
                       least_percent, fail_on))
constexpr auto field_rules(const BenchOptions*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "calls",
                .help = "made in turn; without: ping",
                .maximum = 100,
                .has_default = true},
      FieldRule{.name = "versus",
                .help = "another server of the suite that is measured in turn with this one",
                .maximum = 200,
                .has_default = true},
      FieldRule{.name = "rounds", .minimum = 1, .maximum = 10'000, .has_default = true},
      FieldRule{.name = "calls_per_round", .minimum = 1, .maximum = 1'000'000, .has_default = true},
      FieldRule{.name = "callers",
                .help = "at the same time, each with one call under way",
                .minimum = 1,
                .maximum = 200,
                .has_default = true},
      FieldRule{.name = "warm_up",
                .help = "calls of each server before anything counts",
                .minimum = 0,
                .maximum = 1'000'000,
                .has_default = true},
      FieldRule{.name = "timeout_ms",
                .help = "of one call",
                .minimum = 1,
                .maximum = 600'000,
                .has_default = true},
      FieldRule{.name = "least_percent",
                .help = "a smaller difference is none",
                .minimum = 0,
                .maximum = 100,
                .has_default = true},
      FieldRule{.name = "fail_on",
                .help = "fails the case: slower (than `versus`), or slower|cannot-tell",
                .one_of = "|slower|slower-or-cannot-tell",
                .has_default = true}};
}

struct BenchSide {
  run::LatencyHistogram latency;
  std::vector<double> median_ms;         // by round
  std::vector<double> p99_ms;            // by round
  std::vector<double> calls_per_second;  // by round
  std::uint64_t failed = 0;
  std::string failure;  // the first
};

struct BenchResult {
  BenchSide own;
  std::optional<BenchSide> versus;
  std::optional<Comparison> median;  // of our own against the other
  std::optional<Comparison> p99;
};

// `versus`: empty when there is no second server.
runtime::TaskResult<BenchResult> run_bench(
    runtime::Loop* loop, Connect own, Connect versus, BenchOptions options,
    std::function<void(double done, double total, std::string message)> progress);

}  // namespace telltale::lab
