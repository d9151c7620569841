// Roles: the built-in ones stand, others are grants of permissions on servers and tools.
#include <algorithm>

#include "auth/operations.hpp"
#include "auth/roles.hpp"

namespace telltale::auth {

using base::FieldRule;
using runtime::ContextPtr;
using runtime::TaskResult;

struct RoleName {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(RoleName, (), (name))

struct RoleInput {
  std::string name;
  std::string description;
  std::vector<runtime::Grant> grants;
};
BOOST_DESCRIBE_STRUCT(RoleInput, (), (name, description, grants))
constexpr auto field_rules(const RoleInput*) {
  return std::array{
      FieldRule{.name = "name", .help = "a-z, 0-9, - and _", .minimum = 1, .maximum = 64},
      FieldRule{.name = "description", .maximum = 500, .has_default = true},
      FieldRule{.name = "grants",
                .help = "permissions, each on the servers and tools that fit the patterns",
                .maximum = 100}};
}

namespace {

constexpr std::size_t kMaxRoles = 1000;

RoleView view_of(const Role& role, const Directory& all) {
  const auto users = std::ranges::count_if(
      all.users, [&](const auto& item) { return item.second.role == role.name; });
  return {.name = role.name,
          .description = role.description,
          .builtin = role.builtin,
          .grants = role.rights ? role.rights->grants() : std::vector<runtime::Grant>(),
          .users = users};
}

base::Result<void> check_name(const std::string& name) {
  const bool fine = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  return fine ? base::Result<void>() : base::bad_field("/name", "may have a-z, 0-9, - and _");
}

base::Result<void> check_grants(const std::vector<runtime::Grant>& grants) {
  for (std::size_t i = 0; i < grants.size(); ++i) {
    const auto at = "/grants/" + std::to_string(i);
    const auto& grant = grants[i];
    for (std::size_t k = 0; k < grant.permissions.size(); ++k)
      if (!is_permission(grant.permissions[k]))
        return base::bad_field(at + "/permissions/" + std::to_string(k),
                               "no permission is called \"" + grant.permissions[k] +
                                   "\" (GET /api/permissions lists them)");
    const auto too_long = [](const std::string& pattern) {
      return pattern.empty() || pattern.size() > 128;
    };
    if (std::ranges::any_of(grant.servers, too_long))
      return base::bad_field(at + "/servers", "a pattern has 1 to 128 characters");
    if (std::ranges::any_of(grant.tools, too_long))
      return base::bad_field(at + "/tools", "a pattern has 1 to 128 characters");
  }
  return {};
}

base::Result<void> may_write(const runtime::Actor& actor, const Directory& all,
                             const RoleInput& input) {
  if (auto fine = check_name(input.name); !fine) return fine;
  if (auto fine = check_grants(input.grants); !fine) return fine;
  if (is_builtin_role(input.name))
    return base::fail(base::Code::conflict, "the role " + input.name + " is built in");
  if (actor.role == input.name)
    return base::fail(base::Code::permission_denied, "nobody changes his own role");
  if (const auto known = all.roles.find(input.name); known != all.roles.end())
    if (auto over = may_hand_out(actor, all, input.name); !over) return over;
  if (!actor.rights || !actor.rights->cover(runtime::Rights(input.grants)))
    return base::fail(base::Code::permission_denied,
                      "the role would do more than you may; only who has all of it can grant it");
  return {};
}

TaskResult<RoleView> save(SessionService* sessions, RoleInput input) {
  store::RoleRecord record{.name = input.name,
                           .description = std::move(input.description),
                           .grants = base::write_json(base::to_json(input.grants))};
  auto saved = co_await sessions->change(
      "role", [record](store::Connection& db) { return store::save_role(db, record); });
  if (!saved) co_return std::unexpected(saved.error());
  const auto all = sessions->directory();
  const auto found = all->roles.find(input.name);
  if (found == all->roles.end())
    co_return base::fail(base::Code::conflict, "the role was deleted at the same time");
  co_return view_of(found->second, *all);
}

TaskResult<RoleView> create(SessionService* sessions, ContextPtr context, RoleInput input) {
  const auto all = sessions->directory();
  if (auto may = may_write(context->actor(), *all, input); !may)
    co_return std::unexpected(may.error());
  if (all->roles.contains(input.name))
    co_return base::fail(base::Code::conflict, "a role is called " + input.name + " already");
  if (all->roles.size() >= kMaxRoles)
    co_return base::fail(base::Code::conflict, "there are a thousand roles already");
  co_return co_await save(sessions, std::move(input));
}

TaskResult<RoleView> update(SessionService* sessions, ContextPtr context, RoleInput input) {
  const auto all = sessions->directory();
  if (!all->roles.contains(input.name))
    co_return base::fail(base::Code::not_found, "no role is called " + input.name);
  if (auto may = may_write(context->actor(), *all, input); !may)
    co_return std::unexpected(may.error());
  co_return co_await save(sessions, std::move(input));
}

TaskResult<RoleView> get(SessionService* sessions, RoleName input) {
  const auto all = sessions->directory();
  const auto found = all->roles.find(input.name);
  if (found == all->roles.end())
    co_return base::fail(base::Code::not_found, "no role is called " + input.name);
  co_return view_of(found->second, *all);
}

TaskResult<RoleList> list(SessionService* sessions) {
  const auto all = sessions->directory();
  RoleList out;
  for (const auto name : builtin_roles())
    out.items.push_back(view_of(all->roles.at(std::string(name)), *all));
  for (const auto& [name, role] : all->roles)
    if (!role.builtin) out.items.push_back(view_of(role, *all));
  co_return out;
}

TaskResult<base::JsonObject> remove(SessionService* sessions, RoleName input) {
  const auto all = sessions->directory();
  const auto found = all->roles.find(input.name);
  if (found == all->roles.end())
    co_return base::fail(base::Code::not_found, "no role is called " + input.name);
  if (found->second.builtin)
    co_return base::fail(base::Code::conflict, "the role " + input.name + " is built in");
  if (view_of(found->second, *all).users > 0)
    co_return base::fail(base::Code::conflict, "users have the role " + input.name);
  auto gone = co_await sessions->change(
      "role", [name = input.name](store::Connection& db) { return store::delete_role(db, name); });
  if (!gone) co_return std::unexpected(gone.error());
  co_return base::JsonObject();
}

TaskResult<PermissionList> list_permissions() {
  PermissionList out;
  for (const auto& one : all_permissions())
    out.items.push_back({.name = std::string(one.name),
                         .description = std::string(one.description),
                         .per_server = one.per_server});
  co_return out;
}

runtime::OperationSpec spec(std::string name, std::string help, runtime::Route route) {
  const bool changes = route.method != "GET";
  return {.name = std::move(name),
          .help = std::move(help),
          .permission = changes ? "users:manage" : "session",
          .changes = changes,
          .routes = {std::move(route)},
          .group = "Roles"};
}

}  // namespace

void declare_role_operations(runtime::OperationRegistry& registry, SessionService* sessions) {
  registry.add(runtime::declare<runtime::Nothing, PermissionList>(
      spec("roles.permissions", "All permissions", {"GET", "/api/permissions"}),
      [](ContextPtr, runtime::Nothing) { return list_permissions(); }));
  registry.add(runtime::declare<runtime::Nothing, RoleList>(
      spec("roles.list", "All roles", {"GET", "/api/roles"}),
      [sessions](ContextPtr, runtime::Nothing) { return list(sessions); }));
  registry.add(runtime::declare<RoleName, RoleView>(
      spec("roles.get", "One role", {"GET", "/api/roles/{name}"}),
      [sessions](ContextPtr, RoleName input) { return get(sessions, std::move(input)); }));
  registry.add(runtime::declare<RoleInput, RoleView>(
      spec("roles.create", "Adds a role", {"POST", "/api/roles", 201}),
      [sessions](ContextPtr context, RoleInput input) {
        return create(sessions, std::move(context), std::move(input));
      }));
  registry.add(runtime::declare<RoleInput, RoleView>(
      spec("roles.update", "Changes a role; it counts at once", {"PUT", "/api/roles/{name}"}),
      [sessions](ContextPtr context, RoleInput input) {
        return update(sessions, std::move(context), std::move(input));
      }));
  registry.add(runtime::declare<RoleName, base::JsonObject>(
      spec("roles.delete", "Deletes a role that no user has", {"DELETE", "/api/roles/{name}", 204}),
      [sessions](ContextPtr, RoleName input) { return remove(sessions, std::move(input)); }));
}

}  // namespace telltale::auth
