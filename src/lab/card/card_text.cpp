// The card for a terminal. What the server said has no control characters when it comes out.
#include <fmt/format.h>

#include "lab/card/card.hpp"

namespace telltale::lab {
namespace {

constexpr std::size_t kEvidenceShown = 160;

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == '\x7f' ? '?' : c;
  return out;
}

std::string eras_of(const ConformanceResult& result) {
  std::string out;
  for (const auto era : result.eras)
    out += (out.empty() ? "" : " and ") + std::string(mcp::era_name(era));
  return out;
}

void add_findings(std::string& out, const ScoreCard& card, Level level, bool evidence) {
  for (const auto& one : card.conformance.rules) {
    if (!one.finding || one.rule->level != level) continue;
    const auto& finding = *one.finding;
    out += fmt::format("  {:<6} {} ({})\n         {}\n         remedy: {}\n", level_name(level),
                       finding.rule, finding.section, plain(finding.detail), finding.remedy);
    if (!evidence) continue;
    for (const auto& line : finding.evidence) {
      const auto shown = plain(line.substr(0, kEvidenceShown));
      out += fmt::format("         {}{}\n", shown, line.size() > kEvidenceShown ? "…" : "");
    }
  }
}

void add_latency(std::string& out, const ScoreCard& card) {
  out += "\nlatency                            calls  errors    p50 ms    p99 ms    max ms\n";
  std::size_t skipped = 0;
  for (const auto& line : card.latency) {
    if (line.calls == 0) {
      ++skipped;
      continue;
    }
    out += fmt::format("  {:<32.32} {:>5}  {:>6}  {:>8.2f}  {:>8.2f}  {:>8.2f}\n", plain(line.name),
                       line.calls, line.errors, line.p50_ms, line.p99_ms, line.max_ms);
  }
  if (skipped > 0)
    out += fmt::format("  {} more were not called (not marked readOnlyHint, or no arguments)\n",
                       skipped);
}

}  // namespace

std::string card_text(const ScoreCard& card, bool evidence) {
  const auto& result = card.conformance;
  std::string out = fmt::format(
      "{}\nprotocol {} ({}) over {}{}; {} tools, {} resources, {} prompts\n\n",
      plain(server_name(card)), plain(result.version), eras_of(result),
      result.stdio ? "stdio" : "HTTP",
      card.connect_ms > 0 ? fmt::format(", connected in {:.0f} ms", card.connect_ms) : "",
      result.tools.size(), result.resources.size(), result.prompts.size());
  out += fmt::format("score {:.0f} of 100\n", card.score);
  for (const auto& part : card.parts)
    out += part.counted ? fmt::format("  {:<13} {:>5.1f} of {:<3} {}\n", part.name, part.points,
                                      part.weight, part.why)
                        : fmt::format("  {:<13} not counted  {}\n", part.name, part.why);
  out += "\nconformance          passed  failed  not applicable\n";
  for (const auto& group : groups_of(result))
    out += fmt::format("  {:<18} {:>6}  {:>6}  {:>14}\n", group.name, group.passed, group.failed,
                       group.not_applicable);
  if (result.count(RuleOutcome::failed) > 0) {
    out += "\nfindings\n";
    add_findings(out, card, Level::must, evidence);
    add_findings(out, card, Level::should, evidence);
  }
  if (!card.measured) return out;
  add_latency(out, card);
  out += "\ngarbage\n";
  for (const auto& one : result.garbage)
    out += fmt::format("  {:<16} {:<42.42} {}\n", one.name, one.what, plain(summary_of(one)));
  out += "\nkill -9 to the next answer: ";
  if (card.recovery.ms.empty()) out += card.recovery.why_not;
  for (std::size_t i = 0; i < card.recovery.ms.size(); ++i)
    out += fmt::format("{}{:.0f} ms", i == 0 ? "" : ", ", card.recovery.ms[i]);
  return out + fmt::format("\n\nexamined in {:.1f} s\n", card.took_s);
}

}  // namespace telltale::lab
