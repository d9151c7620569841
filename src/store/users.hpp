// Users, their refresh token families, one-time login codes and the few named settings (keys).
// Functions over a Connection: auth composes them into transactions.
#pragma once

#include "store/store.hpp"

namespace telltale::store {

struct UserRecord {
  std::string id;
  std::string username;
  std::string email;
  std::string role;
  std::string password_hash;
  bool disabled = false;
  bool must_change_password = false;
  std::int64_t token_epoch = 1;
  base::WallTime created_at;
  std::optional<base::WallTime> last_login_at;
};

struct SessionRecord {
  std::string family_id;
  std::string user_id;
  std::string token_hash;
  base::WallTime issued_at;
  base::WallTime expires_at;
  bool revoked = false;
  std::string agent;
  std::string address;
  base::WallTime last_used_at;
};

base::Result<void> save_user(Connection& db,
                             const UserRecord& user);  // conflict: name or e-mail is taken
base::Result<void> delete_user(Connection& db, const std::string& id);
// He is there, not disabled, and none of his sessions has been ended since this epoch.
base::Result<bool> is_current(Connection& db, const std::string& user_id, std::int64_t epoch);
base::Result<std::vector<UserRecord>> list_users(Connection& db);

base::Result<void> save_session(Connection& db, const SessionRecord& session);
base::Result<std::optional<SessionRecord>> find_session(Connection& db,
                                                        const std::string& family_id);
base::Result<std::vector<SessionRecord>> list_sessions(Connection& db);  // not the revoked ones
// The ids of the revoked ones that gave out an access token after `since`.
base::Result<std::vector<std::string>> list_ended_sessions(Connection& db, base::WallTime since);
base::Result<void> note_login(Connection& db, const std::string& user_id, base::WallTime now);
base::Result<void> set_password_hash(Connection& db, const std::string& user_id,
                                     const std::string& hash);
base::Result<void> revoke_session(Connection& db, const std::string& family_id);
base::Result<void> revoke_sessions_of(Connection& db, const std::string& user_id);

base::Result<void> save_login_code(Connection& db, const std::string& code_hash,
                                   const std::string& user_id, base::WallTime expires);
// The user it was for; the code is gone afterwards. Nothing when unknown or too old.
base::Result<std::optional<std::string>> take_login_code(Connection& db,
                                                         const std::string& code_hash,
                                                         base::WallTime now);

base::Result<std::optional<std::string>> get_setting(Connection& db, const std::string& name);
base::Result<void> set_setting(Connection& db, const std::string& name, const std::string& value);

}  // namespace telltale::store
