#include "store/traces.hpp"

namespace telltale::store {

namespace {

// By the index operations_by_trace: (trace_id, operation_id). A span that failed ends with ",0]"
// (catalog/spans.hpp).
constexpr std::string_view kList =
    "SELECT o.operation_id, o.operation, o.actor, o.subject, o.status, o.start_time, "
    "o.duration_ms, o.trace_id, o.spans, "
    "(SELECT count(*) FROM operations c WHERE c.trace_id=o.trace_id), "
    "(SELECT count(*) FROM operations c WHERE c.trace_id=o.trace_id AND c.status='failed') AS bad, "
    "(SELECT max(c.start_time + coalesce(c.duration_ms, 0)) FROM operations c WHERE "
    "c.trace_id=o.trace_id) - o.start_time "
    "FROM operations o WHERE o.start_time BETWEEN ?1 AND ?2 AND (?3='' OR o.operation=?3) AND "
    "(?4='' OR o.subject=?4) AND (?5='' OR o.actor=?5) AND (?6=0 OR bad>0 OR instr(o.spans, "
    "',0]')>0) AND "
    "(?7=0 OR o.duration_ms>=?7) AND (?8='' OR o.operation_id<?8) AND NOT EXISTS "
    "(SELECT 1 FROM operations e WHERE e.trace_id=o.trace_id AND e.operation_id<o.operation_id) "
    "ORDER BY o.operation_id DESC LIMIT ?9";

TraceRecord read_trace(const Row& row) {
  return {.first = {.operation_id = row.text(0),
                    .operation = row.text(1),
                    .actor = row.text(2),
                    .subject = row.text(3),
                    .arguments = nullptr,
                    .status = row.text(4),
                    .start_time = base::from_unix_ms(row.integer(5)),
                    .end_time = {},
                    .duration_ms = row.maybe_number(6),
                    .result = nullptr,
                    .error = nullptr,
                    .trace_id = row.text(7),
                    .spans = row.text(8)},
          .operations = row.integer(9),
          .failed = row.integer(10),
          .duration_ms = row.number(11)};
}

}  // namespace

runtime::TaskResult<std::vector<TraceRecord>> list_traces(Store& store, TraceQuery query) {
  return store.read([query = std::move(query)](
                        Connection& db) -> base::Result<std::vector<TraceRecord>> {
    std::vector<TraceRecord> out;
    auto done = db.query(kList,
                         {base::unix_ms(query.from), base::unix_ms(query.to), query.operation,
                          query.subject, query.actor, std::int64_t{query.failed_only}, query.min_ms,
                          query.before_id, static_cast<std::int64_t>(query.limit)},
                         [&](const Row& row) { out.push_back(read_trace(row)); });
    if (!done) return std::unexpected(done.error());
    return out;
  });
}

runtime::TaskResult<std::vector<OperationRecord>> trace_operations(Store& store,
                                                                   std::string trace_id,
                                                                   std::size_t limit) {
  return store.read([trace_id = std::move(trace_id),
                     limit](Connection& db) -> base::Result<std::vector<OperationRecord>> {
    std::vector<OperationRecord> out;
    auto done = each_operation(db, "WHERE trace_id=? ORDER BY operation_id LIMIT ?",
                               {trace_id, static_cast<std::int64_t>(limit)},
                               [&](OperationRecord record) { out.push_back(std::move(record)); });
    if (!done) return std::unexpected(done.error());
    return out;
  });
}

}  // namespace telltale::store
