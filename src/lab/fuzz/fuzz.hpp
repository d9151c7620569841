// Fuzz: broken messages to a fresh instance over the bare wire. After each the server must still
// answer; what it says meanwhile must be JSON-RPC. One that ended or fell silent is started again,
// and the message that did it is made as small as it still does. Tools are named that no server
// has. One loop.
#pragma once

#include <functional>

#include "base/describe.hpp"
#include "lab/finding.hpp"
#include "mcp/client.hpp"

namespace telltale::lab {

struct FuzzOptions {
  int inputs = 300;
  double timeout_ms = 5000;
  int max_bytes = 65'536;
  int shrink = 20;
  int give_up = 10;
};
BOOST_DESCRIBE_STRUCT(FuzzOptions, (), (inputs, timeout_ms, max_bytes, shrink, give_up))
constexpr auto field_rules(const FuzzOptions*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "inputs",
                .help = "broken messages that are sent",
                .minimum = 1,
                .maximum = 1'000'000,
                .has_default = true},
      FieldRule{.name = "timeout_ms",
                .help = "the server must answer a right request after each within that",
                .minimum = 1,
                .maximum = 600'000,
                .has_default = true},
      FieldRule{.name = "max_bytes",
                .help = "of one message",
                .minimum = 16,
                .maximum = 16'777'216,
                .has_default = true},
      FieldRule{.name = "shrink",
                .help = "fresh instances spent on making a harmful message small",
                .minimum = 0,
                .maximum = 1000,
                .has_default = true},
      FieldRule{.name = "give_up",
                .help = "ends after so many harmful messages",
                .minimum = 1,
                .maximum = 1000,
                .has_default = true}};
}

struct FuzzFailure {
  std::string what;  // "the server ended: …", "no answer any more", "not JSON: …"
  std::string text;  // the smallest found
  std::size_t original_bytes = 0;
  std::uint64_t times = 1;
};

struct FuzzResult {
  std::uint64_t sent = 0;
  std::uint64_t errors = 0;  // answered by a JSON-RPC error
  std::uint64_t quiet = 0;   // not answered at all
  int restarts = 0;
  std::vector<FuzzFailure> failures;
};

runtime::TaskResult<FuzzResult> run_fuzz(
    runtime::Loop* loop, mcp::Target target, mcp::SessionInfo session, FuzzOptions options,
    std::uint64_t seed,
    std::function<void(double done, double total, std::string message)> progress);

}  // namespace telltale::lab
