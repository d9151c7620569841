// The card as one page that stands alone, in the reader's theme.
#include <fmt/format.h>

#include "lab/card/card.hpp"
#include "report/html.hpp"

namespace telltale::lab {
namespace {

using report::Cell;
using report::Tone;
using Rows = std::vector<std::vector<Cell>>;

Cell number(double value, int digits = 0) {
  return {.text = fmt::format("{:.{}f}", value, digits), .number = true};
}
Cell count(std::size_t value, Tone tone = Tone::none) {
  return {.text = std::to_string(value), .tone = value > 0 ? tone : Tone::none, .number = true};
}
Tone tone_of(double share) {
  return share >= 0.9 ? Tone::good : share >= 0.6 ? Tone::warning : Tone::bad;
}

void add_score(report::HtmlPage& page, const ScoreCard& card) {
  page.heading("Score");
  Rows rows;
  for (const auto& part : card.parts) {
    if (part.counted)
      rows.push_back({{.text = part.name},
                      {.text = fmt::format("{:.1f}", part.points),
                       .tone = tone_of(part.points / part.weight),
                       .number = true},
                      number(part.weight),
                      {.text = part.why}});
    else
      rows.push_back({{.text = part.name},
                      {.text = "–", .number = true},
                      {.text = "not counted", .number = true},
                      {.text = part.why}});
  }
  page.table("The score is the points over the weights that count, of 100.",
             {"Part", "Points", "Weight", "Why"}, rows);
}

void add_findings(report::HtmlPage& page, const ConformanceResult& result) {
  page.heading("Findings");
  Rows rows;
  for (const auto level : {Level::must, Level::should})
    for (const auto& one : result.rules) {
      if (!one.finding || one.rule->level != level) continue;
      std::string evidence;
      for (const auto& line : one.finding->evidence)
        evidence += (evidence.empty() ? "" : "\n") + line.substr(0, 300);
      rows.push_back({{.text = std::string(level_name(level)),
                       .tone = level == Level::must ? Tone::bad : Tone::warning},
                      {.text = one.finding->rule},
                      {.text = one.finding->section},
                      {.text = one.finding->detail},
                      {.text = one.finding->remedy},
                      {.text = evidence}});
    }
  if (rows.empty())
    page.paragraph("None: every rule that applies is kept.", Tone::good);
  else
    page.table("", {"Level", "Rule", "Section", "Seen", "Remedy", "Evidence"}, rows);
}

void add_groups(report::HtmlPage& page, const ConformanceResult& result) {
  page.heading("Conformance");
  Rows rows;
  for (const auto& group : groups_of(result))
    rows.push_back({{.text = group.name},
                    count(group.passed, Tone::good),
                    count(group.failed, Tone::bad),
                    count(group.not_applicable)});
  page.table("", {"Group", "Passed", "Failed", "Not applicable"}, rows);
}

void add_measured(report::HtmlPage& page, const ScoreCard& card) {
  page.heading("Latency");
  Rows rows;
  for (const auto& line : card.latency) {
    if (line.calls == 0)
      rows.push_back({{.text = line.name}, count(0), {.text = line.why_not}});
    else
      rows.push_back({{.text = line.name},
                      count(line.calls),
                      count(line.errors, Tone::warning),
                      number(line.p50_ms, 2),
                      number(line.p99_ms, 2),
                      number(line.max_ms, 2)});
  }
  page.table("Milliseconds, after a warm-up; only tools marked read-only are called.",
             {"Call", "Calls", "Errors", "p50", "p99", "max"}, rows);
  page.heading("Garbage");
  rows.clear();
  for (const auto& one : card.conformance.garbage)
    rows.push_back(
        {{.text = one.name},
         {.text = one.what},
         {.text = one.answer, .tone = one.wants_error && !one.refused ? Tone::warning : Tone::none},
         {.text = one.alive ? "alive" : "dead", .tone = one.alive ? Tone::good : Tone::bad}});
  page.table("What it was sent, what it answered, and whether it lived.",
             {"Input", "What", "Answer", "After it"}, rows);
  page.heading("Recovery");
  if (card.recovery.ms.empty()) return page.paragraph(card.recovery.why_not);
  std::string all;
  for (const auto ms : card.recovery.ms)
    all += fmt::format("{}{:.0f} ms", all.empty() ? "" : ", ", ms);
  page.paragraph("From kill -9 to the first answer of the next instance: " + all);
}

}  // namespace

std::string card_html(const ScoreCard& card) {
  const auto& result = card.conformance;
  report::HtmlPage page(server_name(card), report::Theme::automatic);
  page.paragraph(fmt::format("Examined by telltale probe at {} in {:.1f} s: {}",
                             base::format_rfc3339(card.at), card.took_s, card.target));
  const auto broken = result.count(RuleOutcome::failed, Level::must);
  page.figures(
      {{"Score of 100",
        {.text = fmt::format("{:.0f}", card.score), .tone = tone_of(card.score / 100)}},
       {"Protocol", {.text = result.version}},
       {"Transport", {.text = result.stdio ? "stdio" : "HTTP"}},
       {"MUST broken", {.text = std::to_string(broken), .tone = broken ? Tone::bad : Tone::good}},
       {"SHOULD broken",
        {.text = std::to_string(result.count(RuleOutcome::failed, Level::should))}},
       {"Rules kept", {.text = std::to_string(result.count(RuleOutcome::passed))}},
       {"Tools", {.text = std::to_string(result.tools.size())}}});
  add_score(page, card);
  add_findings(page, result);
  add_groups(page, result);
  if (card.measured) add_measured(page, card);
  return page.take();
}

}  // namespace telltale::lab
