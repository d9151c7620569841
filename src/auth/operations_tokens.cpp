// API tokens: for programs. Everybody makes and ends his own; users:manage sees and ends all.
#include <algorithm>

#include "auth/operations.hpp"
#include "auth/roles.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"

namespace telltale::auth {

using base::FieldRule;
using runtime::ContextPtr;
using runtime::TaskResult;

struct TokenId {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(TokenId, (), (id))

struct NewToken {
  std::string name;
  std::vector<std::string> scopes;
  std::int64_t expires_in_days = 90;
};
BOOST_DESCRIBE_STRUCT(NewToken, (), (name, scopes, expires_in_days))
constexpr auto field_rules(const NewToken*) {
  return std::array{
      FieldRule{.name = "name", .help = "what it is for", .minimum = 1, .maximum = 100},
      FieldRule{.name = "scopes",
                .help = "permissions it is limited to; none: all that its owner has",
                .maximum = 100,
                .has_default = true},
      FieldRule{.name = "expires_in_days",
                .help = "0 is never",
                .minimum = 0,
                .maximum = 3650,
                .has_default = true}};
}

struct NewTokenAnswer {
  std::string token;  // now and never again
  std::string id, name, prefix, owner;
  std::vector<std::string> scopes;
  std::string created_at;
  std::optional<std::string> expires_at;
};
BOOST_DESCRIBE_STRUCT(NewTokenAnswer, (),
                      (token, id, name, prefix, owner, scopes, created_at, expires_at))

namespace {

constexpr std::size_t kMaxTokensPerUser = 100;
constexpr std::size_t kShownPrefix = 11;

TokenView view_of(const ApiToken& token, const Directory& all) {
  const auto& record = token.record;
  const auto owner = all.users.find(record.user_id);
  TokenView out{.id = record.id,
                .name = record.name,
                .prefix = record.prefix,
                .owner = owner == all.users.end() ? "" : owner->second.username,
                .scopes = token.scopes,
                .created_at = base::format_rfc3339(record.created_at)};
  if (record.expires_at) out.expires_at = base::format_rfc3339(*record.expires_at);
  if (const auto last = token.last_used_ms->load(); last > 0)
    out.last_used_at = base::format_rfc3339(base::from_unix_ms(last));
  return out;
}

bool is_visible(const runtime::Actor& actor, const ApiToken& token) {
  return token.record.user_id == actor.id || actor.may("users:manage");
}

TaskResult<TokenList> list(SessionService* sessions, ContextPtr context) {
  const auto all = sessions->directory();
  TokenList out;
  for (const auto& [hash, token] : all->tokens)
    if (is_visible(context->actor(), token)) out.items.push_back(view_of(token, *all));
  std::ranges::sort(out.items, {}, &TokenView::id);
  co_return out;
}

base::Result<void> may_make(const runtime::Actor& actor, const Directory& all,
                            const NewToken& input) {
  // A token that makes tokens would outlive its own end.
  if (actor.session.starts_with(kApiTokenId))
    return base::fail(base::Code::permission_denied, "an API token cannot make API tokens");
  for (std::size_t i = 0; i < input.scopes.size(); ++i) {
    const auto at = "/scopes/" + std::to_string(i);
    if (!is_permission(input.scopes[i]))
      return base::bad_field(at, "no permission is called \"" + input.scopes[i] +
                                     "\" (GET /api/permissions lists them)");
    if (!actor.may(input.scopes[i]))
      return base::bad_field(at, "you do not have the permission " + input.scopes[i]);
  }
  const auto own = std::ranges::count_if(
      all.tokens, [&](const auto& item) { return item.second.record.user_id == actor.id; });
  if (static_cast<std::size_t>(own) >= kMaxTokensPerUser)
    return base::fail(base::Code::conflict, "you have a hundred tokens already: delete some");
  return {};
}

TaskResult<NewTokenAnswer> create(SessionService* sessions, ContextPtr context, NewToken input) {
  const auto& actor = context->actor();
  if (auto may = may_make(actor, *sessions->directory(), input); !may)
    co_return std::unexpected(may.error());
  const auto now = sessions->store().clock().wall();
  const auto token = std::string(kApiTokenPrefix) + base::secure_token(32);
  store::TokenRecord record{.id = base::new_id("tok"),
                            .name = input.name,
                            .user_id = actor.id,
                            .prefix = token.substr(0, kShownPrefix),
                            .token_hash = base::sha256_hex(token),
                            .scopes = base::write_json(base::to_json(input.scopes)),
                            .created_at = now};
  if (input.expires_in_days > 0)
    record.expires_at = now + std::chrono::hours(24 * input.expires_in_days);
  auto saved = co_await sessions->change(
      "token", [record](store::Connection& db) { return store::add_token(db, record); });
  if (!saved) co_return std::unexpected(saved.error());
  NewTokenAnswer out{.token = token,
                     .id = record.id,
                     .name = record.name,
                     .prefix = record.prefix,
                     .owner = actor.name,
                     .scopes = std::move(input.scopes),
                     .created_at = base::format_rfc3339(now)};
  if (record.expires_at) out.expires_at = base::format_rfc3339(*record.expires_at);
  co_return out;
}

TaskResult<base::JsonObject> remove(SessionService* sessions, ContextPtr context, TokenId input) {
  const auto all = sessions->directory();
  const auto* token = all->find_token(input.id);
  if (token == nullptr || !is_visible(context->actor(), *token))
    co_return base::fail(base::Code::not_found, "no token has the id " + input.id);
  auto gone = co_await sessions->change(
      "token", [id = input.id](store::Connection& db) { return store::delete_token(db, id); });
  if (!gone) co_return std::unexpected(gone.error());
  co_return base::JsonObject();
}

}  // namespace

void declare_token_operations(runtime::OperationRegistry& registry, SessionService* sessions) {
  registry.add(runtime::declare<runtime::Nothing, TokenList>(
      {.name = "tokens.list",
       .help = "One's API tokens; everybody's with users:manage",
       .permission = "session",
       .routes = {{"GET", "/api/tokens"}},
       .group = "Tokens"},
      [sessions](ContextPtr context, runtime::Nothing) {
        return list(sessions, std::move(context));
      }));
  registry.add(runtime::declare<NewToken, NewTokenAnswer>(
      {.name = "tokens.create",
       .help = "Makes an API token; it is shown this once",
       .permission = "session",
       .changes = true,
       .routes = {{"POST", "/api/tokens", 201}},
       .group = "Tokens",
       .secret_result = true},
      [sessions](ContextPtr context, NewToken input) {
        return create(sessions, std::move(context), std::move(input));
      }));
  registry.add(runtime::declare<TokenId, base::JsonObject>(
      {.name = "tokens.delete",
       .help = "Ends an API token at once",
       .permission = "session",
       .changes = true,
       .routes = {{"DELETE", "/api/tokens/{id}", 204}},
       .group = "Tokens"},
      [sessions](ContextPtr context, TokenId input) {
        return remove(sessions, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::auth
