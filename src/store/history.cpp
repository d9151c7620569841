#include "store/history.hpp"

namespace telltale::store {

void record_health(Store& store, HealthRecord record) {
  store.record([r = std::move(record)](Connection& db) {
    return db.execute("INSERT INTO health VALUES(?,?,?,?,?,?,?)",
                      {r.server, base::unix_ms(r.time), std::int64_t{r.ok}, r.health_status,
                       null_or(r.response_time_ms), r.kind, r.error});
  });
}

void record_call(Store& store, CallRecord record) {
  store.record([r = std::move(record)](Connection& db) {
    return db.execute(
        "INSERT INTO calls VALUES(?,?,?,?,?,?,?,?,?,?,?)",
        {r.id, r.operation_id, r.server, r.tool, r.actor, base::unix_ms(r.time), r.duration_ms,
         std::int64_t{r.ok}, r.error, static_cast<std::int64_t>(r.request_bytes),
         static_cast<std::int64_t>(r.result_bytes)});
  });
}

void record_log(Store& store, LogRecord record) {
  store.record([r = std::move(record)](Connection& db) {
    return db.execute("INSERT OR REPLACE INTO logs VALUES(?,?,?,?,?,?)",
                      {r.server, r.log_seq, base::unix_ms(r.time), r.stream, r.level, r.message});
  });
}

runtime::TaskResult<std::vector<HealthRecord>> list_health(Store& store, std::string server,
                                                           std::size_t limit) {
  return store.read([server = std::move(server),
                     limit](Connection& db) -> base::Result<std::vector<HealthRecord>> {
    std::vector<HealthRecord> out;
    auto done = db.query(
        "SELECT time, ok, health_status, response_time_ms, kind, error FROM health WHERE server=? "
        "ORDER BY time DESC LIMIT ?",
        {server, static_cast<std::int64_t>(limit)}, [&](const Row& row) {
          out.push_back({.server = server,
                         .time = base::from_unix_ms(row.integer(0)),
                         .ok = row.integer(1) != 0,
                         .health_status = row.text(2),
                         .response_time_ms = row.maybe_number(3),
                         .kind = row.text(4),
                         .error = row.text(5)});
        });
    if (!done) return std::unexpected(done.error());
    return out;
  });
}

runtime::TaskResult<std::vector<CallRecord>> list_calls(Store& store, std::string server,
                                                        std::string tool, std::size_t limit) {
  return store.read([=](Connection& db) -> base::Result<std::vector<CallRecord>> {
    std::vector<CallRecord> out;
    auto done = db.query(
        "SELECT id, operation_id, tool, actor, time, duration_ms, ok, error, request_bytes, "
        "result_bytes FROM calls "
        "WHERE server=?1 AND (?2='' OR tool=?2) ORDER BY time DESC LIMIT ?3",
        {server, tool, static_cast<std::int64_t>(limit)}, [&](const Row& row) {
          out.push_back({.id = row.text(0),
                         .operation_id = row.text(1),
                         .server = server,
                         .tool = row.text(2),
                         .actor = row.text(3),
                         .time = base::from_unix_ms(row.integer(4)),
                         .duration_ms = row.number(5),
                         .ok = row.integer(6) != 0,
                         .error = row.text(7),
                         .request_bytes = static_cast<std::size_t>(row.integer(8)),
                         .result_bytes = static_cast<std::size_t>(row.integer(9))});
        });
    if (!done) return std::unexpected(done.error());
    return out;
  });
}

runtime::TaskResult<std::vector<LogRecord>> list_logs(Store& store, LogQuery query) {
  return store.read(
      [query = std::move(query)](Connection& db) -> base::Result<std::vector<LogRecord>> {
        std::vector<LogRecord> out;
        auto done = db.query(
            "SELECT log_seq, time, stream, level, message FROM logs WHERE server=?1 AND (?2=0 OR "
            "log_seq<?2) AND "
            "(?3='' OR level=?3) AND (?4='' OR instr(lower(message), lower(?4))>0) ORDER BY "
            "log_seq DESC LIMIT ?5",
            {query.server, query.before, query.level, query.text,
             static_cast<std::int64_t>(query.limit)},
            [&](const Row& row) {
              out.insert(out.begin(), {.log_seq = row.integer(0),
                                       .server = query.server,
                                       .time = base::from_unix_ms(row.integer(1)),
                                       .stream = row.text(2),
                                       .level = row.text(3),
                                       .message = row.text(4)});
            });
        if (!done) return std::unexpected(done.error());
        return out;
      });
}

std::int64_t last_log_seq(Store& store, const std::string& server) {
  std::int64_t out = 0;
  auto read = store.write_now([&](Connection& db) {
    return db.query("SELECT coalesce(max(log_seq), 0) FROM logs WHERE server=?", {server},
                    [&](const Row& row) { out = row.integer(0); });
  });
  return read ? out : 0;
}

}  // namespace telltale::store
