#include "store/history_ranges.hpp"

#include <algorithm>

namespace telltale::store {

// `+server` keeps the index by server out of a query about all of them, and in it else.
base::Result<std::vector<HealthSum>> sum_health(Connection& db, const Range& range,
                                                std::chrono::milliseconds bucket,
                                                std::size_t limit) {
  std::vector<HealthSum> out;
  const auto width = std::max<std::int64_t>(1, bucket.count());
  const auto sql = std::string(
                       "SELECT server, time/?3*?3 AS begin, count(*), sum(ok), "
                       "avg(response_time_ms), max(response_time_ms) FROM health WHERE ") +
                   (range.server.empty() ? "?4=''" : "server=?4") +
                   " AND time>=?1 AND time<?2 GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ?5";
  auto done = db.query(sql,
                       {base::unix_ms(range.from), base::unix_ms(range.to), width, range.server,
                        static_cast<std::int64_t>(limit)},
                       [&](const Row& row) {
                         out.push_back({.server = row.text(0),
                                        .begin = base::from_unix_ms(row.integer(1)),
                                        .checks = row.integer(2),
                                        .passed = row.integer(3),
                                        .mean_ms = row.maybe_number(4),
                                        .worst_ms = row.maybe_number(5)});
                       });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<FallSum>> sum_falls(Connection& db, const Range& range,
                                             std::chrono::milliseconds bucket, std::size_t limit) {
  std::vector<FallSum> out;
  const auto sql =
      std::string(
          "SELECT server, time/?3*?3 AS begin, count(*) FROM (SELECT server, time, ok, lag(ok) "
          "OVER (PARTITION BY server ORDER BY time) AS before FROM health WHERE ") +
      (range.server.empty() ? "?4=''" : "server=?4") +
      " AND time>=?1 AND time<?2) WHERE ok=0 AND before=1 GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ?5";
  auto done = db.query(
      sql,
      {base::unix_ms(range.from), base::unix_ms(range.to),
       std::max<std::int64_t>(1, bucket.count()), range.server, static_cast<std::int64_t>(limit)},
      [&](const Row& row) {
        out.push_back({.server = row.text(0),
                       .begin = base::from_unix_ms(row.integer(1)),
                       .falls = row.integer(2)});
      });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<CallSum>> sum_calls(Connection& db, const Range& range,
                                             std::chrono::milliseconds bucket, std::size_t limit) {
  std::vector<CallSum> out;
  const auto sql =
      std::string("SELECT server, time/?3*?3 AS begin, count(*), sum(ok) FROM calls WHERE ") +
      (range.server.empty() ? "?4=''" : "server=?4") +
      " AND time>=?1 AND time<?2 GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ?5";
  auto done = db.query(
      sql,
      {base::unix_ms(range.from), base::unix_ms(range.to),
       std::max<std::int64_t>(1, bucket.count()), range.server, static_cast<std::int64_t>(limit)},
      [&](const Row& row) {
        out.push_back({.server = row.text(0),
                       .begin = base::from_unix_ms(row.integer(1)),
                       .calls = row.integer(2),
                       .succeeded = row.integer(3)});
      });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<void> each_call(Connection& db, const Range& range, bool failed_only,
                             std::size_t limit, const std::function<void(CallRecord)>& told) {
  const auto sql =
      std::string("SELECT server, tool, actor, time, duration_ms, ok, error FROM calls WHERE ") +
      (range.server.empty() ? "?3=''" : "server=?3") + " AND time>=?1 AND time<?2" +
      (failed_only ? " AND ok=0" : "") +
      // Sorting millions only to sum them up is not worth it.
      (range.server.empty() ? "" : " ORDER BY time DESC") + " LIMIT ?4";
  return db.query(sql,
                  {base::unix_ms(range.from), base::unix_ms(range.to), range.server,
                   static_cast<std::int64_t>(limit)},
                  [&](const Row& row) {
                    told({.server = row.text(0),
                          .tool = row.text(1),
                          .actor = row.text(2),
                          .time = base::from_unix_ms(row.integer(3)),
                          .duration_ms = row.number(4),
                          .ok = row.integer(5) != 0,
                          .error = row.text(6)});
                  });
}

base::Result<std::vector<LogRecord>> loud_logs(Connection& db, const Range& range,
                                               std::size_t limit) {
  std::vector<LogRecord> out;
  auto done = db.query(
      "SELECT log_seq, server, time, stream, level, message FROM logs WHERE server=? AND time>=? "
      "AND time<? AND level IN ('warning','error','critical') ORDER BY log_seq DESC LIMIT ?",
      {range.server, base::unix_ms(range.from), base::unix_ms(range.to),
       static_cast<std::int64_t>(limit)},
      [&](const Row& row) {
        out.push_back({.log_seq = row.integer(0),
                       .server = row.text(1),
                       .time = base::from_unix_ms(row.integer(2)),
                       .stream = row.text(3),
                       .level = row.text(4),
                       .message = row.text(5)});
      });
  if (!done) return std::unexpected(done.error());
  std::ranges::reverse(out);
  return out;
}

base::Result<std::vector<StatusChange>> status_changes(Connection& db, const Range& range,
                                                       std::size_t limit) {
  std::vector<StatusChange> out;
  auto done = db.query(
      "SELECT time, subject, type, data FROM events WHERE time>=?1 AND time<?2 AND (?3='' OR "
      "subject=?3) AND type IN "
      "('mcp_status_change','circuit_breaker_state','mcp_auto_disabled') ORDER BY seq DESC LIMIT "
      "?4",
      {base::unix_ms(range.from), base::unix_ms(range.to), range.server,
       static_cast<std::int64_t>(limit)},
      [&](const Row& row) {
        auto data = base::parse_json(row.text(3));
        out.push_back({.time = base::from_unix_ms(row.integer(0)),
                       .server = row.text(1),
                       .type = row.text(2),
                       .data = data && data->is_object() ? std::move(data->as_object())
                                                         : base::JsonObject()});
      });
  if (!done) return std::unexpected(done.error());
  std::ranges::reverse(out);
  return out;
}

base::Result<std::vector<ChangeMarker>> change_markers(Connection& db, const Range& range,
                                                       std::size_t limit) {
  constexpr auto kSame = std::chrono::seconds(10);
  std::vector<ChangeMarker> out;
  // The terms of the partial index audit_changes, word for word.
  constexpr std::string_view kDone =
      "SELECT time, CASE WHEN action='fleet.reload' THEN '' ELSE subject END AS server, action "
      "FROM audit WHERE action IN ('fleet.create','fleet.update','fleet.delete','fleet.reload',"
      "'fleet.reload_server','fleet.restart') AND outcome='ok' AND time>=?1 AND time<?2 AND "
      "(?3='' OR subject=?3 OR action='fleet.reload') ORDER BY time DESC LIMIT ?4";
  constexpr std::string_view kTold =
      "SELECT time, subject, 'config_changed: ' || coalesce(data->>'kind', 'changed') FROM events "
      "WHERE type='config_changed' AND time>=?1 AND time<?2 AND (?3='' OR subject=?3) "
      "ORDER BY seq DESC LIMIT ?4";
  for (const auto sql : {kDone, kTold}) {
    const auto known = out.size();
    auto done = db.query(sql,
                         {base::unix_ms(range.from), base::unix_ms(range.to), range.server,
                          static_cast<std::int64_t>(limit)},
                         [&](const Row& row) {
                           ChangeMarker one{.time = base::from_unix_ms(row.integer(0)),
                                            .server = row.text(1),
                                            .what = row.text(2)};
                           for (std::size_t i = 0; i < known; ++i)
                             if (out[i].server == one.server && out[i].time - one.time <= kSame &&
                                 one.time - out[i].time <= kSame)
                               return;
                           out.push_back(std::move(one));
                         });
    if (!done) return std::unexpected(done.error());
  }
  std::ranges::sort(out, std::ranges::greater(), &ChangeMarker::time);
  if (out.size() > limit) out.resize(limit);
  return out;
}

}  // namespace telltale::store
