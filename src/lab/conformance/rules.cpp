#include <algorithm>

#include <fmt/format.h>

#include "lab/conformance/judging.hpp"
#include "mcp/protocol.hpp"

namespace telltale::lab {

std::string_view outcome_name(RuleOutcome outcome) noexcept {
  switch (outcome) {
    case RuleOutcome::passed:
      return "passed";
    case RuleOutcome::failed:
      return "failed";
    case RuleOutcome::not_applicable:
      break;
  }
  return "not applicable";
}

std::string Rule::section(mcp::Era era) const {
  const bool modern = era == mcp::Era::modern;
  const auto where = modern ? sections.modern : sections.legacy;
  if (where.starts_with("RFC ") || where.starts_with("JSON-RPC ")) return std::string(where);
  return fmt::format("{} {}", modern ? mcp::kModernVersion : mcp::kNewestLegacy, where);
}

std::span<const Rule* const> all_rules() {
  static const auto kAll = [] {
    std::vector<const Rule*> out;
    for (const auto table :
         {lifecycle_rules(), jsonrpc_rules(), tools_rules(), resources_rules(), prompts_rules(),
          utilities_rules(), caching_rules(), http_rules(), stdio_rules(), security_rules()})
      for (const auto& rule : table) out.push_back(&rule);
    return out;
  }();
  return kAll;
}

const Rule* find_rule(std::string_view id) {
  const auto all = all_rules();
  const auto found = std::ranges::find(all, id, &Rule::id);
  return found == all.end() ? nullptr : *found;
}

std::string why_not(const Rule& rule, const Record& record) {
  const bool modern = record.era == mcp::Era::modern;
  if ((modern ? rule.sections.modern : rule.sections.legacy).empty())
    return fmt::format("no rule of {}", modern ? "2026-07-28" : "2025-11-25 and before");
  // The groups stdio and http say it by their name.
  const bool on_stdio = rule.carrier == Carrier::stdio || rule.group() == "stdio";
  const bool on_http = rule.carrier == Carrier::http || rule.group() == "http";
  if (on_stdio && !record.stdio) return "not over stdio";
  if (on_http && record.stdio) return "not over HTTP";
  return "";
}

}  // namespace telltale::lab
