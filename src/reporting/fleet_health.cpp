#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/describe.hpp"
#include "base/histogram.hpp"
#include "reporting/kinds.hpp"

namespace telltale::reporting {
namespace {

using report::Cell;
using report::Series;
using report::Tone;

constexpr std::size_t kSumsMax = 200'000;  // servers times spans of time
constexpr std::size_t kCallsMax = 5'000'000;
constexpr std::size_t kToolsMax = 2'000;
constexpr std::size_t kToolsShown = 50;
constexpr std::size_t kServersCharted = 30;
constexpr int kSpans = 100;  // about, of a chart

struct Tool {
  std::uint64_t failed = 0;
  base::Histogram duration_us;
  std::string last_error;
};
struct Server {
  std::vector<store::HealthSum> sums;
  std::int64_t checks = 0, passed = 0;
  std::uint64_t calls = 0, failed = 0, changes = 0;
  double availability() const {
    return checks > 0 ? 100.0 * static_cast<double>(passed) / static_cast<double>(checks)
                      : report::kNoValue;
  }
};
struct Fleet {
  std::map<std::string, Server> servers;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Tool>> tools;
  std::uint64_t calls = 0;
  bool calls_left_out = false;
};

base::Result<Fleet> gather(store::Connection& db, const Question& question,
                           std::chrono::milliseconds span) {
  Fleet out;
  auto sums = store::sum_health(db, question.range, span, kSumsMax);
  if (!sums) return std::unexpected(sums.error());
  for (auto& sum : *sums) {
    if (!question.sees(sum.server)) continue;
    auto& server = out.servers[sum.server];
    server.checks += sum.checks;
    server.passed += sum.passed;
    server.sums.push_back(std::move(sum));
  }
  std::map<std::string, bool, std::less<>> seen;  // asked once a server, not once a call
  auto calls = store::each_call(db, question.range, false, kCallsMax, [&](store::CallRecord call) {
    ++out.calls;
    const auto known = seen.find(call.server);
    const bool sees = known != seen.end()
                          ? known->second
                          : seen.emplace(call.server, question.sees(call.server)).first->second;
    if (!sees) return;
    auto& server = out.servers[call.server];
    ++server.calls;
    server.failed += call.ok ? 0 : 1;
    const auto key = std::pair(call.server, call.tool);
    auto found = out.tools.find(key);
    if (found == out.tools.end()) {
      if (out.tools.size() >= kToolsMax) return;
      found = out.tools.emplace(key, std::make_unique<Tool>()).first;
    }
    auto& tool = *found->second;
    tool.duration_us.record(static_cast<std::uint64_t>(std::max(0.0, call.duration_ms * 1'000)));
    if (!call.ok) {
      ++tool.failed;
      tool.last_error = std::move(call.error);
    }
  });
  if (!calls) return std::unexpected(calls.error());
  out.calls_left_out = out.calls >= kCallsMax;
  auto changes = store::status_changes(db, question.range, 100'000);
  if (!changes) return std::unexpected(changes.error());
  for (const auto& change : *changes)
    if (const auto server = out.servers.find(change.server); server != out.servers.end())
      ++server->second.changes;
  return out;
}

void overview(report::Document& page, const Fleet& fleet) {
  std::int64_t checks = 0, passed = 0;
  std::uint64_t calls = 0, failed = 0;
  std::vector<std::vector<Cell>> rows;
  for (const auto& [name, server] : fleet.servers) {
    checks += server.checks;
    passed += server.passed;
    calls += server.calls;
    failed += server.failed;
    auto availability = number_cell(server.availability(), 2, " %");
    availability.tone = tone_of_availability(server.availability());
    rows.push_back({{.text = name},
                    std::move(availability),
                    number_cell(static_cast<double>(server.checks), 0),
                    number_cell(static_cast<double>(server.changes), 0),
                    number_cell(static_cast<double>(server.calls), 0),
                    {.text = std::to_string(server.failed),
                     .tone = server.failed > 0 ? Tone::warning : Tone::none,
                     .number = true}});
  }
  const auto all = checks > 0 ? 100.0 * static_cast<double>(passed) / static_cast<double>(checks)
                              : report::kNoValue;
  auto availability = number_cell(all, 2, " %");
  availability.tone = tone_of_availability(all);
  page.figures(
      {{"Servers", {.text = std::to_string(fleet.servers.size())}},
       {"Checks passed", std::move(availability)},
       {"Calls", {.text = std::to_string(calls)}},
       {"Calls failed",
        {.text = std::to_string(failed), .tone = failed > 0 ? Tone::warning : Tone::good}}});
  page.heading("Servers");
  if (rows.empty()) return page.paragraph("Nothing was checked or called in this time.");
  page.table("", {"Server", "Checks passed", "Checks", "Changes of status", "Calls", "Failed"},
             std::move(rows));
}

void tools(report::Document& page, const Fleet& fleet) {
  std::vector<const std::pair<const std::pair<std::string, std::string>, std::unique_ptr<Tool>>*>
      sorted;
  sorted.reserve(fleet.tools.size());
  for (const auto& one : fleet.tools) sorted.push_back(&one);
  std::ranges::sort(sorted, std::greater(), [](const auto* one) {
    return std::pair(one->second->failed, one->second->duration_us.count());
  });
  std::vector<std::vector<Cell>> rows;
  const auto ms = [](std::uint64_t us) { return number_cell(static_cast<double>(us) / 1'000, 1); };
  for (const auto* one : sorted) {
    if (rows.size() >= kToolsShown) break;
    const auto& tool = *one->second;
    rows.push_back({{.text = one->first.first},
                    {.text = one->first.second},
                    number_cell(static_cast<double>(tool.duration_us.count()), 0),
                    {.text = std::to_string(tool.failed),
                     .tone = tool.failed > 0 ? Tone::warning : Tone::none,
                     .number = true},
                    ms(tool.duration_us.quantile(0.5)),
                    ms(tool.duration_us.quantile(0.95)),
                    ms(tool.duration_us.max()),
                    {.text = tool.last_error.substr(0, 200)}});
  }
  page.heading("Tools");
  if (rows.empty()) return page.paragraph("No tool was called.");
  // Not among the arguments: they are evaluated in any order, and one of them takes the rows away.
  auto caption =
      fmt::format("Most failures first, {} of {}; times in ms", rows.size(), sorted.size());
  page.table(std::move(caption),
             {"Server", "Tool", "Calls", "Failed", "p50", "p95", "Longest", "Last error"},
             std::move(rows));
}

void charts(report::Document& page, const Fleet& fleet, const store::Range& range) {
  std::size_t drawn = 0;
  const auto epoch = base::unix_seconds(range.from);
  for (const auto& [name, server] : fleet.servers) {
    if (server.sums.empty() || ++drawn > kServersCharted) continue;
    page.heading(name);
    Series passed{.name = "checks passed", .points = {}};
    Series mean{.name = "mean", .points = {}}, worst{.name = "longest", .points = {}};
    for (const auto& sum : server.sums) {
      const auto x = base::unix_seconds(sum.begin) - epoch;
      passed.points.push_back(
          {x, 100.0 * static_cast<double>(sum.passed) / static_cast<double>(sum.checks)});
      mean.points.push_back({x, sum.mean_ms.value_or(report::kNoValue)});
      worst.points.push_back({x, sum.worst_ms.value_or(report::kNoValue)});
    }
    const auto chart = [&](std::string title, std::string unit, std::vector<Series> series) {
      return report::Chart{.title = std::move(title),
                           .unit = std::move(unit),
                           .from = 0,
                           .to = base::unix_seconds(range.to) - epoch,
                           .epoch = epoch,
                           .series = std::move(series)};
    };
    auto availability = chart("Checks passed", "%", {std::move(passed)});
    availability.at_least = 100;
    page.chart(std::move(availability));
    page.chart(chart("Response time of checks", "ms", {std::move(mean), std::move(worst)}));
  }
  if (drawn > kServersCharted)
    page.paragraph(
        fmt::format("Charts of the first {} servers; the table has all.", kServersCharted));
}

base::JsonObject data_of(const Fleet& fleet) {
  base::JsonArray servers, tool_list;
  for (const auto& [name, server] : fleet.servers) {
    base::JsonArray spans;
    for (const auto& sum : server.sums)
      spans.push_back(base::JsonObject{{"time", base::format_rfc3339(sum.begin)},
                                       {"checks", sum.checks},
                                       {"passed", sum.passed},
                                       {"mean_ms", base::to_json(sum.mean_ms)},
                                       {"longest_ms", base::to_json(sum.worst_ms)}});
    servers.push_back(base::JsonObject{
        {"server", name},
        {"checks", server.checks},
        {"passed", server.passed},
        {"availability_percent",
         server.checks > 0 ? base::Json(server.availability()) : base::Json(nullptr)},
        {"status_changes", server.changes},
        {"calls", server.calls},
        {"failed", server.failed},
        {"spans", std::move(spans)}});
  }
  for (const auto& [key, tool] : fleet.tools)
    tool_list.push_back(
        base::JsonObject{{"server", key.first},
                         {"tool", key.second},
                         {"calls", tool->duration_us.count()},
                         {"failed", tool->failed},
                         {"p50_ms", static_cast<double>(tool->duration_us.quantile(0.5)) / 1'000},
                         {"p95_ms", static_cast<double>(tool->duration_us.quantile(0.95)) / 1'000},
                         {"last_error", tool->last_error}});
  return {{"servers", std::move(servers)},
          {"tools", std::move(tool_list)},
          {"calls_left_out", fleet.calls_left_out}};
}

}  // namespace

base::Result<Report> fleet_health(store::Connection& db, const Question& question) {
  const auto& range = question.range;
  const auto span = std::max<std::chrono::milliseconds>((range.to - range.from) / kSpans,
                                                        std::chrono::minutes(1));
  auto fleet = gather(db, question, span);
  if (!fleet) return std::unexpected(fleet.error());
  Report out{.document = {.title = "Fleet health"}, .data = data_of(*fleet)};
  out.document.paragraph(shown_time(range.from) + " to " + shown_time(range.to));
  overview(out.document, *fleet);
  tools(out.document, *fleet);
  if (fleet->calls_left_out)
    out.document.paragraph(fmt::format("More than {} calls: the others are left out.", kCallsMax),
                           Tone::warning);
  charts(out.document, *fleet, range);
  return out;
}

}  // namespace telltale::reporting
