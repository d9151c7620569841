#include "store/schedules.hpp"

namespace telltale::store {
namespace {

Value time_or_null(const std::optional<base::WallTime>& time) {
  return time ? Value(base::unix_ms(*time)) : Value(nullptr);
}

std::optional<base::WallTime> maybe_time(const Row& row, int column) {
  const auto ms = row.maybe_integer(column);
  return ms ? std::optional(base::from_unix_ms(*ms)) : std::nullopt;
}

}  // namespace

base::Result<void> save_schedule(Connection& db, const ScheduleRecord& record) {
  return db.execute(
      "INSERT INTO schedules VALUES(?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET "
      "definition=excluded.definition, owner_id=excluded.owner_id, owner_name=excluded.owner_name, "
      "token=excluded.token, changed_at=excluded.changed_at, handled=excluded.handled",
      {record.id, base::write_json(record.definition), record.owner_id, record.owner_name,
       record.token, base::unix_ms(record.created_at), base::unix_ms(record.changed_at),
       base::unix_ms(record.handled)});
}

base::Result<void> delete_schedule(Connection& db, const std::string& id) {
  if (auto done = db.execute("DELETE FROM schedule_runs WHERE schedule=?", {id}); !done)
    return done;
  return db.execute("DELETE FROM schedules WHERE id=?", {id});
}

base::Result<std::vector<ScheduleRecord>> list_schedules(Connection& db) {
  std::vector<ScheduleRecord> out;
  auto done = db.query(
      "SELECT id, definition, owner_id, owner_name, token, created_at, changed_at, handled "
      "FROM schedules ORDER BY id",
      {}, [&](const Row& row) {
        auto definition = base::parse_json(row.text(1));
        out.push_back({.id = row.text(0),
                       .definition = definition && definition->is_object()
                                         ? std::move(definition->as_object())
                                         : base::JsonObject(),
                       .owner_id = row.text(2),
                       .owner_name = row.text(3),
                       .token = row.text(4),
                       .created_at = base::from_unix_ms(row.integer(5)),
                       .changed_at = base::from_unix_ms(row.integer(6)),
                       .handled = base::from_unix_ms(row.integer(7))});
      });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<void> save_schedule_run(Connection& db, const ScheduleRun& run) {
  auto kept = db.execute(
      "INSERT INTO schedule_runs SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10 WHERE EXISTS(SELECT 1 FROM "
      "schedules WHERE id=?2) ON CONFLICT(id) DO UPDATE SET ended=excluded.ended, "
      "status=excluded.status, operation_id=excluded.operation_id, detail=excluded.detail",
      {run.id, run.schedule, run.cause, run.actor, time_or_null(run.planned),
       base::unix_ms(run.started), time_or_null(run.ended), run.status, run.operation_id,
       run.detail});
  if (!kept) return kept;
  if (run.planned)
    if (auto moved = db.execute("UPDATE schedules SET handled=max(handled, ?) WHERE id=?",
                                {base::unix_ms(*run.planned), run.schedule});
        !moved)
      return moved;
  return db.execute(
      "DELETE FROM schedule_runs WHERE schedule=?1 AND id<(SELECT id FROM schedule_runs WHERE "
      "schedule=?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
      {run.schedule, static_cast<std::int64_t>(kScheduleRunsKept - 1)});
}

base::Result<std::vector<ScheduleRun>> list_schedule_runs(Connection& db,
                                                          const std::string& schedule,
                                                          std::size_t limit) {
  std::vector<ScheduleRun> out;
  auto done = db.query(
      "SELECT id, schedule, cause, actor, planned, started, ended, status, operation_id, detail "
      "FROM schedule_runs WHERE schedule=? ORDER BY id DESC LIMIT ?",
      {schedule, static_cast<std::int64_t>(limit)}, [&](const Row& row) {
        out.push_back({.id = row.text(0),
                       .schedule = row.text(1),
                       .cause = row.text(2),
                       .actor = row.text(3),
                       .planned = maybe_time(row, 4),
                       .started = base::from_unix_ms(row.integer(5)),
                       .ended = maybe_time(row, 6),
                       .status = row.text(7),
                       .operation_id = row.text(8),
                       .detail = row.text(9)});
      });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<void> interrupt_schedule_runs(Connection& db, base::WallTime now) {
  return db.execute(
      "UPDATE schedule_runs SET status='interrupted', ended=?, detail='the server ended while it "
      "ran' WHERE status='running'",
      {base::unix_ms(now)});
}

}  // namespace telltale::store
