// What the fleet remembers: health checks, tool calls, log tails. Written as telemetry, read newest
// first.
#pragma once

#include "base/json.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct HealthRecord {
  std::string server;
  base::WallTime time;
  bool ok = false;
  std::string health_status;
  std::optional<double> response_time_ms;
  std::string kind;
  std::string error;
};

struct CallRecord {
  std::string id;
  std::string operation_id;
  std::string server;
  std::string tool;
  std::string actor;
  base::WallTime time;
  double duration_ms = 0;
  bool ok = false;
  std::string error;
  std::size_t request_bytes = 0;
  std::size_t result_bytes = 0;
};

struct LogRecord {
  std::int64_t log_seq = 0;
  std::string server;
  base::WallTime time;
  std::string stream;
  std::string level;
  std::string message;
};

struct LogQuery {
  std::string server;
  std::int64_t before = 0;  // 0: from the end
  std::string level;
  std::string text;
  std::size_t limit = 200;
};

void record_health(Store& store, HealthRecord record);
void record_call(Store& store, CallRecord record);
void record_log(Store& store, LogRecord record);
runtime::TaskResult<std::vector<HealthRecord>> list_health(Store& store, std::string server,
                                                           std::size_t limit);
runtime::TaskResult<std::vector<CallRecord>> list_calls(Store& store, std::string server,
                                                        std::string tool, std::size_t limit);
runtime::TaskResult<std::vector<LogRecord>> list_logs(Store& store,
                                                      LogQuery query);  // oldest first
std::int64_t last_log_seq(Store& store, const std::string& server);     // start-up only: blocks

}  // namespace telltale::store
