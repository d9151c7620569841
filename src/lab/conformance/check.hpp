// check_conformance: plays the scenes against fresh instances of a server, a few at a time, and
// judges the rules. For the command line and for runs alike; needs no daemon. On `loop`, which must
// be the current one; ends by itself (every request has a deadline) or when it is cancelled.
#pragma once

#include "lab/conformance/rule.hpp"
#include "lab/wire/wire.hpp"

namespace telltale::lab {

struct RuleResult {
  const Rule* rule = nullptr;
  RuleOutcome outcome = RuleOutcome::not_applicable;
  std::string detail;              // why it does not apply; failed: as the finding says
  std::optional<Finding> finding;  // failed
  mcp::Era era = mcp::Era::legacy;
};

struct ConformanceSettings {
  std::vector<std::string> only = {};  // ids or groups; none: all
  std::vector<std::string> skip = {};
  base::Duration request_timeout = std::chrono::seconds(5);
  base::Duration era_timeout = std::chrono::seconds(2);  // for server/discover on stdio
  std::vector<std::string> allowed_tools = {};  // may be called besides those with readOnlyHint
  // A scene has ended; rules are judged over all of them. `known` grows once the eras are found.
  std::function<void(std::size_t ended, std::size_t known, const std::string& name)> on_scene = {};
};

// One input that is no message, and what came of it.
struct GarbageResult {
  std::string name;
  std::string what;
  bool wants_error = false;
  bool refused = false;  // with an error
  bool alive = false;
  std::string answer;  // in words
  double ms = 0;
};

struct ConformanceResult {
  std::vector<RuleResult> rules;
  std::vector<GarbageResult> garbage;
  std::vector<mcp::Era> eras;  // that it speaks, modern first
  std::string version;         // of the first of them
  bool stdio = true;
  base::JsonObject server_info;
  base::JsonObject capabilities;
  std::string instructions;
  base::JsonArray tools, resources, prompts;  // as listed
  std::size_t count(RuleOutcome outcome, std::optional<Level> level = {}) const;
};

// An error when there is nobody to examine: it does not start, or speaks neither era.
runtime::TaskResult<ConformanceResult> check_conformance(runtime::Loop* loop, mcp::Target target,
                                                         ConformanceSettings settings);

// Ids and groups that are none, for messages; empty when all are good.
std::vector<std::string> unknown_rules(const std::vector<std::string>& names);

}  // namespace telltale::lab
