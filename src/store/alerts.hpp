// What the alert engine keeps (alert/engine.hpp): rules that people wrote or changed, alerts that
// fired, silences, and channels with their secrets sealed. Functions over a Connection.
#pragma once

#include "base/json.hpp"
#include "runtime/event.hpp"
#include "store/store.hpp"

namespace telltale::store {

// Also of a default rule that was changed: its id is then the default's.
struct AlertRuleRecord {
  std::string id;
  base::JsonObject definition;
  std::string changed_by;
  base::WallTime changed_at;
};

struct AlertRecord {
  std::string id;
  std::string rule, rule_name;
  std::string severity;     // info, warning, critical
  base::JsonObject labels;  // of the series, and those that the rule adds
  base::JsonObject series;  // of the series alone: by them it is found again
  std::string summary, runbook;
  double value = 0;
  base::WallTime pending_since, fired_at;
  std::optional<base::WallTime> resolved_at;
  std::string acknowledged_by, note;
  std::optional<base::WallTime> acknowledged_at, escalated_at;
  std::vector<std::string> told;  // channels that were notified of it
};

struct AlertSilence {
  std::string id;
  std::string matchers;  // as people wrote them
  std::string reason;
  std::string created_by;
  base::WallTime created_at, until;
};

struct AlertChannelRecord {
  std::string id;
  base::JsonObject definition;  // without secrets
  base::JsonObject secrets;
  std::string changed_by;
  base::WallTime changed_at;
};

constexpr std::size_t kAlertsKept = 20'000;  // of those that are over

base::Result<void> save_alert_rule(Connection& db, const AlertRuleRecord& record);
base::Result<void> delete_alert_rule(Connection& db, const std::string& id);
base::Result<std::vector<AlertRuleRecord>> list_alert_rules(Connection& db);

// Also forgets the oldest that are over, beyond kAlertsKept.
base::Result<void> save_alert(Connection& db, const AlertRecord& record);
base::Result<std::vector<AlertRecord>> open_alerts(Connection& db);  // oldest first
base::Result<std::vector<AlertRecord>> find_alert(Connection& db, const std::string& id);
struct AlertQuery {
  base::WallTime from, to;  // when it fired
  std::string rule, severity, server;
  std::string before_id;  // cursor: ids sort by time
  std::size_t limit = 100;
};
base::Result<std::vector<AlertRecord>> list_alerts(Connection& db, const AlertQuery& query);

base::Result<void> save_alert_silence(Connection& db, const AlertSilence& silence);
base::Result<void> delete_alert_silence(Connection& db, const std::string& id);
// Those that end after `now`; the others are forgotten.
base::Result<std::vector<AlertSilence>> list_alert_silences(Connection& db, base::WallTime now);

base::Result<void> save_alert_channel(Connection& db, const Vault& vault,
                                      const AlertChannelRecord& record);
base::Result<void> delete_alert_channel(Connection& db, const std::string& id);
// One whose secrets do not open comes without them.
base::Result<std::vector<AlertChannelRecord>> list_alert_channels(Connection& db,
                                                                  const Vault& vault);

// Events of one type from the journal, oldest first: the newest `limit` since then.
base::Result<std::vector<runtime::Event>> journal_events(Connection& db, const std::string& type,
                                                         base::WallTime since, std::size_t limit);

}  // namespace telltale::store
