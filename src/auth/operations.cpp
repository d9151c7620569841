#include "auth/operations.hpp"

#include <algorithm>

#include "auth/roles.hpp"
#include "base/random.hpp"

namespace telltale::auth {

using base::FieldRule;
using runtime::ContextPtr;
using runtime::TaskResult;

struct ById {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(ById, (), (id))

struct NewUser {
  std::string username, password, role;
  std::string email;
};
BOOST_DESCRIBE_STRUCT(NewUser, (), (username, password, role, email))
constexpr auto field_rules(const NewUser*) {
  return std::array{
      FieldRule{.name = "username",
                .help = "unique, without regard to case",
                .minimum = 1,
                .maximum = 64},
      FieldRule{
          .name = "password", .help = "at least 10 characters", .minimum = 10, .maximum = 1024},
      FieldRule{.name = "role", .one_of = "viewer|operator|admin"},
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
                    FieldRule{.name = "role", .one_of = "viewer|operator|admin"},
                    FieldRule{.name = "password", .minimum = 10, .maximum = 1024}};
}

struct UserList {
  std::vector<UserView> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(UserList, (), (items, next_cursor))

struct TicketAnswer {
  std::string ticket;
  std::int64_t expires_in = 30;
};
BOOST_DESCRIBE_STRUCT(TicketAnswer, (), (ticket, expires_in))

struct PasswordChange {
  std::string current_password;
  std::string new_password;
};
BOOST_DESCRIBE_STRUCT(PasswordChange, (), (current_password, new_password))
constexpr auto field_rules(const PasswordChange*) {
  return std::array{FieldRule{.name = "current_password", .has_default = true},
                    FieldRule{.name = "new_password", .minimum = 10, .maximum = 1024}};
}

namespace {

bool last_admin(const SessionService& sessions, const std::string& id) {
  return std::ranges::none_of(sessions.users(), [&](const store::UserRecord& user) {
    return user.id != id && user.role == "admin" && !user.disabled;
  });
}

TaskResult<UserView> create_user(SessionService* sessions, NewUser input) {
  if (auto fine = check_new_password(input.password, "/password"); !fine)
    co_return std::unexpected(fine.error());
  auto hash = co_await sessions->passwords().hash(std::move(input.password));
  if (!hash) co_return std::unexpected(hash.error());
  store::UserRecord user{.id = base::new_id("usr"),
                         .username = std::move(input.username),
                         .email = std::move(input.email),
                         .role = std::move(input.role),
                         .password_hash = std::move(*hash),
                         .created_at = base::SystemClock().wall()};
  if (auto saved = co_await sessions->save_user(user, false); !saved)
    co_return std::unexpected(saved.error());
  co_return SessionService::view(user);
}

TaskResult<UserView> change_user(SessionService* sessions, ContextPtr context, UserChange input) {
  auto user = sessions->find_user(input.id);
  if (!user) co_return base::fail(base::Code::not_found, "no user has the id " + input.id);
  const bool own = context->actor().id == user->id;
  if (own && input.role && *input.role != user->role)
    co_return base::bad_field("/role", "nobody changes his own role");
  const bool loses_admin = (input.role && *input.role != "admin") || input.disabled.value_or(false);
  if (user->role == "admin" && loses_admin && last_admin(*sessions, user->id))
    co_return base::fail(base::Code::conflict, "the last admin stays an admin");
  const bool ends_sessions = input.disabled.value_or(false) || input.password.has_value();
  if (input.password) {
    if (auto fine = check_new_password(*input.password, "/password"); !fine)
      co_return std::unexpected(fine.error());
    auto hash = co_await sessions->passwords().hash(std::move(*input.password));
    if (!hash) co_return std::unexpected(hash.error());
    user->password_hash = std::move(*hash);
    user->must_change_password = !own;
  }
  user->username = input.username.value_or(user->username);
  user->email = input.email.value_or(user->email);
  user->role = input.role.value_or(user->role);
  user->disabled = input.disabled.value_or(user->disabled);
  if (auto saved = co_await sessions->save_user(*user, ends_sessions); !saved)
    co_return std::unexpected(saved.error());
  co_return SessionService::view(*user);
}

TaskResult<base::JsonObject> delete_user(SessionService* sessions, ContextPtr context, ById input) {
  const auto user = sessions->find_user(input.id);
  if (!user) co_return base::fail(base::Code::not_found, "no user has the id " + input.id);
  if (user->id == context->actor().id)
    co_return base::fail(base::Code::conflict, "nobody deletes himself");
  if (user->role == "admin" && last_admin(*sessions, user->id))
    co_return base::fail(base::Code::conflict, "the last admin cannot be deleted");
  if (auto gone = co_await sessions->remove_user(user->id); !gone)
    co_return std::unexpected(gone.error());
  co_return base::JsonObject();
}

void declare_user_operations(runtime::OperationRegistry& registry, SessionService* sessions) {
  registry.add(runtime::declare<runtime::Nothing, UserList>(
      {.name = "users.list",
       .help = "All users",
       .permission = "users:manage",
       .routes = {{"GET", "/api/users"}},
       .group = "Users"},
      [sessions](ContextPtr, runtime::Nothing) -> TaskResult<UserList> {
        return [](SessionService* service) -> TaskResult<UserList> {
          UserList out;
          for (const auto& user : service->users()) out.items.push_back(SessionService::view(user));
          co_return out;
        }(sessions);
      }));
  registry.add(runtime::declare<NewUser, UserView>(
      {.name = "users.create",
       .help = "Adds a user",
       .permission = "users:manage",
       .changes = true,
       .routes = {{"POST", "/api/users", 201}},
       .group = "Users"},
      [sessions](ContextPtr, NewUser input) { return create_user(sessions, std::move(input)); }));
  registry.add(runtime::declare<ById, UserView>(
      {.name = "users.get",
       .help = "One user",
       .permission = "users:manage",
       .routes = {{"GET", "/api/users/{id}"}},
       .group = "Users"},
      [sessions](ContextPtr, ById input) -> TaskResult<UserView> {
        return [](SessionService* service, ById wanted) -> TaskResult<UserView> {
          const auto user = service->find_user(wanted.id);
          if (!user) co_return base::fail(base::Code::not_found, "no user has the id " + wanted.id);
          co_return SessionService::view(*user);
        }(sessions, std::move(input));
      }));
  registry.add(runtime::declare<UserChange, UserView>(
      {.name = "users.update",
       .help = "Changes a user",
       .permission = "users:manage",
       .changes = true,
       .routes = {{"PUT", "/api/users/{id}"}},
       .group = "Users"},
      [sessions](ContextPtr context, UserChange input) {
        return change_user(sessions, std::move(context), std::move(input));
      }));
  registry.add(runtime::declare<ById, base::JsonObject>(
      {.name = "users.delete",
       .help = "Deletes a user",
       .permission = "users:manage",
       .changes = true,
       .routes = {{"DELETE", "/api/users/{id}", 204}},
       .group = "Users"},
      [sessions](ContextPtr context, ById input) {
        return delete_user(sessions, std::move(context), std::move(input));
      }));
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, SessionService& service) {
  auto* const sessions = &service;
  declare_user_operations(registry, sessions);
  registry.add(runtime::declare<runtime::Nothing, UserView>(
      {.name = "auth.me",
       .help = "Who one is and what one may do",
       .permission = "session",
       .routes = {{"GET", "/api/auth/me"}},
       .group = "Authentication"},
      [sessions](ContextPtr context, runtime::Nothing) -> TaskResult<UserView> {
        return [](SessionService* all, ContextPtr ctx) -> TaskResult<UserView> {
          const auto user = all->find_user(ctx->actor().id);
          if (!user) co_return base::fail(base::Code::not_found, "this user is gone");
          co_return SessionService::view(*user);
        }(sessions, std::move(context));
      }));
  registry.add(runtime::declare<runtime::Nothing, TicketAnswer>(
      {.name = "auth.ticket",
       .help = "A one-use WebSocket ticket, valid 30 s",
       .permission = "session",
       .routes = {{"POST", "/api/auth/ticket"}},
       .group = "Authentication"},
      [sessions](ContextPtr context, runtime::Nothing) -> TaskResult<TicketAnswer> {
        return [](SessionService* all, ContextPtr ctx) -> TaskResult<TicketAnswer> {
          co_return TicketAnswer{.ticket = all->make_ticket(ctx->actor())};
        }(sessions, std::move(context));
      }));
  registry.add(runtime::declare<PasswordChange, base::JsonObject>(
      {.name = "auth.password",
       .help = "Changes one's own password",
       .permission = "session",
       .routes = {{"POST", "/api/auth/password"}},
       .group = "Authentication"},
      [sessions](ContextPtr context, PasswordChange input) -> TaskResult<base::JsonObject> {
        return [](SessionService* all, ContextPtr ctx,
                  PasswordChange change) -> TaskResult<base::JsonObject> {
          auto done = co_await all->change_password(
              ctx->actor().id, std::move(change.current_password), std::move(change.new_password));
          if (!done) co_return std::unexpected(done.error());
          co_return base::JsonObject{{"success", true}};
        }(sessions, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::auth
