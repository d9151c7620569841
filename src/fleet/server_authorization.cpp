// A server that wants OAuth: its client, a person's consent, and what the record says of it.

#include "base/file.hpp"
#include "fleet/server.hpp"
#include "store/oauth_states.hpp"

namespace telltale::fleet {
namespace {

constexpr std::size_t kAssertionLimit = 64U << 10U;

// A file that somebody else renews (a projected service account token): read each time.
base::Result<base::Secret> read_assertion(const std::string& path) {
  auto text = base::read_file(path, kAssertionLimit);
  if (!text && text.error().code == base::Code::too_large)
    return base::fail(base::Code::invalid_argument, "the assertion_file is over 64 KiB: " + path);
  if (!text) return base::fail(base::Code::unavailable, "cannot read the assertion_file " + path);
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return base::Secret(std::move(*text));
}

mcp::oauth::Settings settings_of(const Definition& definition, const ServerParts& parts) {
  const auto& from = *definition.oauth;
  mcp::oauth::Settings out{.server_url = definition.url,
                           .outbound = parts.outbound,
                           .grant = from.grant,
                           .identity = {.redirect_uri = parts.oauth.redirect_uri(),
                                        .client_metadata_url = parts.oauth.client_metadata_url,
                                        .client_id = from.client_id,
                                        .client_secret = from.client_secret,
                                        .issuer = from.issuer,
                                        .has_private_key = !from.private_key.empty()},
                           .private_key_pem = from.private_key,
                           .scope = from.scope,
                           .dpop = from.dpop,
                           .identity_provider = from.identity_provider};
  if (!from.assertion_file.empty())
    out.assertion = [&blocking = parts.blocking, path = from.assertion_file] {
      return blocking.run([path] { return read_assertion(path); });
    };
  auto& store = parts.store;
  out.load = [&store, name = definition.name, url = definition.url] {
    return store::load_oauth_state(store, name, url);
  };
  out.save = [&store, name = definition.name, url = definition.url](base::JsonObject state) {
    return store::save_oauth_state(store, name, url, std::move(state));
  };
  return out;
}

}  // namespace

base::Result<mcp::oauth::OAuthClient*> Server::oauth() {
  if (!definition_.oauth)
    return base::fail(base::Code::conflict,
                      definition_.name + " is not used with OAuth (docs/oauth.md)");
  if (shutting_down_)
    return base::fail(base::Code::unavailable, definition_.name + " is being taken down");
  if (!oauth_)
    oauth_ =
        std::make_shared<mcp::oauth::OAuthClient>(parts_.loop, settings_of(definition_, parts_));
  return oauth_.get();
}

base::Json Server::authorization_record() const {
  if (!definition_.oauth) return nullptr;
  const auto* const state = oauth_ ? &oauth_->state() : nullptr;
  const bool has = state != nullptr && state->tokens.has_value();
  base::JsonObject out{{"state", authorization_required_ ? "required"
                                 : has                   ? "authorized"
                                                         : "none"},
                       {"grant", grant_name(definition_.oauth->grant)},
                       {"issuer", nullptr},
                       {"scope", nullptr},
                       {"expires_at", nullptr}};
  if (state == nullptr || !has) return out;
  out["issuer"] = state->issuer;
  out["scope"] = state->tokens->scope;
  if (const auto at = state->tokens->expires_at_s; at > 0)
    out["expires_at"] = base::format_rfc3339(base::from_unix_ms(at * 1000));
  return out;
}

bool Server::note_authorization(const base::Error& error) {
  const auto* const required = error.data.if_contains(mcp::kAuthorizationRequired);
  if (required == nullptr || !required->is_bool() || !required->get_bool()) return false;
  if (!std::exchange(authorization_required_, true))
    health_event("authorization_required", runtime::Severity::warning, {{"reason", error.detail}});
  return true;
}

// That the server does not know us is not that the caller is not logged in here.
base::Error Server::for_caller(base::Error error) {
  if (note_authorization(error)) {
    refresh_soon();
    error.detail = definition_.name + " waits for authorization: " + error.detail +
                   "; POST /api/servers/" + definition_.id + "/authorize begins one";
  }
  if (error.code == base::Code::unauthenticated || error.code == base::Code::permission_denied)
    error.code = base::Code::conflict;
  error.data.erase("authorization_url");  // its state is for whoever may authorize
  return error;
}

// A session that was refused, or has the old tokens, is made anew.
void Server::authorization_changed() {
  authorization_required_ = false;
  if (reconciler_.desired() == Desired::running) reconciler_.restart(parts_.loop.clock().now());
  changed();
}

runtime::TaskResult<base::JsonObject> Server::begin_authorization() {
  const auto self = shared_from_this();
  auto client = oauth();
  if (!client) co_return std::unexpected(client.error());
  if (definition_.oauth->grant != mcp::oauth::Grant::authorization_code)
    co_return base::fail(base::Code::conflict,
                         definition_.name + " is authorized without a person (" +
                             std::string(grant_name(definition_.oauth->grant)) + ")");
  const auto held = oauth_;
  auto begun = co_await held->begin_authorization();
  if (!begun) co_return std::unexpected(for_caller(std::move(begun.error())));
  const auto until = parts_.loop.clock().wall() + std::chrono::seconds(mcp::oauth::kPendingLife_s);
  co_return base::JsonObject{{"server", definition_.name},
                             {"authorization_url", begun->url},
                             {"expires_at", base::format_rfc3339(until)}};
}

runtime::TaskResult<bool> Server::awaits_authorization(std::string state) {
  const auto self = shared_from_this();
  auto client = oauth();
  if (!client) co_return false;
  const auto held = oauth_;
  co_return co_await held->awaits(std::move(state));
}

runtime::TaskResult<bool> Server::finish_authorization(mcp::oauth::CallbackParameters answer) {
  const auto self = shared_from_this();
  auto client = oauth();
  if (!client) co_return std::unexpected(client.error());
  const auto held = oauth_;
  auto done = co_await held->finish_authorization(std::move(answer));
  if (!done) co_return std::unexpected(for_caller(std::move(done.error())));
  log("telltale", "info", "authorized by " + held->state().issuer);
  health_event("authorized", runtime::Severity::info, {{"issuer", held->state().issuer}});
  authorization_changed();
  co_return true;
}

runtime::TaskResult<bool> Server::forget_authorization() {
  const auto self = shared_from_this();
  auto client = oauth();
  if (!client) co_return std::unexpected(client.error());
  const auto held = oauth_;
  auto done = co_await held->forget();
  if (!done) co_return std::unexpected(done.error());
  log("telltale", "info", "the authorization was given up");
  authorization_changed();
  co_return true;
}

}  // namespace telltale::fleet
