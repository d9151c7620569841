#include "auth/roles.hpp"

#include <algorithm>
#include <array>

namespace telltale::auth {
namespace {

// server:exec is apart from fleet:define: who may add a URL need not be able to start a program.
constexpr std::array kPermissions{
    Permission{"fleet:read", "See servers, their health, logs and calls", true, 0},
    Permission{"tools:read", "List and read tools, resources and prompts", true, 0},
    Permission{"operations:read", "See operations, tasks and events", false, 0},
    Permission{"system:read", "See this process's figures", false, 0},
    Permission{"metrics:read", "Query metrics and the analytics of calls", false, 0},
    Permission{"content:read", "List and read content", false, 0},
    Permission{"webrtc:read", "See WebRTC connections and watch streams", false, 0},
    Permission{"tests:read", "See test suites and their runs", false, 0},
    Permission{"schedules:read", "See schedules of one's own, and all when one sees all servers",
               false, 0},
    Permission{"reports:read", "See and read reports", false, 0},
    Permission{"presence:read", "See who is here, chat and annotations, and be seen", false, 0},
    Permission{"alerts:read", "See alerts, their rules, silences and channels", false, 0},
    Permission{"fleet:operate", "Start, stop, restart, reload and test servers", true, 1},
    Permission{"tools:call", "Call tools and answer what they ask", true, 1},
    Permission{"tests:run", "Run test suites", false, 1},
    Permission{"tests:write", "Add, change and remove test suites", false, 1},
    Permission{"taps:report", "Report what `telltale tap` saw", false, 1},
    Permission{"webrtc:report", "Report WebRTC connections of other applications (the lens)", false,
               1},
    Permission{"operations:cancel", "Cancel operations", false, 1},
    Permission{"metrics:write", "Record metrics", false, 1},
    Permission{"content:write", "Add, pin, unpin and remove content", false, 1},
    Permission{"webrtc:control", "Steer and close WebRTC connections, test them", false, 1},
    Permission{"webrtc:publish", "Publish live streams (WHIP)", false, 1},
    Permission{"schedules:write", "Run operations by the clock", false, 1},
    Permission{"reports:write", "Make, send and remove reports", false, 1},
    Permission{"presence:chat", "Write in the chat", false, 1},
    Permission{"annotations:write", "Write on charts", false, 1},
    Permission{"alerts:write", "Acknowledge and silence alerts, change their rules", false, 1},
    Permission{"metrics:delete", "Delete metrics", false, 2},
    Permission{"fleet:define", "Add, change and remove servers", true, 2},
    Permission{"server:exec", "Define what a server's command is", true, 2},
    Permission{"users:manage", "Manage users, roles, and everybody's tokens and sessions", false,
               2},
    Permission{"keys:manage", "Change the key that signs access tokens", false, 2},
    Permission{"config:reload", "Read the fleet file again", false, 2},
    Permission{"audit:read", "Read and verify the audit", false, 2},
    Permission{"alerts:channels", "Add, change and remove where alerts are told", false, 2},
    Permission{"store:backup", "Make, read and remove backups of the database", false, 2},
    Permission{"store:retention", "Change how long what is recorded is kept", false, 2},
    Permission{"secrets:rotate", "Seal what is secret with a new key", false, 2},
};
constexpr std::array<std::string_view, 3> kRoles{"viewer", "operator", "admin"};
constexpr std::array<std::string_view, 3> kDescriptions{"Sees everything, changes nothing",
                                                        "Steers servers and calls tools",
                                                        "Defines servers, manages users"};

std::size_t rank_of(std::string_view role) {
  return static_cast<std::size_t>(std::ranges::find(kRoles, role) - kRoles.begin());
}

runtime::RightsPtr rights_of_rank(std::size_t rank) {
  std::vector<std::string> out;
  for (const auto& permission : kPermissions)
    if (static_cast<std::size_t>(permission.least_role) <= rank) out.emplace_back(permission.name);
  return std::make_shared<const runtime::Rights>(runtime::Rights::of(std::move(out)));
}

}  // namespace

std::span<const Permission> all_permissions() {
  return kPermissions;
}

bool is_permission(std::string_view name) {
  return std::ranges::find(kPermissions, name, &Permission::name) != kPermissions.end();
}

std::span<const std::string_view> builtin_roles() {
  return kRoles;
}

bool is_builtin_role(std::string_view role) {
  return rank_of(role) < kRoles.size();
}

std::string_view builtin_description(std::string_view role) {
  return is_builtin_role(role) ? kDescriptions[rank_of(role)] : std::string_view();
}

runtime::RightsPtr builtin_rights(std::string_view role) {
  static const std::array<runtime::RightsPtr, kRoles.size()> kRights{
      rights_of_rank(0), rights_of_rank(1), rights_of_rank(2)};
  return is_builtin_role(role) ? kRights[rank_of(role)] : nullptr;
}

}  // namespace telltale::auth
