// Operation records and idempotency keys.
#pragma once

#include "base/json.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct OperationRecord {
  std::string operation_id;
  std::string operation;
  std::string actor;
  std::string subject;
  base::Json arguments;
  std::string status;  // started, completed, failed, canceled
  base::WallTime start_time;
  std::optional<base::WallTime> end_time;
  std::optional<double> duration_ms;
  base::Json result;
  base::Json error;
  std::string trace_id;
  std::string spans = {};  // of one that is over (catalog/spans.hpp); "" where there are none
};

struct OperationQuery {
  std::string status, operation, actor, subject;
  std::size_t limit = 100;
  std::string before_id;  // cursor: ids sort by time
};

base::Result<void> upsert_operation(Connection& db, const OperationRecord& record);
// `where` is the rest of the SELECT, with its values.
base::Result<void> each_operation(Connection& db, std::string_view where,
                                  std::initializer_list<Value> values,
                                  const std::function<void(OperationRecord)>& told);
runtime::TaskResult<std::vector<OperationRecord>> list_operations(Store& store,
                                                                  OperationQuery query);
runtime::TaskResult<std::optional<OperationRecord>> get_operation(Store& store,
                                                                  std::string operation_id);
// At start: whatever was running when the last process ended was interrupted.
base::Result<void> fail_interrupted(Connection& db, base::WallTime now);

// The operation an earlier call with this key made; conflict when the body was another.
runtime::TaskResult<std::optional<std::string>> find_idempotent(Store& store, std::string actor,
                                                                std::string key,
                                                                std::string body_hash);
// Gives the key to `record`, which is kept with it, and answers whose it is: of several who come at
// once the first has it, and the others get the id of that one.
runtime::TaskResult<std::string> claim_idempotent(Store& store, std::string actor, std::string key,
                                                  std::string body_hash, OperationRecord record);

}  // namespace telltale::store
