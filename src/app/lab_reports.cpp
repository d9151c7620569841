#include "app/lab_reports.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "lab/baseline.hpp"
#include "lab/output/comparison_document.hpp"
#include "lab/output/output.hpp"
#include "lab/run/read_result.hpp"

namespace telltale::app {
namespace {

using base::Json;
using base::JsonObject;
using reporting::Badge;
using reporting::Report;
using runtime::TaskResult;

constexpr std::size_t kSuitesSearched = 10'000;
constexpr std::size_t kRunsSearched = 50;

// A run that is not there, or has no results, is a fault of the request's field.
TaskResult<JsonObject> run_at(store::Store* store, runtime::BlockingPool* blocking, std::string id,
                              std::string field) {
  auto run = co_await lab::read_ended_run(store, blocking, std::move(id));
  if (!run && run.error().code == base::Code::not_found)
    co_return base::bad_field(field, run.error().detail);
  co_return run;
}

Report run_document(JsonObject run) {
  const std::vector<lab::run::RunResult> runs{lab::run::run_of(run)};
  return {.document = lab::output::document(runs),
          .data = std::move(run),
          .own = {{"junit", lab::output::junit(runs)}, {"markdown", lab::output::markdown(runs)}}};
}

TaskResult<Report> run_report(store::Store* store, runtime::BlockingPool* blocking,
                              reporting::Question question) {
  auto run = co_await run_at(store, blocking, std::move(question.run), "/run");
  if (!run) co_return std::unexpected(run.error());
  co_return co_await blocking->run([run = std::move(*run)]() mutable -> base::Result<Report> {
    return run_document(std::move(run));
  });
}

TaskResult<Report> comparison_report(store::Store* store, runtime::BlockingPool* blocking,
                                     reporting::Question question) {
  auto after = co_await run_at(store, blocking, std::move(question.run), "/run");
  if (!after) co_return std::unexpected(after.error());
  auto before = co_await run_at(store, blocking, std::move(question.other), "/other");
  if (!before) co_return std::unexpected(before.error());
  co_return co_await blocking->run([before = Json(std::move(*before)),
                                    after = Json(std::move(*after))]() -> base::Result<Report> {
    auto compared = lab::compare_runs(before, after);
    if (!compared) return std::unexpected(compared.error());
    return Report{.document = lab::output::comparison_document(before, after, *compared),
                  .data = lab::to_json(*compared)};
  });
}

TaskResult<std::optional<store::TestSuiteRecord>> suite_called(store::Store* store,
                                                               std::string name) {
  auto by_id = co_await store::get_test_suite(*store, name, 0);
  if (!by_id || *by_id) co_return by_id;
  auto all = co_await store::list_test_suites(*store, "", kSuitesSearched);
  if (!all) co_return std::unexpected(all.error());
  const auto found = std::ranges::find(*all, name, &store::TestSuiteRecord::name);
  if (found == all->end()) co_return std::nullopt;
  co_return std::move(*found);
}

report::Tone tone_of(std::string_view status) {
  if (status == "passed") return report::Tone::good;
  if (status == "flaky") return report::Tone::warning;
  return status == "failed" || status == "error" ? report::Tone::bad : report::Tone::none;
}

TaskResult<std::optional<Badge>> badge_of_suite(store::Store* store, std::string name) {
  auto suite = co_await suite_called(store, std::move(name));
  if (!suite) co_return std::unexpected(suite.error());
  if (!*suite) co_return std::nullopt;
  Badge out{.left = (*suite)->name, .right = "never run"};
  auto runs = co_await store::list_test_runs(
      *store, {.suite_id = (*suite)->id, .status = {}, .before_id = {}, .limit = kRunsSearched});
  if (!runs) co_return std::unexpected(runs.error());
  for (const auto& run : *runs) {
    if (run.status == "running" || base::find_bool(run.summary, "partial").value_or(false))
      continue;
    out.right = run.status;
    out.tone = tone_of(run.status);
    const auto* const totals = base::find_object(run.summary, "totals");
    const auto cases = totals == nullptr ? 0 : base::find_integer(*totals, "cases").value_or(0);
    if (cases > 0)
      out.right += fmt::format(" · {} of {}",
                               base::find_integer(*totals, "passed").value_or(0) +
                                   base::find_integer(*totals, "flaky").value_or(0),
                               cases);
    break;
  }
  co_return out;
}

}  // namespace

void add_lab_kinds(reporting::Desk::Parts& parts) {
  parts.kinds["run"] = {
      .permission = "tests:read",
      .of_runs = true,
      .junit = true,
      .make = [store = &parts.store, blocking = &parts.blocking](reporting::Question question) {
        return run_report(store, blocking, std::move(question));
      }};
  parts.kinds["comparison"] = {
      .permission = "tests:read",
      .of_runs = true,
      .make = [store = &parts.store, blocking = &parts.blocking](reporting::Question question) {
        return comparison_report(store, blocking, std::move(question));
      }};
}

reporting::FindBadge suite_badge(store::Store& store) {
  return [store = &store](const runtime::Actor&, const std::string& name) {
    return badge_of_suite(store, name);
  };
}

}  // namespace telltale::app
