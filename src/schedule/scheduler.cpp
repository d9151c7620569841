#include "schedule/scheduler.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/random.hpp"
#include "runtime/run.hpp"
#include "runtime/uncancelled.hpp"

namespace telltale::schedule {
namespace {

using base::JsonObject;
using runtime::TaskResult;
using store::ScheduleRun;

// The wall clock may be set: no sleep is longer than this.
constexpr base::Duration kLookAgain = std::chrono::seconds(20);
constexpr std::size_t kHistoryShown = 50;

std::unexpected<base::Error> no_such_job(const std::string& id) {
  return base::fail(base::Code::not_found, "there is no schedule " + id);
}

std::string token_of(const runtime::Actor& actor) {
  return actor.session.starts_with("tok_") ? actor.session : std::string();
}

}  // namespace

Scheduler::Scheduler(Parts parts)
    : parts_(std::move(parts)), changed_(parts_.loop), tasks_(parts_.loop, "schedule") {}

base::Result<std::unique_ptr<Scheduler>> Scheduler::open(Parts parts) {
  std::unique_ptr<Scheduler> out(new Scheduler(std::move(parts)));
  const auto read = out->parts_.store.write_now([&](store::Connection& db) -> base::Result<void> {
    if (auto done = store::interrupt_schedule_runs(db, out->now()); !done) return done;
    auto records = store::list_schedules(db);
    if (!records) return std::unexpected(records.error());
    for (auto& record : *records) {
      auto definition = base::from_json<Definition>(record.definition);
      if (!definition) return std::unexpected(definition.error());
      auto last = store::list_schedule_runs(db, record.id, 1);
      if (!last) return std::unexpected(last.error());
      Job job{.record = record, .definition = std::move(*definition)};
      if (!last->empty()) job.last = std::move(last->front());
      auto timetable = Timetable::open(job.definition.cron, job.definition.time_zone);
      if (timetable)
        job.timetable = std::move(*timetable);
      else
        base::log(base::LogLevel::error, "schedule", "{} does not run: {}", job.definition.name,
                  timetable.error().detail);
      out->jobs_.emplace(record.id, std::move(job));
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  for (const auto& [id, job] : out->jobs_) out->arrange(job);
  return out;
}

void Scheduler::start() {
  tasks_.spawn("schedule.watch", watch(this));
}

runtime::Task<> Scheduler::stop() {
  return tasks_.stop();
}

void Scheduler::arrange(const Job& job) {
  if (!job.definition.enabled || !job.timetable) return agenda_.remove(job.record.id);
  agenda_.put(job.record.id,
              {.timetable = *job.timetable,
               .handled = job.record.handled,
               .jitter = std::chrono::milliseconds(
                   static_cast<std::int64_t>(job.definition.jitter_s * 1'000)),
               .missed = job.definition.missed == "run_once" ? Missed::run_once : Missed::skip});
}

runtime::Task<> Scheduler::watch(Scheduler* self) {
  for (;;) {
    for (auto& due : self->agenda_.take_due(self->now()))
      self->tasks_.spawn("schedule.begin", begin(self, std::move(due)));
    auto wait = kLookAgain;
    if (const auto next = self->agenda_.next_deadline())
      wait = std::clamp<base::Duration>(*next - self->now(), std::chrono::milliseconds(1), wait);
    co_await self->changed_.wait_for(wait);
  }
}

runtime::Task<> Scheduler::begin(Scheduler* self, Due due) {
  const auto found = self->jobs_.find(due.id);
  if (found == self->jobs_.end()) co_return;
  auto& job = found->second;
  job.record.handled = std::max(job.record.handled, due.planned);
  ScheduleRun run{.id = base::new_id("run"),
                  .schedule = due.id,
                  .cause = "schedule",
                  .actor = job.record.owner_name,
                  .planned = due.planned,
                  .started = self->now()};
  if (due.missed > 0) {
    auto missed = run;
    missed.cause = "missed";
    missed.status = "missed";
    missed.ended = run.started;
    missed.detail = std::to_string(due.missed) + (due.missed == 1 ? " run was" : " runs were") +
                    " missed: Telltale did not run, or the machine slept";
    co_await note(self, std::move(missed));
    run.id = base::new_id("run");
    if (!due.run) co_return;
    if (self->now() - due.planned > Agenda::kGrace) run.cause = "missed";
  }
  if (!job.running.empty()) {
    run.status = "skipped";
    run.ended = run.started;
    run.detail = "the run before it had not ended";
    co_await note(self, std::move(run));
    co_return;
  }
  run.status = "running";
  job.running = run.id;
  job.last = run;
  RunRequest request{.owner_id = job.record.owner_id,
                     .token = job.record.token,
                     .operation = job.definition.operation,
                     .arguments = job.definition.arguments};
  co_await Scheduler::run(self, std::move(run), std::move(request));
}

// What did not run is said too.
runtime::Task<> Scheduler::note(Scheduler* self, ScheduleRun run) {
  const auto found = self->jobs_.find(run.schedule);
  if (found == self->jobs_.end()) co_return;
  if (found->second.running.empty()) found->second.last = run;
  self->tell(run, found->second.definition.name);
  co_await write_run(self, std::move(run));
}

runtime::Task<> Scheduler::run(Scheduler* self, ScheduleRun run, RunRequest request) {
  if (const auto job = self->jobs_.find(run.schedule); job != self->jobs_.end())
    self->tell(run, job->second.definition.name);
  co_await write_run(self, run);
  auto end = co_await self->parts_.run(std::move(request));
  run.ended = self->now();
  run.status = end.error.empty() ? "completed" : "failed";
  run.operation_id = std::move(end.operation_id);
  run.detail = std::move(end.error);
  if (const auto job = self->jobs_.find(run.schedule); job != self->jobs_.end()) {
    job->second.running.clear();
    job->second.last = run;
    self->tell(run, job->second.definition.name);
  }
  co_await write_run(self, std::move(run));
}

void Scheduler::tell(const ScheduleRun& run, const std::string& name) {
  auto data = to_json(run);
  data["name"] = name;
  const bool bad = run.status == "failed" || run.status == "missed" || run.status == "skipped";
  parts_.events.publish({.type = "schedule",
                         .channel = "operations",
                         .subject = run.schedule,
                         .severity = bad ? runtime::Severity::warning : runtime::Severity::info,
                         .data = std::move(data)});
}

TaskResult<bool> Scheduler::write_run(Scheduler* self, ScheduleRun run) {
  auto done = co_await self->parts_.store.write(
      "schedule run", [run](store::Connection& db) { return store::save_schedule_run(db, run); });
  if (!done)
    base::log(base::LogLevel::error, "schedule", "a run of {} was not recorded: {}", run.schedule,
              done.error().detail);
  co_return done;
}

base::Result<Timetable> Scheduler::check(const runtime::Actor& actor,
                                         const Definition& definition) const {
  auto timetable = Timetable::open(definition.cron, definition.time_zone);
  if (!timetable) return timetable;
  if (definition.operation.starts_with("schedules."))
    return base::bad_field("/operation", "must not be one of schedules themselves");
  if (auto right = parts_.check(actor, definition.operation, definition.arguments); !right)
    return std::unexpected(right.error());
  return timetable;
}

// One's own; of others' what one may see: arguments may name servers that one must not know.
base::Result<Scheduler::Jobs::iterator> Scheduler::find(const runtime::Actor& actor,
                                                        const std::string& id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || (found->second.record.owner_id != actor.id && !actor.sees_all()))
    return no_such_job(id);
  return found;
}

TaskResult<JsonObject> Scheduler::keep(Scheduler* self, Job job) {
  auto written = co_await runtime::uncancelled(self->parts_.store.write(
      "schedule",
      [record = job.record](store::Connection& db) { return store::save_schedule(db, record); }));
  if (!written) co_return std::unexpected(written.error());
  const auto id = job.record.id;
  if (const auto old = self->jobs_.find(id); old != self->jobs_.end()) {
    job.running = old->second.running;
    job.last = old->second.last;
  }
  self->jobs_.insert_or_assign(id, std::move(job));
  self->arrange(self->jobs_.at(id));
  self->changed_.notify_all();
  co_return self->record_of(self->jobs_.at(id), 10);
}

TaskResult<JsonObject> Scheduler::create(Scheduler* self, runtime::Actor actor,
                                         Definition definition) {
  if (self->jobs_.size() >= kJobsMax)
    co_return base::fail(base::Code::conflict, "there are 1000 schedules, the most there may be");
  auto timetable = self->check(actor, definition);
  if (!timetable) co_return std::unexpected(timetable.error());
  const auto now = self->now();
  Job job{.record = {.id = base::new_id("sch"),
                     .definition = base::to_json(definition).as_object(),
                     .owner_id = actor.id,
                     .owner_name = actor.name,
                     .token = token_of(actor),
                     .created_at = now,
                     .changed_at = now,
                     .handled = now},
          .definition = std::move(definition),
          .timetable = std::move(*timetable)};
  co_return co_await keep(self, std::move(job));
}

TaskResult<JsonObject> Scheduler::update(Scheduler* self, runtime::Actor actor, std::string id,
                                         Definition definition) {
  const auto found = self->find(actor, id);
  if (!found) co_return std::unexpected(found.error());
  auto timetable = self->check(actor, definition);
  if (!timetable) co_return std::unexpected(timetable.error());
  Job job{.record = (*found)->second.record};
  job.record.definition = base::to_json(definition).as_object();
  job.record.owner_id = actor.id;
  job.record.owner_name = actor.name;
  job.record.token = token_of(actor);
  // What the new times had before they were written was not missed.
  job.record.changed_at = job.record.handled = self->now();
  job.definition = std::move(definition);
  job.timetable = std::move(*timetable);
  co_return co_await keep(self, std::move(job));
}

TaskResult<JsonObject> Scheduler::remove(Scheduler* self, runtime::Actor actor, std::string id) {
  if (const auto found = self->find(actor, id); !found) co_return std::unexpected(found.error());
  auto written = co_await runtime::uncancelled(self->parts_.store.write(
      "schedule", [id](store::Connection& db) { return store::delete_schedule(db, id); }));
  if (!written) co_return std::unexpected(written.error());
  self->agenda_.remove(id);
  self->jobs_.erase(id);
  co_return JsonObject{{"id", id}, {"removed", true}};
}

TaskResult<JsonObject> Scheduler::run_now(Scheduler* self, runtime::Actor actor, std::string id) {
  const auto found = self->find(actor, id);
  if (!found) co_return std::unexpected(found.error());
  auto& job = (*found)->second;
  if (!job.running.empty())
    co_return base::fail(base::Code::conflict, "it runs already: " + job.running);
  const auto& wanted = job.definition;
  if (auto may = self->parts_.check(actor, wanted.operation, wanted.arguments); !may)
    co_return std::unexpected(may.error());
  ScheduleRun run{.id = base::new_id("run"),
                  .schedule = id,
                  .cause = "manual",
                  .actor = actor.name,
                  .started = self->now(),
                  .status = "running"};
  RunRequest request{
      .actor = std::move(actor), .operation = wanted.operation, .arguments = wanted.arguments};
  auto out = to_json(run);
  if (!self->tasks_.spawn("schedule.run", Scheduler::run(self, run, std::move(request))))
    co_return base::fail(base::Code::unavailable, "the server is shutting down");
  job.running = run.id;
  job.last = std::move(run);
  co_return out;
}

TaskResult<base::JsonArray> Scheduler::list(Scheduler* self, runtime::Actor actor) {
  base::JsonArray out;
  for (const auto& [id, job] : self->jobs_)
    if (job.record.owner_id == actor.id || actor.sees_all()) out.push_back(self->record_of(job, 3));
  co_return out;
}

TaskResult<JsonObject> Scheduler::get(Scheduler* self, runtime::Actor actor, std::string id) {
  const auto found = self->find(actor, id);
  if (!found) co_return std::unexpected(found.error());
  auto out = self->record_of((*found)->second, 10);
  auto runs = co_await self->parts_.store.read(
      [id](store::Connection& db) { return store::list_schedule_runs(db, id, kHistoryShown); });
  if (!runs) co_return std::unexpected(runs.error());
  base::JsonArray history;
  for (const auto& run : *runs) history.push_back(to_json(run));
  out["history"] = std::move(history);
  co_return out;
}

JsonObject Scheduler::record_of(const Job& job, std::size_t next_runs) const {
  auto out = base::to_json(job.definition).as_object();
  out["id"] = job.record.id;
  out["owner"] = job.record.owner_name;
  out["created_at"] = base::format_rfc3339(job.record.created_at);
  out["changed_at"] = base::format_rfc3339(job.record.changed_at);
  out["running"] = !job.running.empty();
  out["last_run"] = job.last ? base::Json(to_json(*job.last)) : base::Json(nullptr);
  base::JsonArray next;
  if (job.timetable && job.definition.enabled)
    for (const auto at :
         job.timetable->next_runs(std::chrono::floor<std::chrono::seconds>(now()), next_runs))
      next.push_back(base::Json(base::format_rfc3339(at)));
  out["next_runs"] = std::move(next);
  return out;
}

JsonObject to_json(const ScheduleRun& run) {
  const auto time = [](const std::optional<base::WallTime>& at) {
    return at ? base::Json(base::format_rfc3339(*at)) : base::Json(nullptr);
  };
  return {{"run_id", run.id},
          {"schedule", run.schedule},
          {"cause", run.cause},
          {"actor", run.actor},
          {"planned", time(run.planned)},
          {"started", base::format_rfc3339(run.started)},
          {"ended", time(run.ended)},
          {"status", run.status},
          {"operation_id", run.operation_id},
          {"detail", run.detail}};
}

}  // namespace telltale::schedule
