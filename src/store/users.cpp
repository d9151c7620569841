#include "store/users.hpp"

namespace telltale::store {
namespace {

SessionRecord session_of(const Row& row) {
  return {.family_id = row.text(0),
          .user_id = row.text(1),
          .token_hash = row.text(2),
          .issued_at = base::from_unix_ms(row.integer(3)),
          .expires_at = base::from_unix_ms(row.integer(4)),
          .revoked = row.integer(5) != 0,
          .agent = row.text(6),
          .address = row.text(7),
          .last_used_at = base::from_unix_ms(row.integer(8))};
}

}  // namespace

base::Result<void> save_user(Connection& db, const UserRecord& user) {
  auto saved = db.execute(
      "INSERT INTO users VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET "
      "username=excluded.username, "
      "email=excluded.email, role=excluded.role, password_hash=excluded.password_hash, "
      "disabled=excluded.disabled, "
      "must_change_password=excluded.must_change_password, token_epoch=excluded.token_epoch, "
      "last_login_at=excluded.last_login_at",
      {user.id, user.username, user.email, user.role, user.password_hash,
       std::int64_t{user.disabled}, std::int64_t{user.must_change_password}, user.token_epoch,
       base::unix_ms(user.created_at),
       user.last_login_at ? Value(base::unix_ms(*user.last_login_at)) : Value(nullptr)});
  if (!saved && saved.error().code == base::Code::conflict)
    return base::fail(base::Code::conflict, "a user with this name or e-mail exists");
  return saved;
}

base::Result<void> delete_user(Connection& db, const std::string& id) {
  return db.execute("DELETE FROM users WHERE id=?", {id});
}

base::Result<bool> is_current(Connection& db, const std::string& user_id, std::int64_t epoch) {
  bool found = false;
  auto read = db.query("SELECT 1 FROM users WHERE id=? AND disabled=0 AND token_epoch=?",
                       {user_id, epoch}, [&](const Row&) { found = true; });
  if (!read) return std::unexpected(read.error());
  return found;
}

base::Result<std::vector<UserRecord>> list_users(Connection& db) {
  std::vector<UserRecord> out;
  auto read = db.query("SELECT * FROM users ORDER BY username", {}, [&](const Row& row) {
    UserRecord user{.id = row.text(0),
                    .username = row.text(1),
                    .email = row.text(2),
                    .role = row.text(3),
                    .password_hash = row.text(4),
                    .disabled = row.integer(5) != 0,
                    .must_change_password = row.integer(6) != 0,
                    .token_epoch = row.integer(7),
                    .created_at = base::from_unix_ms(row.integer(8))};
    if (const auto time = row.maybe_integer(9)) user.last_login_at = base::from_unix_ms(*time);
    out.push_back(std::move(user));
  });
  if (!read) return std::unexpected(read.error());
  return out;
}

base::Result<void> save_session(Connection& db, const SessionRecord& session) {
  return db.execute(
      "INSERT INTO sessions VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(family_id) DO UPDATE SET "
      "token_hash=excluded.token_hash, issued_at=excluded.issued_at, "
      "expires_at=excluded.expires_at, revoked=excluded.revoked, "
      "last_used_at=excluded.last_used_at",
      {session.family_id, session.user_id, session.token_hash, base::unix_ms(session.issued_at),
       base::unix_ms(session.expires_at), std::int64_t{session.revoked}, session.agent,
       session.address, base::unix_ms(session.last_used_at)});
}

base::Result<std::optional<SessionRecord>> find_session(Connection& db,
                                                        const std::string& family_id) {
  std::optional<SessionRecord> out;
  auto read = db.query("SELECT * FROM sessions WHERE family_id=?", {family_id},
                       [&](const Row& row) { out = session_of(row); });
  if (!read) return std::unexpected(read.error());
  return out;
}

base::Result<std::vector<SessionRecord>> list_sessions(Connection& db) {
  std::vector<SessionRecord> out;
  auto read = db.query("SELECT * FROM sessions WHERE revoked=0 ORDER BY last_used_at DESC", {},
                       [&](const Row& row) { out.push_back(session_of(row)); });
  if (!read) return std::unexpected(read.error());
  return out;
}

base::Result<std::vector<std::string>> list_ended_sessions(Connection& db, base::WallTime since) {
  std::vector<std::string> out;
  auto read = db.query("SELECT family_id FROM sessions WHERE revoked=1 AND last_used_at>=?",
                       {base::unix_ms(since)}, [&](const Row& row) { out.push_back(row.text(0)); });
  if (!read) return std::unexpected(read.error());
  return out;
}

base::Result<void> note_login(Connection& db, const std::string& user_id, base::WallTime now) {
  return db.execute("UPDATE users SET last_login_at=? WHERE id=?", {base::unix_ms(now), user_id});
}

base::Result<void> set_password_hash(Connection& db, const std::string& user_id,
                                     const std::string& hash) {
  return db.execute("UPDATE users SET password_hash=? WHERE id=?", {hash, user_id});
}

base::Result<void> revoke_session(Connection& db, const std::string& family_id) {
  return db.execute("UPDATE sessions SET revoked=1 WHERE family_id=?", {family_id});
}

base::Result<void> revoke_sessions_of(Connection& db, const std::string& user_id) {
  return db.execute("UPDATE sessions SET revoked=1 WHERE user_id=?", {user_id});
}

base::Result<void> save_login_code(Connection& db, const std::string& code_hash,
                                   const std::string& user_id, base::WallTime expires) {
  return db.execute("INSERT INTO login_codes VALUES(?,?,?)",
                    {code_hash, user_id, base::unix_ms(expires)});
}

base::Result<std::optional<std::string>> take_login_code(Connection& db,
                                                         const std::string& code_hash,
                                                         base::WallTime now) {
  std::optional<std::string> user;
  auto read =
      db.query("SELECT user_id FROM login_codes WHERE code_hash=? AND expires_at>=?",
               {code_hash, base::unix_ms(now)}, [&](const Row& row) { user = row.text(0); });
  if (!read) return std::unexpected(read.error());
  if (auto gone = db.execute("DELETE FROM login_codes WHERE code_hash=? OR expires_at<?",
                             {code_hash, base::unix_ms(now)});
      !gone)
    return std::unexpected(gone.error());
  return user;
}

base::Result<std::optional<std::string>> get_setting(Connection& db, const std::string& name) {
  std::optional<std::string> out;
  auto read = db.query("SELECT value FROM settings WHERE name=?", {name},
                       [&](const Row& row) { out = row.text(0); });
  if (!read) return std::unexpected(read.error());
  return out;
}

base::Result<void> set_setting(Connection& db, const std::string& name, const std::string& value) {
  return db.execute("INSERT OR REPLACE INTO settings VALUES(?,?)", {name, value});
}

}  // namespace telltale::store
