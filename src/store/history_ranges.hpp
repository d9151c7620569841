// What happened between two moments, for reports: sums where there may be millions of rows, bounded
// lists where each row is told. Functions over a Connection, for the blocking pool.
#pragma once

#include <functional>

#include "store/history.hpp"

namespace telltale::store {

struct Range {
  base::WallTime from, to;
  std::string server;  // "": all
};

struct HealthSum {
  std::string server;
  base::WallTime begin;  // of its bucket
  std::int64_t checks = 0;
  std::int64_t passed = 0;
  std::optional<double> mean_ms, worst_ms;
};
// One for each server and span of time, in their order; `limit` at most.
base::Result<std::vector<HealthSum>> sum_health(Connection& db, const Range& range,
                                                std::chrono::milliseconds bucket,
                                                std::size_t limit);
// Checks that failed after one that had passed.
struct FallSum {
  std::string server;
  base::WallTime begin;  // of its bucket
  std::int64_t falls = 0;
};
base::Result<std::vector<FallSum>> sum_falls(Connection& db, const Range& range,
                                             std::chrono::milliseconds bucket, std::size_t limit);
struct CallSum {
  std::string server;
  base::WallTime begin;  // of its bucket
  std::int64_t calls = 0;
  std::int64_t succeeded = 0;
};
base::Result<std::vector<CallSum>> sum_calls(Connection& db, const Range& range,
                                             std::chrono::milliseconds bucket, std::size_t limit);
// Of one server newest first, of all in no order; `limit` at most. No ids, sizes or operations.
base::Result<void> each_call(Connection& db, const Range& range, bool failed_only,
                             std::size_t limit, const std::function<void(CallRecord)>& told);
// Of warnings and worse, oldest first, the newest `limit`.
base::Result<std::vector<LogRecord>> loud_logs(Connection& db, const Range& range,
                                               std::size_t limit);
struct StatusChange {
  base::WallTime time;
  std::string server;
  std::string type;  // of the event: mcp_status_change, circuit_breaker_state, mcp_auto_disabled
  base::JsonObject data;
};
base::Result<std::vector<StatusChange>> status_changes(Connection& db, const Range& range,
                                                       std::size_t limit);

// Something that may have made a difference: a definition, a restart, other tools.
struct ChangeMarker {
  base::WallTime time;
  std::string server;  // "": of the whole fleet
  std::string what;    // an operation's name (audit), or "config_changed: KIND" (journal)
};
// Newest first. What an operation did and the journal told of it is one marker.
base::Result<std::vector<ChangeMarker>> change_markers(Connection& db, const Range& range,
                                                       std::size_t limit);

}  // namespace telltale::store
