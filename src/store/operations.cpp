#include "store/operations.hpp"

namespace telltale::store {
namespace {

constexpr std::size_t kResultLimit = 256U << 10U;
constexpr std::int64_t kKeyLifeMs = 24LL * 3600 * 1000;
constexpr std::string_view kColumns =
    "SELECT operation_id, operation, actor, subject, arguments, status, start_time, end_time, "
    "duration_ms, result, error, "
    "trace_id, spans FROM operations ";

Value json_or_null(const base::Json& value) {
  if (value.is_null()) return nullptr;
  auto text = base::write_json(value);
  if (text.size() > kResultLimit)
    text = base::write_json(base::JsonObject{{"truncated", true}, {"bytes", text.size()}});
  return text;
}

base::Json parsed(const std::string& text) {
  if (text.empty()) return nullptr;
  auto value = base::parse_json(text);
  return value ? std::move(*value) : base::Json(text);
}

OperationRecord read_row(const Row& row) {
  OperationRecord out{.operation_id = row.text(0),
                      .operation = row.text(1),
                      .actor = row.text(2),
                      .subject = row.text(3),
                      .arguments = parsed(row.text(4)),
                      .status = row.text(5),
                      .start_time = base::from_unix_ms(row.integer(6)),
                      .duration_ms = row.maybe_number(8),
                      .result = parsed(row.text(9)),
                      .error = parsed(row.text(10)),
                      .trace_id = row.text(11),
                      .spans = row.text(12)};
  if (const auto end = row.maybe_integer(7)) out.end_time = base::from_unix_ms(*end);
  return out;
}

base::Result<std::optional<std::string>> owner_of_key(Connection& db, const std::string& actor,
                                                      const std::string& key,
                                                      const std::string& body_hash,
                                                      std::int64_t oldest) {
  std::optional<std::string> found;
  bool other_body = false;
  auto done = db.query(
      "SELECT operation_id, body_hash FROM idempotency WHERE actor=? AND key=? AND time>=?",
      {actor, key, oldest}, [&](const Row& row) {
        found = row.text(0);
        other_body = row.text(1) != body_hash;
      });
  if (!done) return std::unexpected(done.error());
  if (other_body)
    return base::fail(base::Code::conflict, "this Idempotency-Key was used for another request");
  return found;
}

runtime::TaskResult<std::string> claim(Store* store, std::string actor, std::string key,
                                       std::string body_hash, OperationRecord record) {
  const auto now = base::unix_ms(store->clock().wall());
  const auto owner = std::make_shared<std::string>();
  auto done = co_await store->write(
      "idempotency key",
      [owner, now, actor = std::move(actor), key = std::move(key), body_hash = std::move(body_hash),
       record = std::move(record)](Connection& db) -> base::Result<void> {
        if (auto old = db.execute("DELETE FROM idempotency WHERE time<?", {now - kKeyLifeMs}); !old)
          return old;
        auto earlier = owner_of_key(db, actor, key, body_hash, now - kKeyLifeMs);
        if (!earlier) return std::unexpected(earlier.error());
        *owner = earlier->value_or(record.operation_id);
        if (*earlier) return {};
        if (auto kept = upsert_operation(db, record); !kept) return kept;
        return db.execute("INSERT INTO idempotency VALUES(?,?,?,?,?)",
                          {actor, key, body_hash, record.operation_id, now});
      });
  if (!done) co_return std::unexpected(done.error());
  co_return *owner;
}

}  // namespace

base::Result<void> upsert_operation(Connection& db, const OperationRecord& record) {
  return db.execute(
      "INSERT INTO operations VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(operation_id) DO "
      "UPDATE "
      "SET "
      "subject=excluded.subject, status=excluded.status, end_time=excluded.end_time, "
      "duration_ms=excluded.duration_ms, result=excluded.result, error=excluded.error, "
      "spans=excluded.spans "
      "WHERE operations.status='started'",
      {record.operation_id, record.operation, record.actor, record.subject,
       std::get<std::string>(json_or_null(
           record.arguments.is_null() ? base::Json(base::JsonObject()) : record.arguments)),
       record.status, base::unix_ms(record.start_time),
       record.end_time ? Value(base::unix_ms(*record.end_time)) : Value(nullptr),
       null_or(record.duration_ms), json_or_null(record.result), json_or_null(record.error),
       record.trace_id, record.spans});
}

runtime::TaskResult<std::vector<OperationRecord>> list_operations(Store& store,
                                                                  OperationQuery query) {
  return store.read([query = std::move(query)](
                        Connection& db) -> base::Result<std::vector<OperationRecord>> {
    std::vector<OperationRecord> out;
    auto done = db.query(
        std::string(kColumns) +
            "WHERE (?1='' OR status=?1) AND (?2='' OR operation=?2) AND (?3='' OR actor=?3) AND "
            "(?4='' OR subject=?4) AND (?5='' OR operation_id<?5) ORDER BY operation_id DESC LIMIT "
            "?6",
        {query.status, query.operation, query.actor, query.subject, query.before_id,
         static_cast<std::int64_t>(query.limit)},
        [&](const Row& row) { out.push_back(read_row(row)); });
    if (!done) return std::unexpected(done.error());
    return out;
  });
}

base::Result<void> each_operation(Connection& db, std::string_view where,
                                  std::initializer_list<Value> values,
                                  const std::function<void(OperationRecord)>& told) {
  return db.query(std::string(kColumns) + std::string(where), values,
                  [&](const Row& row) { told(read_row(row)); });
}

runtime::TaskResult<std::optional<OperationRecord>> get_operation(Store& store,
                                                                  std::string operation_id) {
  return store.read([id = std::move(operation_id)](
                        Connection& db) -> base::Result<std::optional<OperationRecord>> {
    std::optional<OperationRecord> out;
    auto done = db.query(std::string(kColumns) + "WHERE operation_id=?", {id},
                         [&](const Row& row) { out = read_row(row); });
    if (!done) return std::unexpected(done.error());
    return out;
  });
}

base::Result<void> fail_interrupted(Connection& db, base::WallTime now) {
  const base::JsonObject problem = base::problem_document(
      {.code = base::Code::unavailable, .detail = "interrupted: the server ended while it ran"});
  return db.execute(
      "UPDATE operations SET status='failed', end_time=?, error=? WHERE status='started'",
      {base::unix_ms(now), base::write_json(problem)});
}

runtime::TaskResult<std::optional<std::string>> find_idempotent(Store& store, std::string actor,
                                                                std::string key,
                                                                std::string body_hash) {
  const auto oldest = base::unix_ms(store.clock().wall()) - kKeyLifeMs;
  return store.read(
      [=](Connection& db) { return owner_of_key(db, actor, key, body_hash, oldest); });
}

runtime::TaskResult<std::string> claim_idempotent(Store& store, std::string actor, std::string key,
                                                  std::string body_hash, OperationRecord record) {
  return claim(&store, std::move(actor), std::move(key), std::move(body_hash), std::move(record));
}

}  // namespace telltale::store
