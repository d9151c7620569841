// Scheduler: jobs that start an operation at the times of a cron expression, as the user who wrote
// them and with what that user may do at that moment. Jobs and their runs are in the store; a run
// never overlaps the one before it. Lives on one loop: every method there, but open(). stop()
// cancels its waits for running operations (which go on) before it goes.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "runtime/event.hpp"
#include "runtime/operation.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"
#include "schedule/agenda.hpp"
#include "schedule/definition.hpp"
#include "store/schedules.hpp"

namespace telltale::schedule {

struct RunRequest {
  std::optional<runtime::Actor> actor;  // who asked for it now; none: the owner, as he is now
  std::string owner_id, token;
  std::string operation;
  base::JsonObject arguments;
};
struct RunEnd {
  std::string operation_id;
  std::string error;  // "" when all went well
};

class Scheduler {
 public:
  static constexpr std::size_t kJobsMax = 1'000;
  struct Parts {
    runtime::Loop& loop;
    store::Store& store;
    runtime::EventSink& events;
    // Runs the operation and waits for its end.
    std::function<runtime::Task<RunEnd>(RunRequest)> run;
    // That there is such an operation, that the actor may, that the arguments are right.
    std::function<base::Result<void>(const runtime::Actor&, const std::string& operation,
                                     const base::JsonObject& arguments)>
        check;
  };
  // Blocks (start-up): reads the jobs.
  static base::Result<std::unique_ptr<Scheduler>> open(Parts parts);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  void start();
  runtime::Task<> stop();

  static runtime::TaskResult<base::JsonObject> create(Scheduler* self, runtime::Actor actor,
                                                      Definition definition);
  // Whoever changes a job is its owner from then on: it runs with his rights.
  static runtime::TaskResult<base::JsonObject> update(Scheduler* self, runtime::Actor actor,
                                                      std::string id, Definition definition);
  static runtime::TaskResult<base::JsonObject> remove(Scheduler* self, runtime::Actor actor,
                                                      std::string id);
  // Now, as `actor`; answers when it has begun. conflict: it runs already.
  static runtime::TaskResult<base::JsonObject> run_now(Scheduler* self, runtime::Actor actor,
                                                       std::string id);
  static runtime::TaskResult<base::JsonArray> list(Scheduler* self, runtime::Actor actor);
  // With its history.
  static runtime::TaskResult<base::JsonObject> get(Scheduler* self, runtime::Actor actor,
                                                   std::string id);
  runtime::Loop& loop() noexcept { return parts_.loop; }

 private:
  struct Job {
    store::ScheduleRecord record;
    Definition definition;
    std::optional<Timetable> timetable;  // none: its time zone is gone from this machine
    std::string running;                 // the run's id
    std::optional<store::ScheduleRun> last;
  };
  using Jobs = std::map<std::string, Job>;

  explicit Scheduler(Parts parts);
  base::WallTime now() const { return parts_.loop.clock().wall(); }
  base::Result<Jobs::iterator> find(const runtime::Actor& actor, const std::string& id);
  base::Result<Timetable> check(const runtime::Actor& actor, const Definition& definition) const;
  void arrange(const Job& job);
  base::JsonObject record_of(const Job& job, std::size_t next_runs) const;
  static runtime::TaskResult<base::JsonObject> keep(Scheduler* self, Job job);
  static runtime::TaskResult<bool> write_run(Scheduler* self, store::ScheduleRun run);
  static runtime::Task<> watch(Scheduler* self);
  static runtime::Task<> begin(Scheduler* self, Due due);
  static runtime::Task<> note(Scheduler* self, store::ScheduleRun run);
  static runtime::Task<> run(Scheduler* self, store::ScheduleRun run, RunRequest request);
  void tell(const store::ScheduleRun& run, const std::string& name);

  Parts parts_;
  Jobs jobs_;
  Agenda agenda_;
  runtime::Notifier changed_;
  runtime::TaskGroup tasks_;
};

base::JsonObject to_json(const store::ScheduleRun& run);

}  // namespace telltale::schedule
