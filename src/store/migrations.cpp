#include "store/migrations.hpp"

#include <array>

namespace telltale::store {
namespace {

// Never change a step that has been released: add one. Times are Unix milliseconds, JSON is text.
constexpr std::array<std::string_view, 16> kSteps{R"sql(
CREATE TABLE operations(
  operation_id TEXT PRIMARY KEY, operation TEXT NOT NULL, actor TEXT NOT NULL, subject TEXT NOT NULL,
  arguments TEXT NOT NULL, status TEXT NOT NULL, start_time INTEGER NOT NULL, end_time INTEGER,
  duration_ms REAL, result TEXT, error TEXT, trace_id TEXT NOT NULL);
CREATE INDEX operations_by_time ON operations(start_time);
CREATE TABLE idempotency(
  actor TEXT NOT NULL, key TEXT NOT NULL, body_hash TEXT NOT NULL, operation_id TEXT NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY(actor, key));
CREATE TABLE health(
  server TEXT NOT NULL, time INTEGER NOT NULL, ok INTEGER NOT NULL, health_status TEXT NOT NULL,
  response_time_ms REAL, kind TEXT NOT NULL, error TEXT NOT NULL);
CREATE INDEX health_by_server ON health(server, time);
CREATE TABLE calls(
  id TEXT PRIMARY KEY, operation_id TEXT NOT NULL, server TEXT NOT NULL, tool TEXT NOT NULL, actor TEXT NOT NULL,
  time INTEGER NOT NULL, duration_ms REAL NOT NULL, ok INTEGER NOT NULL, error TEXT NOT NULL,
  request_bytes INTEGER NOT NULL, result_bytes INTEGER NOT NULL);
CREATE INDEX calls_by_server ON calls(server, time);
CREATE TABLE logs(
  server TEXT NOT NULL, log_seq INTEGER NOT NULL, time INTEGER NOT NULL, stream TEXT NOT NULL, level TEXT NOT NULL,
  message TEXT NOT NULL, PRIMARY KEY(server, log_seq));
CREATE INDEX logs_by_time ON logs(time);
CREATE TABLE events(
  seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, type TEXT NOT NULL, channel TEXT NOT NULL, subject TEXT NOT NULL,
  severity INTEGER NOT NULL, data TEXT NOT NULL);
CREATE TABLE servers(
  name TEXT PRIMARY KEY, definition TEXT NOT NULL, created_by TEXT NOT NULL, time INTEGER NOT NULL);
CREATE TABLE server_state(
  name TEXT PRIMARY KEY, desired TEXT NOT NULL, reason TEXT NOT NULL, era TEXT NOT NULL, time INTEGER NOT NULL);
CREATE TABLE users(
  id TEXT PRIMARY KEY, username TEXT NOT NULL, email TEXT NOT NULL, role TEXT NOT NULL, password_hash TEXT NOT NULL,
  disabled INTEGER NOT NULL, must_change_password INTEGER NOT NULL, token_epoch INTEGER NOT NULL,
  created_at INTEGER NOT NULL, last_login_at INTEGER);
CREATE UNIQUE INDEX users_by_name ON users(lower(username));
CREATE UNIQUE INDEX users_by_email ON users(lower(email)) WHERE email <> '';
CREATE TABLE sessions(
  family_id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, token_hash TEXT NOT NULL,
  issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked INTEGER NOT NULL, agent TEXT NOT NULL,
  address TEXT NOT NULL);
CREATE TABLE login_codes(code_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at INTEGER NOT NULL);
CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL);
)sql",
                                                  R"sql(
CREATE TABLE roles(name TEXT PRIMARY KEY, description TEXT NOT NULL, grants TEXT NOT NULL);
CREATE TABLE tokens(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  prefix TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER, last_used_at INTEGER);
ALTER TABLE sessions ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET last_used_at = issued_at;
)sql",
                                                  // The audit: only its end grows.
                                                  R"sql(
CREATE TABLE audit(
  seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, steady_ms INTEGER NOT NULL, actor TEXT NOT NULL, address TEXT NOT NULL,
  action TEXT NOT NULL, subject TEXT NOT NULL, arguments TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL,
  operation_id TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE audit_heads(
  seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, time INTEGER NOT NULL, signature TEXT NOT NULL) STRICT;
CREATE TRIGGER audit_keeps_rows BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_keeps_all BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_grows_at_its_end BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_heads_keep_rows BEFORE UPDATE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_heads_keep_all BEFORE DELETE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
)sql",
                                                  // The keys of sealed values (vault.hpp).
                                                  R"sql(
CREATE TABLE vault_keys(
  id INTEGER PRIMARY KEY, master TEXT NOT NULL, wrapped TEXT NOT NULL, time INTEGER NOT NULL) STRICT;
)sql",
                                                  // What OAuth has given us (oauth_states.hpp).
                                                  R"sql(
CREATE TABLE oauth(
  server TEXT PRIMARY KEY, url TEXT NOT NULL, state TEXT NOT NULL, time INTEGER NOT NULL) STRICT;
)sql",
                                                  // Content that was added or pinned
                                                  // (content_roots.hpp).
                                                  R"sql(
