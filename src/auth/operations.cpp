// What everybody may ask about himself.
#include "auth/operations.hpp"

namespace telltale::auth {

using base::FieldRule;
using runtime::ContextPtr;
using runtime::TaskResult;

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

TaskResult<UserView> me(SessionService* sessions, ContextPtr context) {
  const auto all = sessions->directory();
  const auto* user = all->find_user(context->actor().id);
  if (user == nullptr) co_return base::fail(base::Code::not_found, "this user is gone");
  auto out = sessions->view(*user);
  // What this session or token may, which can be less than its owner.
  out.permissions =
      context->actor().rights ? context->actor().rights->permissions() : std::vector<std::string>();
  co_return out;
}

TaskResult<TicketAnswer> ticket(SessionService* sessions, ContextPtr context) {
  co_return TicketAnswer{.ticket = sessions->make_ticket(context->actor())};
}

TaskResult<base::JsonObject> change_password(SessionService* sessions, ContextPtr context,
                                             PasswordChange input) {
  if (context->actor().session.starts_with(kApiTokenId))
    co_return base::fail(base::Code::permission_denied,
                         "an API token cannot change its owner's password");
  auto done = co_await sessions->change_password(
      context->actor().id, std::move(input.current_password), std::move(input.new_password));
  if (!done) co_return std::unexpected(done.error());
  co_return base::JsonObject{{"success", true}};
}

}  // namespace

void declare_own_operations(runtime::OperationRegistry& registry, SessionService* sessions) {
  registry.add(runtime::declare<runtime::Nothing, UserView>(
      {.name = "auth.me",
       .help = "Who one is and what one may do",
       .permission = "session",
       .routes = {{"GET", "/api/auth/me"}},
       .group = "Authentication"},
      [sessions](ContextPtr context, runtime::Nothing) {
        return me(sessions, std::move(context));
      }));
  registry.add(runtime::declare<runtime::Nothing, TicketAnswer>(
      {.name = "auth.ticket",
       .help = "A one-use WebSocket ticket, valid 30 s",
       .permission = "session",
       .routes = {{"POST", "/api/auth/ticket"}},
       .group = "Authentication"},
      [sessions](ContextPtr context, runtime::Nothing) {
        return ticket(sessions, std::move(context));
      }));
  registry.add(runtime::declare<PasswordChange, base::JsonObject>(
      {.name = "auth.password",
       .help = "Changes one's own password",
       .permission = "session",
       .changes = true,
       .routes = {{"POST", "/api/auth/password"}},
       .group = "Authentication"},
      [sessions](ContextPtr context, PasswordChange input) {
        return change_password(sessions, std::move(context), std::move(input));
      }));
}

void declare_operations(runtime::OperationRegistry& registry, SessionService& service) {
  declare_own_operations(registry, &service);
  declare_user_operations(registry, &service);
  declare_role_operations(registry, &service);
  declare_token_operations(registry, &service);
  declare_session_operations(registry, &service);
}

base::Result<void> may_hand_out(const runtime::Actor& actor, const Directory& all,
                                const std::string& role) {
  const auto found = all.roles.find(role);
  if (found == all.roles.end())
    return base::bad_field("/role", "no role is called \"" + role + "\"");
  if (!found->second.rights || (actor.rights && actor.rights->cover(*found->second.rights)))
    return {};
  return base::fail(base::Code::permission_denied,
                    "the role " + role + " may do more than you; only who has all of it can");
}

}  // namespace telltale::auth
