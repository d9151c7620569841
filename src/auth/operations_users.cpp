// Users: who may manage them can neither make nor take over one who may do more than he himself.
#include <algorithm>

#include "auth/operations.hpp"
#include "base/random.hpp"

namespace telltale::auth {

using base::FieldRule;
using runtime::ContextPtr;
using runtime::TaskResult;

struct UserId {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(UserId, (), (id))

struct NewUser {
  std::string username, role;
  std::optional<std::string> password, password_hash;
  std::string email;
};
BOOST_DESCRIBE_STRUCT(NewUser, (), (username, role, password, password_hash, email))
constexpr auto field_rules(const NewUser*) {
  return std::array{
      FieldRule{.name = "username",
                .help = "unique, without regard to case",
                .minimum = 1,
                .maximum = 64},
      FieldRule{.name = "role", .help = "viewer, operator, admin or a role of your own"},
      FieldRule{
          .name = "password", .help = "at least 10 characters", .minimum = 10, .maximum = 1024},
      FieldRule{.name = "password_hash",
                .help = "instead of it: argon2id or bcrypt, from another program",
                .maximum = 127},
      FieldRule{.name = "email", .maximum = 254, .has_default = true}};
}

struct UserChange {
  std::string id;
  std::optional<std::string> username, email, role, password;
  std::optional<bool> disabled;
};
BOOST_DESCRIBE_STRUCT(UserChange, (), (id, username, email, role, password, disabled))
constexpr auto field_rules(const UserChange*) {
  return std::array{FieldRule{.name = "username", .minimum = 1, .maximum = 64},
                    FieldRule{.name = "email", .maximum = 254},
                    FieldRule{.name = "password", .minimum = 10, .maximum = 1024}};
}

namespace {

bool last_admin(const Directory& all, const std::string& id) {
  return std::ranges::none_of(all.users, [&](const auto& item) {
    return item.first != id && item.second.role == "admin" && !item.second.disabled;
  });
}

std::unexpected<base::Error> no_user(const std::string& id) {
  return base::fail(base::Code::not_found, "no user has the id " + id);
}

TaskResult<UserList> list_users(SessionService* sessions) {
  UserList out;
  for (const auto& [id, user] : sessions->directory()->users)
    out.items.push_back(sessions->view(user));
  std::ranges::sort(out.items, {}, &UserView::username);
  co_return out;
}

TaskResult<UserView> get_user(SessionService* sessions, UserId input) {
  const auto all = sessions->directory();
  const auto* user = all->find_user(input.id);
  if (user == nullptr) co_return no_user(input.id);
  co_return sessions->view(*user);
}

TaskResult<std::string> hash_of(SessionService* sessions, NewUser input) {
  if (input.password.has_value() == input.password_hash.has_value())
    co_return base::bad_field("/password", "is required (or password_hash, not both)");
  if (input.password_hash) {
    if (auto fine = check_imported_hash(*input.password_hash, "/password_hash"); !fine)
      co_return std::unexpected(fine.error());
    co_return *input.password_hash;
  }
  if (auto fine = check_new_password(*input.password, "/password"); !fine)
    co_return std::unexpected(fine.error());
  co_return co_await sessions->passwords().hash(std::move(*input.password));
}

TaskResult<UserView> create_user(SessionService* sessions, ContextPtr context, NewUser input) {
  if (auto may = may_hand_out(context->actor(), *sessions->directory(), input.role); !may)
    co_return std::unexpected(may.error());
  auto hash = co_await hash_of(sessions, input);
  if (!hash) co_return std::unexpected(hash.error());
  const store::UserRecord user{.id = base::new_id("usr"),
                               .username = std::move(input.username),
                               .email = std::move(input.email),
                               .role = std::move(input.role),
                               .password_hash = std::move(*hash),
                               .created_at = sessions->store().clock().wall()};
  if (auto saved = co_await sessions->save_user(user, false); !saved)
    co_return std::unexpected(saved.error());
  co_return sessions->view(user);
}

base::Result<void> may_change(const runtime::Actor& actor, const Directory& all,
                              const store::UserRecord& user, const UserChange& input) {
  // Who resets the password of another is that other.
  if (auto over = may_hand_out(actor, all, user.role);
      !over && over.error().code == base::Code::permission_denied)
    return over;
  if (!input.role || *input.role == user.role) return {};
  if (actor.id == user.id) return base::bad_field("/role", "nobody changes his own role");
  return may_hand_out(actor, all, *input.role);
}

TaskResult<UserView> change_user(SessionService* sessions, ContextPtr context, UserChange input) {
  const auto all = sessions->directory();
  const auto* found = all->find_user(input.id);
  if (found == nullptr) co_return no_user(input.id);
  auto user = *found;
  if (auto may = may_change(context->actor(), *all, user, input); !may)
    co_return std::unexpected(may.error());
  const bool loses_admin = (input.role && *input.role != "admin") || input.disabled.value_or(false);
  if (user.role == "admin" && loses_admin && last_admin(*all, user.id))
    co_return base::fail(base::Code::conflict, "the last admin stays an admin");
  const bool ends_sessions = input.disabled.value_or(false) || input.password.has_value();
  if (input.password) {
    if (auto fine = check_new_password(*input.password, "/password"); !fine)
      co_return std::unexpected(fine.error());
    auto hash = co_await sessions->passwords().hash(std::move(*input.password));
    if (!hash) co_return std::unexpected(hash.error());
    user.password_hash = std::move(*hash);
    user.must_change_password = context->actor().id != user.id;
  }
  user.username = input.username.value_or(user.username);
  user.email = input.email.value_or(user.email);
  user.role = input.role.value_or(user.role);
  user.disabled = input.disabled.value_or(user.disabled);
  if (auto saved = co_await sessions->save_user(user, ends_sessions); !saved)
    co_return std::unexpected(saved.error());
  co_return sessions->view(user);
}

TaskResult<base::JsonObject> delete_user(SessionService* sessions, ContextPtr context,
                                         UserId input) {
  const auto all = sessions->directory();
  const auto* user = all->find_user(input.id);
  if (user == nullptr) co_return no_user(input.id);
  if (user->id == context->actor().id)
    co_return base::fail(base::Code::conflict, "nobody deletes himself");
  if (auto may = may_change(context->actor(), *all, *user, {}); !may)
    co_return std::unexpected(may.error());
  if (user->role == "admin" && last_admin(*all, user->id))
    co_return base::fail(base::Code::conflict, "the last admin cannot be deleted");
  auto gone = co_await sessions->change(
      "user", [id = user->id](store::Connection& db) { return store::delete_user(db, id); });
  if (!gone) co_return std::unexpected(gone.error());
  co_return base::JsonObject();
}

runtime::OperationSpec spec(std::string name, std::string help, runtime::Route route) {
  const bool changes = route.method != "GET";
  return {.name = std::move(name),
          .help = std::move(help),
          .permission = "users:manage",
          .changes = changes,
          .routes = {std::move(route)},
          .group = "Users"};
}

}  // namespace

void declare_user_operations(runtime::OperationRegistry& registry, SessionService* sessions) {
  registry.add(runtime::declare<runtime::Nothing, UserList>(
      spec("users.list", "All users", {"GET", "/api/users"}),
      [sessions](ContextPtr, runtime::Nothing) { return list_users(sessions); }));
  registry.add(runtime::declare<NewUser, UserView>(
      spec("users.create", "Adds a user", {"POST", "/api/users", 201}),
      [sessions](ContextPtr context, NewUser input) {
        return create_user(sessions, std::move(context), std::move(input));
      }));
  registry.add(runtime::declare<UserId, UserView>(
      spec("users.get", "One user", {"GET", "/api/users/{id}"}),
      [sessions](ContextPtr, UserId input) { return get_user(sessions, std::move(input)); }));
  registry.add(runtime::declare<UserChange, UserView>(
      spec("users.update", "Changes a user", {"PUT", "/api/users/{id}"}),
      [sessions](ContextPtr context, UserChange input) {
        return change_user(sessions, std::move(context), std::move(input));
      }));
  registry.add(runtime::declare<UserId, base::JsonObject>(
      spec("users.delete", "Deletes a user", {"DELETE", "/api/users/{id}", 204}),
      [sessions](ContextPtr context, UserId input) {
        return delete_user(sessions, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::auth