CREATE TABLE content_roots(
  cid TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, blocks INTEGER NOT NULL,
  block_bytes INTEGER NOT NULL, pinned INTEGER NOT NULL, added_by TEXT NOT NULL, added_at INTEGER NOT NULL,
  hashes TEXT NOT NULL) STRICT;
)sql",
                                                  // WebRTC connections that ended
                                                  // (webrtc_history.hpp).
                                                  R"sql(
CREATE TABLE webrtc_history(
  id TEXT PRIMARY KEY, created INTEGER NOT NULL, closed INTEGER NOT NULL, actor TEXT NOT NULL, source TEXT NOT NULL,
  summary TEXT NOT NULL, timeline TEXT NOT NULL) STRICT;
CREATE INDEX webrtc_history_by_time ON webrtc_history(closed);
)sql",
                                                  // The lab's suites and runs (test_suites.hpp).
                                                  R"sql(
CREATE TABLE test_suites(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, author TEXT NOT NULL, created INTEGER NOT NULL,
  changed INTEGER NOT NULL) STRICT;
CREATE TABLE test_suite_versions(
  suite_id TEXT NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL, author TEXT NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY(suite_id, version)) STRICT;
CREATE TABLE test_runs(
  id TEXT PRIMARY KEY, suite_id TEXT NOT NULL, suite TEXT NOT NULL, version INTEGER NOT NULL, status TEXT NOT NULL,
  actor TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, summary TEXT NOT NULL, result TEXT NOT NULL) STRICT;
CREATE INDEX test_runs_by_suite ON test_runs(suite_id, id);
CREATE INDEX test_runs_by_time ON test_runs(started);
)sql",
                                                  // Metrics (series_blocks.hpp); calls by time, for
                                                  // what is asked of all servers.
                                                  R"sql(
CREATE TABLE series(id INTEGER PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL, unit TEXT NOT NULL, UNIQUE(name, labels)) STRICT;
CREATE TABLE series_blocks(
  id INTEGER PRIMARY KEY, series INTEGER NOT NULL, resolution INTEGER NOT NULL, part INTEGER NOT NULL,
  start INTEGER NOT NULL, finish INTEGER NOT NULL, count INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX series_blocks_by_part ON series_blocks(series, resolution, part);
CREATE INDEX series_blocks_by_time ON series_blocks(series, resolution, start);
CREATE INDEX series_blocks_by_age ON series_blocks(resolution, finish);
CREATE INDEX calls_by_time ON calls(time);
)sql",
                                                  // Jobs by the clock and their runs
                                                  // (schedules.hpp); reports (reports.hpp).
                                                  R"sql(
CREATE TABLE schedules(
  id TEXT PRIMARY KEY, definition TEXT NOT NULL, owner_id TEXT NOT NULL, owner_name TEXT NOT NULL,
  token TEXT NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, handled INTEGER NOT NULL) STRICT;
CREATE TABLE schedule_runs(
  id TEXT PRIMARY KEY, schedule TEXT NOT NULL, cause TEXT NOT NULL, actor TEXT NOT NULL, planned INTEGER,
  started INTEGER NOT NULL, ended INTEGER, status TEXT NOT NULL, operation_id TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE INDEX schedule_runs_by_schedule ON schedule_runs(schedule, id);
CREATE TABLE reports(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, parameters TEXT NOT NULL, files TEXT NOT NULL,
  owner_id TEXT NOT NULL, owner_name TEXT NOT NULL, time INTEGER NOT NULL) STRICT;
CREATE INDEX reports_by_time ON reports(time);
)sql",
                                                  // What became of each case of the lab's runs
                                                  // (test_suites.hpp); the run a suite is
                                                  // measured by (test_baselines.hpp); changes of
                                                  // the fleet (history_ranges.hpp).
                                                  R"sql(
CREATE TABLE test_cases(
  suite_id TEXT NOT NULL, name TEXT NOT NULL, run_id TEXT NOT NULL, suite TEXT NOT NULL, started INTEGER NOT NULL,
  status TEXT NOT NULL, message TEXT NOT NULL, PRIMARY KEY(suite_id, name, run_id)) STRICT, WITHOUT ROWID;
CREATE INDEX test_cases_by_run ON test_cases(run_id);
CREATE INDEX test_cases_by_time ON test_cases(started);
INSERT OR REPLACE INTO test_cases SELECT r.suite_id, c.value->>'name', r.id, r.suite, r.started, c.value->>'status',
  coalesce(c.value->>'message', '') FROM test_runs r,
  json_each(CASE WHEN json_valid(r.result) THEN r.result ELSE '{}' END, '$.cases') c WHERE r.suite_id<>'' AND c.value->>'name' IS NOT NULL AND c.value->>'status' IS NOT NULL;
CREATE TABLE test_baselines(
  suite_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, gate INTEGER NOT NULL, threshold_percent REAL NOT NULL,
  actor TEXT NOT NULL, time INTEGER NOT NULL, run TEXT NOT NULL) STRICT;
