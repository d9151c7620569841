// Tries the attacks of attacks.hpp on a server's tools and resources and looks at the canaries. One
// loop.
#pragma once

#include "base/describe.hpp"
#include "lab/connect.hpp"
#include "lab/finding.hpp"

namespace telltale::lab {

struct SecurityOptions {
  std::vector<std::string> tools;
  std::vector<std::string> rules;
  bool resources = true;
  double timeout_ms = 5000;
};
BOOST_DESCRIBE_STRUCT(SecurityOptions, (), (tools, rules, resources, timeout_ms))
constexpr auto field_rules(const SecurityOptions*) {
  using base::FieldRule;
  return std::array{
      FieldRule{.name = "tools",
                .help = "which are attacked; without: those annotated readOnlyHint",
                .maximum = 500,
                .has_default = true},
      FieldRule{.name = "rules",
                .help = "path-escape, ssrf, command-injection; without: all",
                .maximum = 3,
                .has_default = true},
      FieldRule{.name = "resources", .help = "also resources/read", .has_default = true},
      FieldRule{.name = "timeout_ms",
                .help = "of one call",
                .minimum = 1,
                .maximum = 600'000,
                .has_default = true}};
}

struct SecurityResult {
  std::vector<Finding> findings;  // one of each rule and argument, with the value that did it
  std::uint64_t tried = 0;
  std::uint64_t tools = 0;
  int restarts = 0;  // the server ended while it was attacked
};

runtime::TaskResult<SecurityResult> probe_security(
    runtime::Loop* loop, Connect connect, SecurityOptions options,
    std::function<void(double done, double total, std::string message)> progress);

}  // namespace telltale::lab
