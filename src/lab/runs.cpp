#include "lab/runs.hpp"

#include "lab/baseline.hpp"
#include "runtime/run.hpp"

namespace telltale::lab {

using base::JsonObject;
using run::CaseResult;

namespace {

constexpr std::size_t kMessageKept = 500;  // beside each case, for what failures have in common

JsonObject brief(const CaseResult& one) {
  return {{"id", one.id},           {"name", one.name},
          {"kind", one.kind},       {"status", run::status_name(one.status)},
          {"message", one.message}, {"duration_ms", one.duration_ms}};
}

// What a list of runs shows.
JsonObject summary_of(const run::RunResult& result, const store::TestRunRecord& record) {
  auto out = run::to_json(result, false);
  out["suite_id"] = record.suite_id;
  out["version"] = record.version;
  out["actor"] = record.actor;
  return out;
}

}  // namespace

TestRuns::TestRuns(RunsSettings settings, runtime::Loop& loop, store::Store& store,
                   runtime::BlockingPool& blocking, runtime::EventSink& events)
    : settings_(std::move(settings)),
      loop_(loop),
      store_(store),
      blocking_(blocking),
      events_(events),
      tasks_(loop, "lab runs") {}

runtime::TaskResult<JsonObject> TestRuns::start(RunRequest request) {
  return runtime::call_on(loop_, start_here(this, std::move(request)));
}
runtime::TaskResult<JsonObject> TestRuns::wait(std::string id) {
  return runtime::call_on(loop_, wait_here(this, std::move(id)));
}
runtime::Task<> TestRuns::stop() {
  return runtime::call_on(loop_, stop_here(this));
}

void TestRuns::cancel(const std::string& id) {
  loop_.post([this, id] {
    if (const auto found = live_.find(id); found != live_.end()) found->second->cancelled = true;
  });
}

void TestRuns::tell(const Live& live, std::string_view what, JsonObject data,
                    runtime::Severity severity) {
  data["event"] = what;
  data["run_id"] = live.record.id;
  data["suite"] = live.record.suite;
  data["suite_id"] = live.record.suite_id;
  data["done"] = live.done;
  data["total"] = live.cases;
  events_.publish({.type = "test_progress",
                   .channel = "tests",
                   .subject = live.record.id,
                   .severity = severity,
                   .data = std::move(data)});
}

run::Observer TestRuns::observe(const LivePtr& live,
                                std::function<void(double, double, const std::string&)> progress) {
  return {
      .started =
          [this, live](const CaseResult& one) {
            auto shown = brief(one);
            shown["status"] = "running";
            tell(*live, "case_started", {{"case", std::move(shown)}});
          },
      .ended =
          [this, live, progress](const CaseResult& one) {
            live->done = std::min(live->done + 1, live->cases);
            tell(*live, "case_ended", {{"case", brief(one)}},
                 run::is_bad(one.status) ? runtime::Severity::warning : runtime::Severity::info);
            if (progress)
              progress(static_cast<double>(live->done), static_cast<double>(live->cases), one.name);
          },
      .progress =
          [this, live](const CaseResult& one, double done, double total,
                       const std::string& message) {
            auto shown = brief(one);
            shown["status"] = "running";
            shown["message"] = message;
            shown["progress"] = total > 0 ? done / total : 0;
            tell(*live, "case_progress", {{"case", std::move(shown)}});
          }};
}

runtime::TaskResult<JsonObject> TestRuns::start_here(TestRuns* self, RunRequest request) {
  if (self->tasks_.stopped())
    co_return base::fail(base::Code::unavailable, "the server is stopping");
  if (self->live_.size() >= self->settings_.at_a_time)
    co_return base::fail(base::Code::rate_limited, "as many test runs as may are under way: " +
                                                       std::to_string(self->settings_.at_a_time));
  const auto live = std::make_shared<Live>(self->loop_);
  for (const auto& row : run::plan(request.suite, request.selection))
    live->cases += row.cases.size();
  if (live->cases == 0)
    co_return base::fail(base::Code::invalid_argument, "no case of the suite was selected");
  live->record = {.id = base::new_id("run_"),
                  .suite_id = std::move(request.suite_id),
                  .suite = request.suite.spec.name,
                  .version = request.version,
                  .status = "running",
                  .actor = std::move(request.actor),
                  .started = self->loop_.clock().wall(),
                  .ended = {},
                  .summary = {},
                  .result = {}};
  run::RunSettings settings{.kinds = self->settings_.kinds,
                            .id = live->record.id,
                            .seed = request.seed == 0 ? base::secure_seed() >> 33U : request.seed,
                            .parallel = request.parallel,
                            .fail_fast = request.fail_fast,
                            .update_golden = false,
                            .selection = std::move(request.selection),
                            .sources = self->settings_.sources,
                            .observer = self->observe(live, std::move(request.progress)),
                            .ended = [live] { return live->cancelled.load(); }};
  live->partial = !settings.selection.tags.empty() || !settings.selection.cases.empty();
  run::RunResult begun;
  begun.id = live->record.id;
  begun.suite = live->record.suite;
  begun.seed = settings.seed;
  begun.started = live->record.started;
  begun.totals.cases = live->cases;
  live->record.summary = summary_of(begun, live->record);
  live->record.summary["partial"] = live->partial;
  // In the list before it is on disk: the limit holds for who comes meanwhile.
  self->live_[live->record.id] = live;
  if (auto stored = co_await store::put_test_run(self->store_, live->record); !stored) {
    self->live_.erase(live->record.id);
    co_return std::unexpected(stored.error());
  }
  self->tell(*live, "started", {});
  self->tasks_.spawn("lab.run", perform(self, live, std::move(request.suite), std::move(settings)));
  co_return live->record.summary;
}

// What the run is against its suite's baseline; with a gate a worse one ends failed.
runtime::Task<> TestRuns::judge(TestRuns* self, LivePtr live, run::RunResult* result,
                                std::shared_ptr<base::Json> whole) {
  if (live->record.suite_id.empty() || result->status == run::Status::cancelled) co_return;
  auto against = co_await compare_with_baseline(&self->store_, &self->blocking_,
                                                live->record.suite_id, whole, live->partial);
  if (!against) {
    result->message = "not compared with the baseline: " + against.error().detail;
    co_return;
  }
  if (!*against) co_return;
  const auto& compared = (*against)->compared;
  const auto& baseline = (*against)->baseline;
  const bool gated = baseline.gate && compared.worse();
  if (gated && !run::is_bad(result->status)) {
    result->status = run::Status::failed;
    result->message = "worse than the baseline: " + sentence(compared);
  }
  auto& object = whole->as_object();
  object["status"] = run::status_name(result->status);
  object["message"] = result->message;
  object["comparison"] = to_json(compared);
  live->verdict = {{"run_id", baseline.run_id},
                   {"gate", baseline.gate},
                   {"worse", compared.worse()},
                   {"summary", sentence(compared)}};
}

runtime::Task<> TestRuns::perform(TestRuns* self, LivePtr live, suite::Suite suite,
                                  run::RunSettings settings) {
  auto result = co_await run::run(std::move(suite), std::move(settings));
  const auto whole = std::make_shared<base::Json>(run::to_json(result));
  co_await judge(self, live, &result, whole);
  auto& record = live->record;
  record.status = std::string(run::status_name(result.status));
  record.ended = result.ended;
  record.summary = summary_of(result, record);
  record.summary["partial"] = live->partial;
  if (!live->verdict.empty()) record.summary["baseline"] = live->verdict;
  record.result = base::write_json(*whole);
  for (const auto& one : result.cases)
    record.cases.push_back(
        {one.name, std::string(run::status_name(one.status)), run::cut(one.message, kMessageKept)});
  auto stored = co_await store::put_test_run(self->store_, record);
  if (!stored) record.summary["message"] = "not stored: " + stored.error().detail;
  record.result.clear();
  record.cases.clear();
  self->tell(*live, "ended", {{"status", record.status}, {"totals", record.summary["totals"]}},
             run::is_bad(result.status) ? runtime::Severity::warning : runtime::Severity::info);
  live->ended.set(record.summary);
  self->live_.erase(record.id);
}

runtime::TaskResult<JsonObject> TestRuns::wait_here(TestRuns* self, std::string id) {
  const auto found = self->live_.find(id);
  if (found != self->live_.end()) {
    const auto live = found->second;
    co_return co_await live->ended.wait();
  }
  auto stored = co_await store::get_test_run(self->store_, id);
  if (!stored) co_return std::unexpected(stored.error());
  if (!*stored) co_return base::fail(base::Code::not_found, "there is no run " + id);
  co_return std::move((*stored)->summary);
}

runtime::TaskResult<bool> TestRuns::forget_old() {
  return store::forget_test_runs(
      store_,
      loop_.clock().wall() - std::chrono::duration_cast<std::chrono::milliseconds>(settings_.keep));
}

// Those that run end by themselves when they are told to: their servers are closed, what they found
// is stored.
runtime::Task<> TestRuns::stop_here(TestRuns* self) {
  constexpr auto kPatience = std::chrono::seconds(5);
  const auto until = self->loop_.clock().now() + kPatience;
  const auto all = self->live_;
  for (const auto& [id, live] : all) live->cancelled = true;
  for (const auto& [id, live] : all) {
    const auto left = until - self->loop_.clock().now();
    if (left > base::Duration::zero()) (void)co_await live->ended.wait_for(left);
  }
  co_await self->tasks_.stop();
}

}  // namespace telltale::lab
