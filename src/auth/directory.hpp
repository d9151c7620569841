// Directory: users, roles and API tokens as they are in the store, in memory. Immutable: a change
// reads the store again and replaces it whole, so it counts at once and on every loop.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/describe.hpp"
#include "runtime/rights.hpp"
#include "store/access.hpp"
#include "store/users.hpp"

namespace telltale::auth {

struct Role {
  std::string name;
  std::string description;
  bool builtin = false;
  runtime::RightsPtr rights;
};

struct ApiToken {
  store::TokenRecord record;
  std::vector<std::string> scopes;
  std::shared_ptr<std::atomic<std::int64_t>> last_used_ms;  // outlives a reload
};

struct Directory {
  std::uint64_t version = 0;                       // of two, the higher was read later
  std::map<std::string, store::UserRecord> users;  // by id
  std::map<std::string, Role> roles;               // by name
  std::map<std::string, ApiToken> tokens;          // by hash

  const store::UserRecord* find_user(std::string_view id_name_or_email) const;
  const ApiToken* find_token(std::string_view id) const;
  runtime::RightsPtr rights_of(const store::UserRecord& user) const;  // none: the role is gone
};

// `before`, where there is one, gives the tokens' times of use.
base::Result<Directory> read_directory(store::Connection& db, const Directory* before);

base::Result<std::vector<runtime::Grant>> parse_grants(const std::string& json);

}  // namespace telltale::auth
