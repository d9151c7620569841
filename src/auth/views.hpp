// What the API shows of users, sessions, tokens and roles (docs/api.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/describe.hpp"
#include "runtime/rights.hpp"

namespace telltale::auth {

struct UserView {
  std::string id, username, email, role;
  std::vector<std::string> permissions;
  bool must_change_password = false;
  bool disabled = false;
  std::string created_at;
  std::optional<std::string> last_login_at;
};
BOOST_DESCRIBE_STRUCT(UserView, (),
                      (id, username, email, role, permissions, must_change_password, disabled,
                       created_at, last_login_at))

struct SessionAnswer {
  std::string access_token, refresh_token, token_type = "bearer";
  std::int64_t expires_in = 0;
  UserView user;
};
BOOST_DESCRIBE_STRUCT(SessionAnswer, (),
                      (access_token, refresh_token, token_type, expires_in, user))

struct SessionView {
  std::string id, user, created_at, last_used_at, address, agent;
  bool current = false;
};
BOOST_DESCRIBE_STRUCT(SessionView, (),
                      (id, user, created_at, last_used_at, address, agent, current))

struct TokenView {
  std::string id, name, prefix, owner;
  std::vector<std::string> scopes;
  std::string created_at;
  std::optional<std::string> expires_at, last_used_at;
};
BOOST_DESCRIBE_STRUCT(TokenView, (),
                      (id, name, prefix, owner, scopes, created_at, expires_at, last_used_at))

struct RoleView {
  std::string name, description;
  bool builtin = false;
  std::vector<runtime::Grant> grants;
  std::int64_t users = 0;
};
BOOST_DESCRIBE_STRUCT(RoleView, (), (name, description, builtin, grants, users))

struct PermissionView {
  std::string name, description;
  bool per_server = false;
};
BOOST_DESCRIBE_STRUCT(PermissionView, (), (name, description, per_server))

template <class View>
struct ListOf {
  std::vector<View> items;
  std::optional<std::string> next_cursor;
};
using UserList = ListOf<UserView>;
using SessionList = ListOf<SessionView>;
using TokenList = ListOf<TokenView>;
using RoleList = ListOf<RoleView>;
using PermissionList = ListOf<PermissionView>;
BOOST_DESCRIBE_STRUCT(UserList, (), (items, next_cursor))
BOOST_DESCRIBE_STRUCT(SessionList, (), (items, next_cursor))
BOOST_DESCRIBE_STRUCT(TokenList, (), (items, next_cursor))
BOOST_DESCRIBE_STRUCT(RoleList, (), (items, next_cursor))
BOOST_DESCRIBE_STRUCT(PermissionList, (), (items, next_cursor))

}  // namespace telltale::auth
