#include "store/access.hpp"

namespace telltale::store {
namespace {

Value maybe(const std::optional<base::WallTime>& time) {
  return time ? Value(base::unix_ms(*time)) : Value(nullptr);
}

std::optional<base::WallTime> maybe_time(const Row& row, int column) {
  const auto time = row.maybe_integer(column);
  return time ? std::optional(base::from_unix_ms(*time)) : std::nullopt;
}

}  // namespace

base::Result<void> save_role(Connection& db, const RoleRecord& role) {
  return db.execute("INSERT OR REPLACE INTO roles VALUES(?,?,?)",
                    {role.name, role.description, role.grants});
}

base::Result<void> delete_role(Connection& db, const std::string& name) {
  return db.execute("DELETE FROM roles WHERE name=?", {name});
}

base::Result<std::vector<RoleRecord>> list_roles(Connection& db) {
  std::vector<RoleRecord> out;
  auto read = db.query(
      "SELECT name, description, grants FROM roles ORDER BY name", {}, [&](const Row& row) {
        out.push_back({.name = row.text(0), .description = row.text(1), .grants = row.text(2)});
      });
  if (!read) return std::unexpected(read.error());
  return out;
}

base::Result<void> add_token(Connection& db, const TokenRecord& token) {
  return db.execute(
      "INSERT INTO tokens VALUES(?,?,?,?,?,?,?,?,?)",
      {token.id, token.name, token.user_id, token.prefix, token.token_hash, token.scopes,
       base::unix_ms(token.created_at), maybe(token.expires_at), maybe(token.last_used_at)});
}

base::Result<void> touch_token(Connection& db, const std::string& id, base::WallTime now) {
  return db.execute("UPDATE tokens SET last_used_at=? WHERE id=?", {base::unix_ms(now), id});
}

base::Result<void> delete_token(Connection& db, const std::string& id) {
  return db.execute("DELETE FROM tokens WHERE id=?", {id});
}

base::Result<std::vector<TokenRecord>> list_tokens(Connection& db) {
  std::vector<TokenRecord> out;
  auto read = db.query("SELECT * FROM tokens ORDER BY created_at", {}, [&](const Row& row) {
    out.push_back({.id = row.text(0),
                   .name = row.text(1),
                   .user_id = row.text(2),
                   .prefix = row.text(3),
                   .token_hash = row.text(4),
                   .scopes = row.text(5),
                   .created_at = base::from_unix_ms(row.integer(6)),
                   .expires_at = maybe_time(row, 7),
                   .last_used_at = maybe_time(row, 8)});
  });
  if (!read) return std::unexpected(read.error());
  return out;
}

}  // namespace telltale::store
