// Figures, a table of cases, each failure with what was expected, what came, the messages and the
// server's log; latency and memory as charts.
#include <algorithm>

#include <fmt/format.h>

#include "lab/output/output.hpp"

namespace telltale::lab::output {
namespace {

using report::Cell;
using report::Tone;

constexpr std::size_t kDetailed = 200;  // failures shown whole
constexpr std::size_t kChartsMax = 12;  // of cases that measured

Tone tone_of(run::Status status) {
  return status == run::Status::passed  ? Tone::good
         : status == run::Status::flaky ? Tone::warning
         : run::is_bad(status)          ? Tone::bad
                                        : Tone::none;
}

Cell number(double value) {
  return {.text = fmt::format("{:.1f}", value), .number = true};
}

void add_cases(report::Document& page, const run::RunResult& one) {
  std::vector<std::vector<Cell>> rows;
  rows.reserve(one.cases.size());
  for (const auto& test : one.cases)
    rows.push_back(
        {{.text = std::string(run::status_name(test.status)), .tone = tone_of(test.status)},
         {.text = test.name},
         {.text = test.kind},
         {.text = test.server},
         number(test.duration_ms),
         test.latency ? number(test.latency->p99) : Cell{},
         {.text = run::cut(test.message, 300)}});
  page.table("Cases", {"", "case", "kind", "server", "ms", "p99 ms of its calls", ""},
             std::move(rows));
}

void add_failure(report::Document& page, const run::CaseResult& test) {
  page.heading(test.name);
  page.paragraph(test.message, tone_of(test.status));
  if (test.attempts.empty()) return;
  // Of a flaky case the attempt that failed says something.
  const auto bad = std::ranges::find_if(
      test.attempts, [](const auto& attempt) { return attempt.status != run::Status::passed; });
  const auto& shown = bad == test.attempts.end() ? test.attempts.back() : *bad;
  std::vector<std::vector<Cell>> rows;
  rows.reserve(shown.mismatches.size());
  for (const auto& miss : shown.mismatches)
    rows.push_back({{.text = miss.step},
                    {.text = miss.what},
                    {.text = miss.expected},
                    {.text = miss.diff.empty() ? miss.actual : miss.diff}});
  if (!rows.empty())
    page.table("What did not hold", {"step", "", "expected", "actual"}, std::move(rows));
  rows.clear();
  for (const auto& message : shown.exchanges)
    rows.push_back({number(message.at_ms),
                    {.text = message.direction == '>' ? "to the server" : "from it"},
                    {.text = message.text}});
  if (!rows.empty()) page.table("Messages", {"ms", "", "as on the wire"}, std::move(rows));
  rows.clear();
  for (const auto& line : shown.log) rows.push_back({{.text = line}});
  if (!rows.empty()) page.table("The server's log meanwhile", {"stderr"}, std::move(rows));
}

void add_findings(report::Document& page, const run::RunResult& one) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& test : one.cases)
    for (const auto& finding : test.findings)
      rows.push_back({{.text = std::string(level_name(finding.level)),
                       .tone = finding.level == Level::must ? Tone::bad : Tone::warning},
                      {.text = finding.rule},
                      {.text = finding.section},
                      {.text = finding.detail},
                      {.text = finding.remedy}});
  if (!rows.empty())
    page.table("Findings", {"", "rule", "section", "what was seen", "what to change"},
               std::move(rows));
}

void add_measured(report::Document& page, const run::RunResult& one) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& test : one.cases) {
    if (test.kind == "functional" || !test.latency) continue;
    const auto& latency = *test.latency;
    const auto rate = base::find_number(test.figures, "calls_per_s");
    rows.push_back({{.text = test.name},
                    {.text = std::to_string(latency.count), .number = true},
                    rate ? number(*rate) : Cell{},
                    number(latency.p50),
                    number(latency.p90),
                    number(latency.p99),
                    number(latency.p999),
                    number(latency.max)});
  }
  if (!rows.empty())
    page.table("Measured",
               {"case", "calls", "calls/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"},
               rows);
}

// How the median of calls went: by round of a bench, over the time of a load.
report::Series medians_of(const base::JsonObject& figures, bool& over_time) {
  report::Series out{.name = "median", .points = {}};
  if (const auto* const rounds = base::find_array(figures, "median_ms"))
    for (const auto& value : *rounds)
      if (value.is_number())
        out.points.push_back(
            {static_cast<double>(out.points.size() + 1), value.to_number<double>()});
  over_time = out.points.empty();
  const auto* const moments = over_time ? base::find_array(figures, "series") : nullptr;
  if (moments == nullptr) return out;
  for (const auto& one : *moments)
    if (one.is_object())
      if (const auto at = base::find_number(one.as_object(), "at_s"))
        out.points.push_back(
            {*at, base::find_number(one.as_object(), "p50_ms").value_or(report::kNoValue)});
  return out;
}

void add_speed(report::Document& page, const run::RunResult& one) {
  std::size_t charts = 0;
  for (const auto& test : one.cases) {
    bool over_time = false;
    auto medians = medians_of(test.figures, over_time);
    if (medians.points.size() < 2 || charts++ >= kChartsMax) continue;
    page.chart({.title = test.name + (over_time ? ", median" : ", median of each round"),
                .unit = "ms",
                .x_unit = over_time ? "s" : "",
                .series = {std::move(medians)}});
  }
}

void add_resources(report::Document& page, const run::RunResult& one) {
  if (one.samples.size() < 5) return;
  report::Chart chart{.title = "Memory of the servers", .unit = "MB"};
  for (const auto& sample : one.samples) {
    auto series = std::ranges::find(chart.series, sample.server, &report::Series::name);
    if (series == chart.series.end()) {
      if (chart.series.size() >= 6) continue;
      series = chart.series.insert(chart.series.end(), {.name = sample.server, .points = {}});
    }
    series->points.push_back({sample.at_s, static_cast<double>(sample.memory_bytes) / 1e6});
  }
  page.chart(std::move(chart));
}

}  // namespace

report::Document document(const std::vector<run::RunResult>& runs) {
  const auto sum = totals(runs);
  report::Document page{.title = runs.size() == 1 ? runs.front().suite + ": " + sentence(sum)
                                                  : "Telltale: " + sentence(sum)};
  std::size_t detailed = 0;
  for (const auto& one : runs) {
    page.heading(one.suite);
    page.figures({{"result", {.text = sentence(one.totals), .tone = tone_of(one.status)}},
                  {"cases", {.text = std::to_string(one.totals.cases)}},
                  {"took", {.text = fmt::format("{:.1f} s", one.duration_ms / 1000)}},
                  {"begun", {.text = base::format_rfc3339(one.started)}},
                  {"seed", {.text = std::to_string(one.seed)}}});
    if (!one.message.empty()) page.paragraph(one.message, tone_of(one.status));
    for (const auto& server : one.servers)
      if (const auto* const said = server.value().if_object())
        page.paragraph(
            fmt::format("{}: {} {}, protocol {} over {}", std::string_view(server.key()),
                        base::string_or(*said, "name"), base::string_or(*said, "version"),
                        base::string_or(*said, "protocol"), base::string_or(*said, "transport")));
    add_cases(page, one);
    add_measured(page, one);
    add_speed(page, one);
    add_findings(page, one);
    add_resources(page, one);
    for (const auto& test : one.cases)
      if ((run::is_bad(test.status) || test.status == run::Status::flaky) && detailed++ < kDetailed)
        add_failure(page, test);
  }
  return page;
}

std::string html(const std::vector<run::RunResult>& runs) {
  return report::write_html(document(runs));
}

}  // namespace telltale::lab::output
