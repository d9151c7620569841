// Traces: the operations that have a trace id in common. A trace is known by its first operation.
#pragma once

#include "store/operations.hpp"

namespace telltale::store {

struct TraceQuery {
  std::string operation, subject, actor;  // of its first operation; "" is any
  bool failed_only = false;               // an operation of it failed, or a span of the first
  double min_ms = 0;                      // its first operation took at least that
  base::WallTime from, to;
  std::size_t limit = 100;
  std::string before_id = {};  // cursor: the first operation's id of the last one had
};

struct TraceRecord {
  OperationRecord first;  // without arguments, result and error
  std::int64_t operations = 0;
  std::int64_t failed = 0;
  double duration_ms = 0;  // from the first's start to the last end known
};

// Newest first.
runtime::TaskResult<std::vector<TraceRecord>> list_traces(Store& store, TraceQuery query);
// Of one trace, in the order they began; `limit` at most.
runtime::TaskResult<std::vector<OperationRecord>> trace_operations(Store& store,
                                                                   std::string trace_id,
                                                                   std::size_t limit);

}  // namespace telltale::store
