// Sessions: where one is logged in, and how to end it; and the key that signs their tokens.
#include "auth/operations.hpp"

namespace telltale::auth {

using runtime::ContextPtr;
using runtime::TaskResult;

struct SessionId {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(SessionId, (), (id))

namespace {

using Records = std::vector<store::SessionRecord>;

// One's own; with users:manage everybody's.
TaskResult<Records> visible(SessionService* sessions, ContextPtr context) {
  auto all = co_await sessions->store().read(
      [](store::Connection& db) { return store::list_sessions(db); });
  if (!all) co_return std::unexpected(all.error());
  const auto now = sessions->store().clock().wall();
  const auto& actor = context->actor();
  std::erase_if(*all, [&](const store::SessionRecord& one) {
    return one.expires_at < now || (one.user_id != actor.id && !actor.may("users:manage"));
  });
  co_return all;
}

TaskResult<SessionList> list(SessionService* sessions, ContextPtr context) {
  auto found = co_await visible(sessions, context);
  if (!found) co_return std::unexpected(found.error());
  const auto directory = sessions->directory();
  SessionList out;
  for (const auto& one : *found) {
    const auto user = directory->users.find(one.user_id);
    out.items.push_back({.id = one.family_id,
                         .user = user == directory->users.end() ? "" : user->second.username,
                         .created_at = base::format_rfc3339(one.issued_at),
                         .last_used_at = base::format_rfc3339(one.last_used_at),
                         .address = one.address,
                         .agent = one.agent,
                         .current = one.family_id == context->actor().session});
  }
  co_return out;
}

TaskResult<base::JsonObject> end(SessionService* sessions, ContextPtr context, SessionId input) {
  auto found = co_await visible(sessions, std::move(context));
  if (!found) co_return std::unexpected(found.error());
  for (const auto& one : *found)
    if (one.family_id == input.id) {
      auto done = co_await sessions->end_session(input.id);
      if (!done) co_return std::unexpected(done.error());
      co_return base::JsonObject();
    }
  co_return base::fail(base::Code::not_found, "no session has the id " + input.id);
}

TaskResult<base::JsonObject> rotate(SessionService* sessions) {
  auto done = co_await sessions->rotate_key();
  if (!done) co_return std::unexpected(done.error());
  co_return base::JsonObject{{"success", true}};
}

}  // namespace

void declare_session_operations(runtime::OperationRegistry& registry, SessionService* sessions) {
  registry.add(runtime::declare<runtime::Nothing, SessionList>(
      {.name = "sessions.list",
       .help = "Where one is logged in; everybody with users:manage",
       .permission = "session",
       .routes = {{"GET", "/api/sessions"}},
       .group = "Sessions"},
      [sessions](ContextPtr context, runtime::Nothing) {
        return list(sessions, std::move(context));
      }));
  registry.add(runtime::declare<SessionId, base::JsonObject>(
      {.name = "sessions.end",
       .help = "Ends a session at once, with its access tokens and WebSockets",
       .permission = "session",
       .changes = true,
       .routes = {{"DELETE", "/api/sessions/{id}", 204}},
       .group = "Sessions"},
      [sessions](ContextPtr context, SessionId input) {
        return end(sessions, std::move(context), std::move(input));
      }));
  registry.add(runtime::declare<runtime::Nothing, base::JsonObject>(
      {.name = "auth.rotate_key",
       .help = "Signs access tokens with a new key; those of the old one end by themselves",
       .permission = "keys:manage",
       .changes = true,
       .routes = {{"POST", "/api/auth/rotate_key"}},
       .group = "Authentication"},
      [sessions](ContextPtr, runtime::Nothing) { return rotate(sessions); }));
}

}  // namespace telltale::auth
