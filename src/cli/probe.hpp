// `probe`: one server without a daemon: conformance, latency, garbage, recovery, as a score card
// for people (text, HTML) and programs (JSON). The exit code is for CI: 0 no MUST is broken, 1 one
// is (with --strict a SHOULD counts too), 2 the server could not be examined.
#pragma once

#include <string>
#include <vector>

namespace telltale::cli {

struct ProbeArguments {
  std::vector<std::string> target;   // a URL, or a command with its arguments
  std::vector<std::string> headers;  // "Name: value"
  std::vector<std::string> rules, skipped, allowed_tools;
  std::string json, html;  // files; "-" is stdout
  double timeout_s = 60, request_timeout_s = 5;
  bool list_rules = false, strict = false, rules_only = false, evidence = false;
};

int run_probe(const ProbeArguments& arguments);

}  // namespace telltale::cli