CREATE INDEX audit_changes ON audit(time) WHERE action IN ('fleet.create','fleet.update','fleet.delete','fleet.reload','fleet.reload_server','fleet.restart') AND outcome='ok';
)sql",
                                                  // What people say and write on charts (chat.hpp,
                                                  // annotations.hpp).
                                                  R"sql(
CREATE TABLE chat(
  id TEXT PRIMARY KEY, room TEXT NOT NULL, author_id TEXT NOT NULL, author_name TEXT NOT NULL, text TEXT NOT NULL,
  time INTEGER NOT NULL) STRICT;
CREATE INDEX chat_by_room ON chat(room, id);
CREATE INDEX chat_by_time ON chat(time);
CREATE TABLE annotations(
  id TEXT PRIMARY KEY, page TEXT NOT NULL, chart TEXT NOT NULL, start INTEGER NOT NULL, finish INTEGER NOT NULL,
  text TEXT NOT NULL, author_id TEXT NOT NULL, author_name TEXT NOT NULL, created INTEGER NOT NULL,
  changed INTEGER NOT NULL, removed INTEGER) STRICT;
CREATE INDEX annotations_by_time ON annotations(start);
CREATE INDEX annotations_by_removal ON annotations(removed) WHERE removed IS NOT NULL;
)sql",
                                                  // The fleet's definitions as they became,
                                                  // change by change (fleet_versions.hpp).
                                                  R"sql(
CREATE TABLE fleet_versions(
  id INTEGER PRIMARY KEY, version INTEGER NOT NULL, time INTEGER NOT NULL, actor TEXT NOT NULL, cause TEXT NOT NULL,
  name TEXT NOT NULL, kind TEXT NOT NULL, origin TEXT NOT NULL, definition TEXT NOT NULL) STRICT;
CREATE INDEX fleet_versions_by_version ON fleet_versions(version);
CREATE INDEX fleet_versions_by_name ON fleet_versions(name, version);
)sql",
                                                  // Rules, alerts, silences and channels
                                                  // (alerts.hpp).
                                                  R"sql(
CREATE TABLE alert_rules(
  id TEXT PRIMARY KEY, definition TEXT NOT NULL, changed_by TEXT NOT NULL, changed_at INTEGER NOT NULL) STRICT;
CREATE TABLE alerts(
  id TEXT PRIMARY KEY, rule TEXT NOT NULL, rule_name TEXT NOT NULL, severity TEXT NOT NULL, server TEXT NOT NULL,
  labels TEXT NOT NULL, summary TEXT NOT NULL, runbook TEXT NOT NULL, value REAL NOT NULL, pending_since INTEGER NOT NULL,
  fired_at INTEGER NOT NULL, resolved_at INTEGER, acknowledged_by TEXT NOT NULL, note TEXT NOT NULL,
  acknowledged_at INTEGER, escalated_at INTEGER, told TEXT NOT NULL, series TEXT NOT NULL) STRICT;
CREATE INDEX alerts_open ON alerts(id) WHERE resolved_at IS NULL;
CREATE TABLE alert_silences(
  id TEXT PRIMARY KEY, matchers TEXT NOT NULL, reason TEXT NOT NULL, created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
CREATE TABLE alert_channels(
  id TEXT PRIMARY KEY, definition TEXT NOT NULL, secrets TEXT NOT NULL, changed_by TEXT NOT NULL,
  changed_at INTEGER NOT NULL) STRICT;
)sql",
                                                  // Of one server by time (log_search.cpp).
                                                  R"sql(
CREATE INDEX logs_by_server ON logs(server, time);
)sql",
                                                  // What operations did when (catalog/spans.hpp),
                                                  // and those of one trace (traces.hpp).
                                                  R"sql(
ALTER TABLE operations ADD COLUMN spans TEXT NOT NULL DEFAULT '';
CREATE INDEX operations_by_trace ON operations(trace_id, operation_id);
)sql"};

}  // namespace

int newest_schema() noexcept {
  return static_cast<int>(kSteps.size());
}

base::Result<int> schema_version(Connection& db) {
  int version = 0;
  if (auto read = db.query("PRAGMA user_version", {},
                           [&](const Row& row) { version = static_cast<int>(row.integer(0)); });
      !read)
    return std::unexpected(read.error());
  return version;
}

base::Result<void> migrate(Connection& db, int target) {
  auto version = schema_version(db);
  if (!version) return std::unexpected(version.error());
  if (*version > newest_schema())
    return base::fail(base::Code::storage, "the database is of a newer Telltale (schema " +
                                               std::to_string(*version) + ", this one knows " +
                                               std::to_string(newest_schema()) + ")");
  for (int step = *version; step < target; ++step) {
    const auto sql = "BEGIN IMMEDIATE;" + std::string(kSteps[static_cast<std::size_t>(step)]) +
                     "PRAGMA user_version=" + std::to_string(step + 1) + ";COMMIT;";
    if (auto done = db.run(sql); !done) {
      if (auto undone = db.run("ROLLBACK"); !undone) return std::unexpected(undone.error());
      return done;
    }
  }
  return {};
}

}  // namespace telltale::store
