#include "store/alerts.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace telltale::store {
namespace {

using base::JsonArray;
using base::JsonObject;

Value time_or_null(const std::optional<base::WallTime>& time) {
  return time ? Value(base::unix_ms(*time)) : Value(nullptr);
}
std::optional<base::WallTime> maybe_time(const Row& row, int column) {
  const auto ms = row.maybe_integer(column);
  return ms ? std::optional(base::from_unix_ms(*ms)) : std::nullopt;
}
JsonObject object_of(const std::string& text) {
  auto parsed = base::parse_json(text);
  return parsed && parsed->is_object() ? std::move(parsed->as_object()) : JsonObject();
}
std::vector<std::string> strings_of(const std::string& text) {
  std::vector<std::string> out;
  const auto parsed = base::parse_json(text);
  if (!parsed || !parsed->is_array()) return out;
  for (const auto& item : parsed->get_array())
    if (item.is_string()) out.emplace_back(item.get_string());
  return out;
}

std::string place_of(const std::string& id) {
  return "alert_channels/" + id + "/secrets";
}

constexpr std::string_view kAlertColumns =
    "SELECT id, rule, rule_name, severity, labels, summary, runbook, value, pending_since, "
    "fired_at, resolved_at, acknowledged_by, note, acknowledged_at, escalated_at, told, series "
    "FROM "
    "alerts ";

AlertRecord alert_of(const Row& row) {
  return {.id = row.text(0),
          .rule = row.text(1),
          .rule_name = row.text(2),
          .severity = row.text(3),
          .labels = object_of(row.text(4)),
          .series = object_of(row.text(16)),
          .summary = row.text(5),
          .runbook = row.text(6),
          .value = row.number(7),
          .pending_since = base::from_unix_ms(row.integer(8)),
          .fired_at = base::from_unix_ms(row.integer(9)),
          .resolved_at = maybe_time(row, 10),
          .acknowledged_by = row.text(11),
          .note = row.text(12),
          .acknowledged_at = maybe_time(row, 13),
          .escalated_at = maybe_time(row, 14),
          .told = strings_of(row.text(15))};
}

// Sequence numbers grow with time: the first event since then is found by halving.
base::Result<std::int64_t> first_seq_since(Connection& db, std::int64_t since_ms) {
  std::int64_t low = 0, high = 0;
  if (auto read =
          db.query("SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) + 1 FROM events", {},
                   [&](const Row& row) {
                     low = row.integer(0);
                     high = row.integer(1);
                   });
      !read)
    return std::unexpected(read.error());
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    std::optional<std::int64_t> seq, time;
    if (auto read =
            db.query("SELECT seq, time FROM events WHERE seq>=? ORDER BY seq LIMIT 1", {middle},
                     [&](const Row& row) {
                       seq = row.integer(0);
                       time = row.integer(1);
                     });
        !read)
      return std::unexpected(read.error());
    if (!time || *time >= since_ms)
      high = middle;
    else
      low = *seq + 1;
  }
  return low;
}

}  // namespace

base::Result<void> save_alert_rule(Connection& db, const AlertRuleRecord& record) {
  return db.execute("INSERT OR REPLACE INTO alert_rules VALUES(?,?,?,?)",
                    {record.id, base::write_json(record.definition), record.changed_by,
                     base::unix_ms(record.changed_at)});
}

base::Result<void> delete_alert_rule(Connection& db, const std::string& id) {
  return db.execute("DELETE FROM alert_rules WHERE id=?", {id});
}

base::Result<std::vector<AlertRuleRecord>> list_alert_rules(Connection& db) {
  std::vector<AlertRuleRecord> out;
  auto done = db.query("SELECT id, definition, changed_by, changed_at FROM alert_rules ORDER BY id",
                       {}, [&](const Row& row) {
                         out.push_back({.id = row.text(0),
                                        .definition = object_of(row.text(1)),
                                        .changed_by = row.text(2),
                                        .changed_at = base::from_unix_ms(row.integer(3))});
                       });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<void> save_alert(Connection& db, const AlertRecord& record) {
  auto kept = db.execute(
      "INSERT OR REPLACE INTO alerts VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      {record.id, record.rule, record.rule_name, record.severity,
       base::string_or(record.labels, "server"), base::write_json(record.labels), record.summary,
       record.runbook, record.value, base::unix_ms(record.pending_since),
       base::unix_ms(record.fired_at), time_or_null(record.resolved_at), record.acknowledged_by,
       record.note, time_or_null(record.acknowledged_at), time_or_null(record.escalated_at),
       base::write_json(base::Json(JsonArray(record.told.begin(), record.told.end()))),
       base::write_json(record.series)});
  if (!kept || !record.resolved_at) return kept;
  return db.execute(
      "DELETE FROM alerts WHERE resolved_at IS NOT NULL AND id<(SELECT id FROM alerts ORDER BY id "
      "DESC LIMIT 1 OFFSET ?)",
      {static_cast<std::int64_t>(kAlertsKept - 1)});
}

