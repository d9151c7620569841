// Roles of the users' own making and API tokens. Functions over a Connection: auth composes them.
#pragma once

#include "store/store.hpp"

namespace telltale::store {

struct RoleRecord {
  std::string name;
  std::string description;
  std::string grants;  // JSON
};

struct TokenRecord {
  std::string id;
  std::string name;
  std::string user_id;
  std::string prefix;      // its first characters, to know it by
  std::string token_hash;  // SHA-256, hex: 256 random bits need no slow hash
  std::string scopes;      // JSON list of permissions; empty: all its owner has
  base::WallTime created_at;
  std::optional<base::WallTime> expires_at;
  std::optional<base::WallTime> last_used_at;
};

base::Result<void> save_role(Connection& db, const RoleRecord& role);
base::Result<void> delete_role(Connection& db, const std::string& name);
base::Result<std::vector<RoleRecord>> list_roles(Connection& db);

base::Result<void> add_token(Connection& db, const TokenRecord& token);
base::Result<void> touch_token(Connection& db, const std::string& id, base::WallTime now);
base::Result<void> delete_token(Connection& db, const std::string& id);
base::Result<std::vector<TokenRecord>> list_tokens(Connection& db);

}  // namespace telltale::store
