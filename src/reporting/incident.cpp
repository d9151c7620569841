#include <algorithm>

#include <fmt/format.h>

#include "reporting/kinds.hpp"

namespace telltale::reporting {
namespace {

using report::Cell;
using report::Tone;

constexpr std::size_t kRowsMax = 500;  // of each list
constexpr int kSpans = 120;

int colour_of(std::string_view status) {
  if (status == "healthy") return 3;
  if (status == "degraded" || status == "starting") return 2;
  return status == "stopped" || status == "disabled" ? 6 : 5;
}

std::string words_of(const store::StatusChange& change) {
  const auto text = [&](std::string_view key) { return base::string_or(change.data, key); };
  if (change.type == "mcp_status_change")
    return text("old_status") + " → " + text("new_status") +
           (text("reason").empty() ? "" : ": " + text("reason"));
  if (change.type == "circuit_breaker_state")
    return "circuit " + text("old_state") + " → " + text("new_state");
  return "disabled: " + text("reason");
}

report::Lane lane_of(const std::vector<store::StatusChange>& changes, double epoch, double end) {
  report::Lane out{.name = "status", .spans = {}};
  const auto close = [&](double at) {
    if (!out.spans.empty()) out.spans.back().to = at;
  };
  for (const auto& change : changes) {
    if (change.type != "mcp_status_change") continue;
    const auto at = base::unix_seconds(change.time) - epoch;
    const auto before = base::string_or(change.data, "old_status");
    if (out.spans.empty() && !before.empty())
      out.spans.push_back({.from = 0, .to = at, .text = before, .colour = colour_of(before)});
    close(at);
    const auto status = base::string_or(change.data, "new_status");
    out.spans.push_back({.from = at, .to = end, .text = status, .colour = colour_of(status)});
  }
  return out;
}

base::JsonArray calls_as_json(const std::vector<store::CallRecord>& calls) {
  base::JsonArray out;
  for (const auto& call : calls)
    out.push_back(base::JsonObject{{"time", base::format_rfc3339(call.time)},
                                   {"tool", call.tool},
                                   {"actor", call.actor},
                                   {"duration_ms", call.duration_ms},
                                   {"error", call.error}});
  return out;
}

}  // namespace

base::Result<Report> incident(store::Connection& db, const Question& question) {
  const auto& range = question.range;
  if (!question.sees(range.server))
    return base::fail(base::Code::not_found, "no server is called " + range.server);
  const auto span = std::max<std::chrono::milliseconds>((range.to - range.from) / kSpans,
                                                        std::chrono::seconds(1));
  auto sums = store::sum_health(db, range, span, 10 * kRowsMax);
  if (!sums) return std::unexpected(sums.error());
  auto changes = store::status_changes(db, range, kRowsMax);
  if (!changes) return std::unexpected(changes.error());
  auto logs = store::loud_logs(db, range, kRowsMax);
  if (!logs) return std::unexpected(logs.error());
  std::vector<store::CallRecord> calls;
  auto failed = store::each_call(db, range, true, kRowsMax,
                                 [&](store::CallRecord call) { calls.push_back(std::move(call)); });
  if (!failed) return std::unexpected(failed.error());
  std::ranges::reverse(calls);

  Report out{.document = {.title = "Incident: " + range.server}, .data = {}};
  auto& page = out.document;
  page.paragraph(shown_time(range.from) + " to " + shown_time(range.to));
  std::int64_t checks = 0, passed = 0;
  const auto epoch = base::unix_seconds(range.from);
  const auto end = base::unix_seconds(range.to) - epoch;
  report::Series mean{.name = "mean", .points = {}}, worst{.name = "longest", .points = {}};
  for (const auto& sum : *sums) {
    checks += sum.checks;
    passed += sum.passed;
    const auto x = base::unix_seconds(sum.begin) - epoch;
    mean.points.push_back({x, sum.mean_ms.value_or(report::kNoValue)});
    worst.points.push_back({x, sum.worst_ms.value_or(report::kNoValue)});
  }
  const auto percent = checks > 0
                           ? 100.0 * static_cast<double>(passed) / static_cast<double>(checks)
                           : report::kNoValue;
  auto availability = number_cell(percent, 2, " %");
  availability.tone = tone_of_availability(percent);
  const auto counted = [](std::size_t count, bool full) {
    return Cell{.text = std::to_string(count) + (full ? " or more" : ""),
                .tone = count > 0 ? Tone::warning : Tone::good};
  };
  page.figures({{"Checks passed", std::move(availability)},
                {"Changes", counted(changes->size(), changes->size() == kRowsMax)},
                {"Calls that failed", counted(calls.size(), calls.size() == kRowsMax)},
                {"Warnings in its log", counted(logs->size(), logs->size() == kRowsMax)}});
  report::Chart chart{.title = "Response time of checks",
                      .unit = "ms",
                      .from = 0,
                      .to = end,
                      .epoch = epoch,
                      .series = {std::move(mean), std::move(worst)}};
  for (const auto& call : calls)
    chart.marks.push_back({base::unix_seconds(call.time) - epoch, call.tool + ": " + call.error});
  chart.lanes = {lane_of(*changes, epoch, end)};
  page.chart(std::move(chart));

  const auto list = [&](const char* heading, const char* none, std::vector<std::string> head,
                        std::vector<std::vector<Cell>> rows) {
    page.heading(heading);
    if (rows.empty()) return page.paragraph(none);
    page.table(rows.size() == kRowsMax ? fmt::format("The last {}", kRowsMax) : "", std::move(head),
               std::move(rows));
  };
  base::JsonArray change_list, log_list;
  std::vector<std::vector<Cell>> rows;
  for (const auto& change : *changes) {
    rows.push_back({{.text = shown_time(change.time)}, {.text = words_of(change)}});
    change_list.push_back(base::JsonObject{
        {"time", base::format_rfc3339(change.time)}, {"type", change.type}, {"data", change.data}});
  }
  list("What changed", "Nothing changed.", {"Time", "Change"}, std::exchange(rows, {}));
  for (const auto& call : calls)
    rows.push_back({{.text = shown_time(call.time)},
                    {.text = call.tool},
                    {.text = call.actor},
                    number_cell(call.duration_ms, 1, " ms"),
                    {.text = call.error, .tone = Tone::bad}});
  list("Calls that failed", "No call failed.", {"Time", "Tool", "User", "Took", "Error"},
       std::exchange(rows, {}));
  for (const auto& line : *logs) {
    rows.push_back(
        {{.text = shown_time(line.time)},
         {.text = line.level, .tone = line.level == "warning" ? Tone::warning : Tone::bad},
         {.text = line.message.substr(0, 2'000)}});
    log_list.push_back(base::JsonObject{{"time", base::format_rfc3339(line.time)},
                                        {"level", line.level},
                                        {"message", line.message}});
  }
  list("Its log", "No warnings in its log.", {"Time", "Level", "Message"}, std::move(rows));
  out.data = {{"server", range.server},
              {"checks", checks},
              {"passed", passed},
              {"changes", std::move(change_list)},
              {"failed_calls", calls_as_json(calls)},
              {"logs", std::move(log_list)}};
  return out;
}

std::string shown_time(base::WallTime at) {
  auto text = base::format_rfc3339(at);
  text[10] = ' ';
  return text.substr(0, 19) + " UTC";
}

report::Cell number_cell(double value, int digits, std::string_view unit) {
  if (std::isnan(value)) return {.text = "–", .number = true};
  return {.text = fmt::format("{:.{}f}{}", value, digits, unit), .number = true};
}

Tone tone_of_availability(double percent) {
  if (std::isnan(percent)) return Tone::none;
  return percent >= 99.9 ? Tone::good : percent >= 99 ? Tone::warning : Tone::bad;
}

}  // namespace telltale::reporting
