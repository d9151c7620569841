// Roles and what each may do. The permissions are those the operations declare; a test checks that
// every one is known here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::auth {

bool is_role(std::string_view role);
std::vector<std::string> permissions_of(std::string_view role);
std::span<const std::string_view> all_permissions();

}  // namespace telltale::auth
