#include "auth/roles.hpp"

#include <algorithm>
#include <array>

namespace telltale::auth {
namespace {

struct Permission {
  std::string_view name;
  int least_role;  // 0 viewer, 1 operator, 2 admin
};

// server:exec is apart from fleet:define: who may add a URL need not be able to start a program.
constexpr std::array kPermissions{
    Permission{"fleet:read", 0},      Permission{"tools:read", 0},
    Permission{"operations:read", 0}, Permission{"system:read", 0},
    Permission{"fleet:operate", 1},   Permission{"tools:call", 1},
    Permission{"taps:report", 1},     Permission{"operations:cancel", 1},
    Permission{"fleet:define", 2},    Permission{"server:exec", 2},
    Permission{"users:manage", 2},    Permission{"config:reload", 2},
    Permission{"audit:read", 2},      Permission{"store:backup", 2},
    Permission{"secrets:rotate", 2},
};
constexpr std::array<std::string_view, 3> kRoles{"viewer", "operator", "admin"};

constexpr auto kNames = [] {
  std::array<std::string_view, kPermissions.size()> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = kPermissions[i].name;
  return out;
}();

}  // namespace

bool is_role(std::string_view role) {
  return std::ranges::find(kRoles, role) != kRoles.end();
}

std::vector<std::string> permissions_of(std::string_view role) {
  std::vector<std::string> out;
  const auto rank = std::ranges::find(kRoles, role) - kRoles.begin();
  if (rank == static_cast<std::ptrdiff_t>(kRoles.size())) return out;
  for (const auto& permission : kPermissions)
    if (permission.least_role <= rank) out.emplace_back(permission.name);
  return out;
}

std::span<const std::string_view> all_permissions() {
  return kNames;
}

}  // namespace telltale::auth