base::Result<std::vector<AlertRecord>> open_alerts(Connection& db) {
  std::vector<AlertRecord> out;
  auto done = db.query(std::string(kAlertColumns) + "WHERE resolved_at IS NULL ORDER BY id", {},
                       [&](const Row& row) { out.push_back(alert_of(row)); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<AlertRecord>> find_alert(Connection& db, const std::string& id) {
  std::vector<AlertRecord> out;
  auto done = db.query(std::string(kAlertColumns) + "WHERE id=?", {id},
                       [&](const Row& row) { out.push_back(alert_of(row)); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<AlertRecord>> list_alerts(Connection& db, const AlertQuery& query) {
  std::vector<AlertRecord> out;
  auto done = db.query(
      std::string(kAlertColumns) +
          "WHERE fired_at>=?1 AND fired_at<?2 AND (?3='' OR rule=?3) AND (?4='' OR severity=?4) "
          "AND (?5='' OR server=?5) AND (?6='' OR id<?6) ORDER BY id DESC LIMIT ?7",
      {base::unix_ms(query.from), base::unix_ms(query.to), query.rule, query.severity, query.server,
       query.before_id, static_cast<std::int64_t>(query.limit)},
      [&](const Row& row) { out.push_back(alert_of(row)); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<void> save_alert_silence(Connection& db, const AlertSilence& silence) {
  return db.execute("INSERT OR REPLACE INTO alert_silences VALUES(?,?,?,?,?,?)",
                    {silence.id, silence.matchers, silence.reason, silence.created_by,
                     base::unix_ms(silence.created_at), base::unix_ms(silence.until)});
}

base::Result<void> delete_alert_silence(Connection& db, const std::string& id) {
  return db.execute("DELETE FROM alert_silences WHERE id=?", {id});
}

base::Result<std::vector<AlertSilence>> list_alert_silences(Connection& db, base::WallTime now) {
  if (auto gone = db.execute("DELETE FROM alert_silences WHERE until<=?", {base::unix_ms(now)});
      !gone)
    return std::unexpected(gone.error());
  std::vector<AlertSilence> out;
  auto done = db.query(
      "SELECT id, matchers, reason, created_by, created_at, until FROM alert_silences ORDER BY id",
      {}, [&](const Row& row) {
        out.push_back({.id = row.text(0),
                       .matchers = row.text(1),
                       .reason = row.text(2),
                       .created_by = row.text(3),
                       .created_at = base::from_unix_ms(row.integer(4)),
                       .until = base::from_unix_ms(row.integer(5))});
      });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<void> save_alert_channel(Connection& db, const Vault& vault,
                                      const AlertChannelRecord& record) {
  auto sealed = vault.seal(base::write_json(record.secrets), place_of(record.id));
  if (!sealed) return std::unexpected(sealed.error());
  return db.execute("INSERT OR REPLACE INTO alert_channels VALUES(?,?,?,?,?)",
                    {record.id, base::write_json(record.definition), std::move(*sealed),
                     record.changed_by, base::unix_ms(record.changed_at)});
}

base::Result<void> delete_alert_channel(Connection& db, const std::string& id) {
  return db.execute("DELETE FROM alert_channels WHERE id=?", {id});
}

base::Result<std::vector<AlertChannelRecord>> list_alert_channels(Connection& db,
                                                                  const Vault& vault) {
  std::vector<AlertChannelRecord> out;
  auto done = db.query(
      "SELECT id, definition, secrets, changed_by, changed_at FROM alert_channels ORDER BY id", {},
      [&](const Row& row) {
        auto& one =
            out.emplace_back(AlertChannelRecord{.id = row.text(0),
                                                .definition = object_of(row.text(1)),
                                                .secrets = {},
                                                .changed_by = row.text(3),
                                                .changed_at = base::from_unix_ms(row.integer(4))});
        if (auto secrets = vault.unseal(row.text(2), place_of(one.id)))
          one.secrets = object_of(std::string(secrets->reveal()));
        else
          base::log(base::LogLevel::error, "alert", "the secrets of channel {} do not open: {}",
                    one.id, secrets.error().detail);
      });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<runtime::Event>> journal_events(Connection& db, const std::string& type,
                                                         base::WallTime since, std::size_t limit) {
  auto first = first_seq_since(db, base::unix_ms(since));
  if (!first) return std::unexpected(first.error());
  std::vector<runtime::Event> out;
  auto done = db.query(
      "SELECT seq, time, type, channel, subject, severity, data FROM events WHERE seq>=? AND "
      "type=? ORDER BY seq DESC LIMIT ?",
      {*first, type, static_cast<std::int64_t>(limit)}, [&](const Row& row) {
        out.push_back({.seq = static_cast<std::uint64_t>(row.integer(0)),
                       .time = base::from_unix_ms(row.integer(1)),
                       .type = row.text(2),
                       .channel = row.text(3),
                       .subject = row.text(4),
                       .severity = static_cast<runtime::Severity>(row.integer(5)),
                       .data = object_of(row.text(6))});
      });
  if (!done) return std::unexpected(done.error());
  std::ranges::reverse(out);
  return out;
}

}  // namespace telltale::store
