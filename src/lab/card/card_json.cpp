// The card as JSON: docs/lab/README.md lists the members.
#include "lab/card/card.hpp"

namespace telltale::lab {
namespace {

base::JsonObject conformance_json(const ConformanceResult& result) {
  base::JsonArray rules;
  for (const auto& one : result.rules)
    rules.push_back({{"id", one.rule->id},
                     {"level", level_name(one.rule->level)},
                     {"section", one.rule->section(one.era)},
                     {"outcome", outcome_name(one.outcome)},
                     {"detail", one.detail}});
  base::JsonObject groups;
  for (const auto& group : groups_of(result))
    groups[group.name] = {{"passed", group.passed},
                          {"failed", group.failed},
                          {"not_applicable", group.not_applicable}};
  return {{"passed", result.count(RuleOutcome::passed)},
          {"failed", result.count(RuleOutcome::failed)},
          {"not_applicable", result.count(RuleOutcome::not_applicable)},
          {"must_broken", result.count(RuleOutcome::failed, Level::must)},
          {"groups", std::move(groups)},
          {"rules", std::move(rules)}};
}

base::JsonArray latency_json(const ScoreCard& card) {
  base::JsonArray out;
  for (const auto& line : card.latency) {
    base::JsonObject one{{"name", line.name}, {"tool", line.is_tool}, {"calls", line.calls}};
    if (line.calls == 0) {
      one["why_not"] = line.why_not;
    } else {
      one["errors"] = line.errors;
      one["p50_ms"] = line.p50_ms;
      one["p99_ms"] = line.p99_ms;
      one["max_ms"] = line.max_ms;
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

base::JsonObject card_json(const ScoreCard& card) {
  const auto& result = card.conformance;
  base::JsonArray eras, findings, garbage, parts, kills;
  for (const auto era : result.eras) eras.emplace_back(mcp::era_name(era));
  for (const auto& one : result.rules)
    if (one.finding) findings.push_back(to_json(*one.finding));
  for (const auto& one : result.garbage)
    garbage.push_back({{"name", one.name},
                       {"what", one.what},
                       {"wants_error", one.wants_error},
                       {"refused", one.refused},
                       {"alive", one.alive},
                       {"answer", one.answer},
                       {"ms", one.ms}});
  for (const auto& part : card.parts)
    parts.push_back({{"name", part.name},
                     {"weight", part.weight},
                     {"points", part.points},
                     {"counted", part.counted},
                     {"why", part.why}});
  for (const auto ms : card.recovery.ms) kills.emplace_back(ms);
  base::JsonObject out{{"target", card.target},
                       {"at", base::format_rfc3339(card.at)},
                       {"took_s", card.took_s},
                       {"score", {{"value", card.score}, {"parts", std::move(parts)}}},
                       {"protocol", result.version},
                       {"era", result.eras.empty() ? "" : mcp::era_name(result.eras.front())},
                       {"eras", std::move(eras)},
                       {"transport", result.stdio ? "stdio" : "http"},
                       {"server_info", result.server_info},
                       {"capabilities", result.capabilities},
                       {"instructions", result.instructions},
                       {"tools", result.tools},
                       {"resources", result.resources},
                       {"prompts", result.prompts},
                       {"conformance", conformance_json(result)},
                       {"findings", std::move(findings)}};
  if (!card.measured) return out;
  out["connect_ms"] = card.connect_ms;
  out["round_trip_ms"] = card.latency.empty() ? 0 : card.latency.front().p50_ms;
  out["latency"] = latency_json(card);
  out["garbage"] = std::move(garbage);
  out["recovery"] = base::JsonObject{{"kill_to_answer_ms", std::move(kills)}};
  if (!card.recovery.why_not.empty())
    out["recovery"].as_object()["why_not"] = card.recovery.why_not;
  return out;
}

}  // namespace telltale::lab
