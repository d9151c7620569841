#include "store/connection.hpp"

#include <algorithm>

#include <sqlite3.h>

namespace telltale::store {

std::int64_t Row::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Row::number(int column) const {
  return sqlite3_column_double(statement_, column);
}
bool Row::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::string Row::text(int column) const {
  const auto* const bytes = sqlite3_column_text(statement_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::optional<std::int64_t> Row::maybe_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}
std::optional<double> Row::maybe_number(int column) const {
  if (is_null(column)) return std::nullopt;
  return number(column);
}

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& path,
                                                           bool read_only) {
  sqlite3* database = nullptr;
  const int flags =
      (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  std::unique_ptr<Connection> out(new Connection(database));
  if (code != SQLITE_OK) return std::unexpected(out->error("cannot open the database"));
  sqlite3_busy_timeout(database, 5000);
  return out;
}

Connection::~Connection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

base::Error Connection::error(std::string_view what) const {
  const int code = sqlite3_errcode(database_) & 255;
  base::Error out{.code = base::Code::internal,
                  .detail = std::string(what) + ": " + sqlite3_errmsg(database_)};
  if (code == SQLITE_CONSTRAINT) out.code = base::Code::conflict;
  if (code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_READONLY ||
      code == SQLITE_CANTOPEN || code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    out.code = base::Code::storage;
  return out;
}

base::Result<void> Connection::run(std::string_view sql) {
  if (sqlite3_exec(database_, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return std::unexpected(error("the store refused a statement"));
  return {};
}

base::Result<sqlite3_stmt*> Connection::prepared(std::string_view sql) {
  const auto found = std::ranges::find(
      statements_, sql, [](const auto& item) { return std::string_view(item.first); });
  if (found != statements_.end()) return found->second;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return std::unexpected(error("the store refused a statement"));
  statements_.emplace_back(std::string(sql), statement);
  return statement;
}

base::Result<void> Connection::execute(std::string_view sql, std::initializer_list<Value> values) {
  return query(sql, values, [](const Row&) {});
}

base::Result<void> Connection::query(std::string_view sql, std::initializer_list<Value> values,
                                     const std::function<void(const Row&)>& on_row) {
  auto found = prepared(sql);
  if (!found) return std::unexpected(found.error());
  auto* const statement = *found;
  int at = 0;
  for (const auto& value : values) {
    ++at;
    if (const auto* number = std::get_if<std::int64_t>(&value))
      sqlite3_bind_int64(statement, at, *number);
    else if (const auto* real = std::get_if<double>(&value))
      sqlite3_bind_double(statement, at, *real);
    else if (const auto* text = std::get_if<std::string>(&value))
      sqlite3_bind_text64(statement, at, text->data(), text->size(), nullptr, SQLITE_UTF8);
    else
      sqlite3_bind_null(statement, at);
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) on_row(Row(statement));
  base::Result<void> result;
  if (code != SQLITE_DONE) result = std::unexpected(error("the store refused a statement"));
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return result;
}

base::Result<void> Connection::copy_to(Connection& target) {
  // In one read transaction: what is written meanwhile neither waits nor makes it begin again.
  if (auto begun = run("BEGIN; SELECT count(*) FROM sqlite_schema;"); !begun) return begun;
  auto* const backup = sqlite3_backup_init(target.database_, "main", database_, "main");
  base::Result<void> result;
  if (backup == nullptr) {
    result = std::unexpected(target.error("cannot copy the database"));
  } else {
    const int stepped = sqlite3_backup_step(backup, -1);
    const int finished = sqlite3_backup_finish(backup);
    if (stepped != SQLITE_DONE || finished != SQLITE_OK)
      result = std::unexpected(target.error("cannot copy the database"));
  }
  if (auto ended = run("COMMIT"); !ended && result) return ended;
  return result;
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(database_);
}

}  // namespace telltale::store
