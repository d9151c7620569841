// Permissions and the built-in roles. A permission is what an operation declares; the dispatcher
// refuses to start with one that is not in this table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/rights.hpp"

namespace telltale::auth {

struct Permission {
  std::string_view name;
  std::string_view description;
  bool per_server;  // a grant may limit it to servers
  int least_role;   // 0 viewer, 1 operator, 2 admin
};

std::span<const Permission> all_permissions();
bool is_permission(std::string_view name);

std::span<const std::string_view> builtin_roles();
bool is_builtin_role(std::string_view role);
std::string_view builtin_description(std::string_view role);
runtime::RightsPtr builtin_rights(std::string_view role);  // none: no such role

}  // namespace telltale::auth
