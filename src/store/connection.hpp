// Connection: bound parameters in, typed rows out, over SQLite (sqlite3.h stays in connection.cpp).
// One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace telltale::store {

using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  std::int64_t integer(int column) const;
  double number(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;
  std::optional<std::int64_t> maybe_integer(int column) const;
  std::optional<double> maybe_number(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class Connection {
 public:
  static base::Result<std::unique_ptr<Connection>> open(const std::string& path, bool read_only);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Several statements without parameters.
  base::Result<void> run(std::string_view sql);
  // One statement; prepared once per text and kept.
  base::Result<void> execute(std::string_view sql, std::initializer_list<Value> values = {});
  base::Result<void> query(std::string_view sql, std::initializer_list<Value> values,
                           const std::function<void(const Row&)>& on_row);
  std::int64_t changes() const;
  // The whole database as it is now, into `target`, which holds nothing.
  base::Result<void> copy_to(Connection& target);

 private:
  explicit Connection(sqlite3* database) : database_(database) {}
  base::Result<sqlite3_stmt*> prepared(std::string_view sql);
  base::Error error(std::string_view what) const;

  sqlite3* database_;
  std::vector<std::pair<std::string, sqlite3_stmt*>> statements_;
};

inline Value null_or(const std::optional<double>& value) {
  return value ? Value(*value) : Value(nullptr);
}

}  // namespace telltale::store
