// Jobs that run by the clock (schedule/scheduler.hpp) and what became of their runs: the newest 200
// of each. Functions over a Connection.
#pragma once

#include "base/json.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct ScheduleRecord {
  std::string id;
  base::JsonObject definition;
  std::string owner_id, owner_name;
  std::string token;  // of the API token it was made with; "" for none
  base::WallTime created_at, changed_at;
  base::WallTime handled;  // what came until then is done with
};

struct ScheduleRun {
  std::string id;
  std::string schedule;
  std::string cause;  // schedule, missed, manual
  std::string actor;
  std::optional<base::WallTime> planned;
  base::WallTime started;
  std::optional<base::WallTime> ended;
  std::string status;  // running, completed, failed, skipped, missed, interrupted
  std::string operation_id;
  std::string detail;
};

constexpr std::size_t kScheduleRunsKept = 200;

base::Result<void> save_schedule(Connection& db, const ScheduleRecord& record);
base::Result<void> delete_schedule(Connection& db, const std::string& id);
base::Result<std::vector<ScheduleRecord>> list_schedules(Connection& db);  // oldest first
// Also moves `handled` of its schedule on to what was planned, and forgets old runs.
base::Result<void> save_schedule_run(Connection& db, const ScheduleRun& run);
base::Result<std::vector<ScheduleRun>> list_schedule_runs(Connection& db,
                                                          const std::string& schedule,
                                                          std::size_t limit);  // newest first
// At start: what was running when the last process ended.
base::Result<void> interrupt_schedule_runs(Connection& db, base::WallTime now);

}  // namespace telltale::store
