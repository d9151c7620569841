// The ways to a token: refresh, a person's consent in two halves, and the grants without a person.
#include <algorithm>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "mcp/oauth/client.hpp"
#include "mcp/oauth/pkce.hpp"
#include "mcp/oauth/scope.hpp"
#include "mcp/oauth/urls.hpp"

namespace telltale::mcp::oauth {
namespace {

using runtime::TaskResult;

constexpr std::int64_t kPendingReused_s = 300;

bool is_dead_client(const base::Error& error) {
  return oauth_error(error) == "invalid_client" || oauth_error(error) == "unauthorized_client";
}

base::Error needs_person(const std::string& url, const std::string& issuer) {
  base::Error out{.code = base::Code::unauthenticated,
                  .detail = "oauth: somebody has to allow this at " + issuer};
  out.data[kAuthorizationRequired] = true;
  out.data["authorization_url"] = url;
  return out;
}

}  // namespace

std::int64_t OAuthClient::now_s() const {
  return base::unix_ms(loop_.clock().wall()) / 1000;
}

DiscoveryTarget OAuthClient::target() const {
  return {
      .server_url = settings_.server_url,
      .known_issuer = settings_.identity.issuer.empty() ? state_.issuer : settings_.identity.issuer,
      .trust = trust()};
}

Trust OAuthClient::trust() const {
  return {.outbound = settings_.outbound, .tls = tls_, .resolve = settings_.resolve};
}

std::string OAuthClient::scope_for(const Discovered& where, const Demand& demand) const {
  const bool same = state_.issuer == where.server.issuer;
  return choose_scopes(
      {.challenged = demand.scope,
       .resource_supported = where.scopes_supported,
       .server_supported = where.server.scopes_supported,
       .requested_before = union_scopes(settings_.scope, same ? state_.requested_scope : ""),
       .wants_refresh = settings_.grant == Grant::authorization_code});
}

// Another issuer begins with nothing: what one gave is not shown to the other.
void OAuthClient::use_issuer(const std::string& issuer) {
  if (state_.issuer == issuer && !issuer.empty()) return;
  state_ = State{.issuer = issuer,
                 .metadata_url = std::move(state_.metadata_url),
                 .metadata_peer = std::move(state_.metadata_peer)};
  dpop_key_.reset();
  resource_nonce_.clear();
  token_nonce_.clear();
  failure_.reset();
  known_.reset();
  ++generation_;
}

base::Result<void> OAuthClient::prepare_dpop(const Discovered& where) {
  if (!settings_.dpop || !has(where.server.dpop_algorithms, "ES256")) {
    if (where.dpop_required)
      return base::fail(base::Code::unsupported,
                        "oauth: the server wants tokens bound by DPoP, which " +
                            where.server.issuer + " does not offer with ES256");
    // A refresh token that is bound to the key stays bound.
    if (!state_.tokens || !state_.tokens->dpop) {
      dpop_key_.reset();
      state_.dpop_key = base::Secret();
    }
    return {};
  }
  if (dpop_key_) return {};
  auto key = EcKey::generate();
  if (!key) return std::unexpected(key.error());
  state_.dpop_key = key->to_pem();
  dpop_key_ = std::move(*key);
  return {};
}

TaskResult<bool> OAuthClient::obtain(OAuthClient* self, DiscoveryTarget target, Demand demand,
                                     bool may_refresh) {
  auto where = co_await discover(std::move(target));
  if (!where) co_return std::unexpected(where.error());
  const bool same = self->state_.issuer == where->server.issuer;
  const auto scope = self->scope_for(*where, demand);
  const bool can_refresh = may_refresh && same && self->state_.registration &&
                           self->state_.tokens && !self->state_.tokens->refresh_token.empty();
  if (can_refresh) {
    auto done = co_await refresh(self, *where);
    // Whatever the refusal was, consent is the way; a server that cannot be reached is no refusal.
    if (done || oauth_error(done.error()).empty()) co_return done;
  }
  if (self->settings_.grant == Grant::authorization_code)
    co_return co_await authorize(self, std::move(*where), scope);
  co_return co_await grant_directly(self, std::move(*where), scope);
}

base::Result<TokenRequest> OAuthClient::token_request(const Trust& trust, std::string url,
                                                      const std::vector<std::string>& methods,
                                                      Form form) {
  if (!state_.registration)
    return base::fail(base::Code::unauthenticated, "oauth: the client is not registered any more");
  auto method = choose_auth_method(*state_.registration, methods, private_key_.has_value());
  if (!method) return std::unexpected(method.error());
  return TokenRequest{.trust = trust,
                      .url = std::move(url),
                      .form = std::move(form),
                      .proof = {.registration = *state_.registration,
                                .method = std::move(*method),
                                .key = private_key_,
                                .audience = state_.issuer},
                      .dpop = dpop_key_,
                      .dpop_nonce = token_nonce_};
}

// Sends the request and keeps what comes. `scope` is what was asked for.
TaskResult<bool> OAuthClient::take_tokens(OAuthClient* self, TokenRequest request,
                                          std::string scope) {
  const bool dpop = request.dpop.has_value();
  const bool refreshes = request.form.front().second == "refresh_token";
  auto answer = co_await request_token(std::move(request), &self->loop_.clock());
  if (!answer) {
    // A registration that the server has forgotten is of no more use; the next call makes another.
    if (is_dead_client(answer.error()) && self->state_.registration &&
        self->state_.registration->kind == RegistrationKind::dynamic) {
      self->state_.registration.reset();
      self->state_.tokens.reset();
      self->state_.pending.clear();
      co_await save(self);
    }
    co_return std::unexpected(answer.error());
  }
  self->token_nonce_ = answer->dpop_nonce;
  auto tokens = read_tokens(answer->document, dpop, scope, self->loop_.clock().wall());
  if (!tokens) co_return std::unexpected(tokens.error());
  if (!tokens->dpop && self->known_ && self->known_->dpop_required)
    co_return base::fail(base::Code::protocol,
                         "oauth: the server wants tokens bound by DPoP, and " +
                             self->state_.issuer + " issued one that is not");
  // Not rotated: the old one goes on (RFC 6749 section 6).
  if (refreshes && tokens->refresh_token.empty() && self->state_.tokens)
    tokens->refresh_token = self->state_.tokens->refresh_token;
  self->state_.tokens = std::move(*tokens);
  self->state_.requested_scope = union_scopes(self->state_.requested_scope, scope);
  self->issued_ = ++self->generation_;
  self->issued_at_ = self->loop_.clock().now();
  self->failure_.reset();
  co_return co_await save(self);
}

TaskResult<bool> OAuthClient::refresh(OAuthClient* self, Discovered where) {
  self->known_ = where;
  auto form = refresh_form(self->state_.tokens->refresh_token, where.resource);
  auto request = self->token_request(where.trust, where.server.token_endpoint,
                                     where.server.token_auth_methods, std::move(form));
  if (!request) co_return std::unexpected(request.error());
  auto done = co_await take_tokens(self, std::move(*request), self->state_.tokens->scope);
  if (!done && oauth_error(done.error()) == "invalid_grant" && self->state_.tokens) {
    self->state_.tokens->refresh_token = base::Secret();
    co_await save(self);
  }
  co_return done;
}

TaskResult<Registration> OAuthClient::register_client(OAuthClient* self, Discovered where,
                                                      std::string scope) {
  const auto& identity = self->settings_.identity;
  net::Headers headers;
  headers.set("content-type", "application/json");
  const auto& url = where.server.registration_endpoint;
  auto answer =
      co_await post(where.trust, url, std::move(headers),
                    base::write_json(registration_request(identity, where.server, scope)));
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status != 201 && answer->status != 200)
    co_return std::unexpected(
        refusal_of("registration endpoint", url, answer->status, answer->body, {}));
  auto document = base::parse_json(answer->body, {.max_depth = 16, .max_bytes = 1U << 20U});
  base::wipe(answer->body);
  if (!document)
    co_return base::fail(base::Code::protocol,
                         "oauth: the answer to the registration is no JSON object");
  co_return read_registration(*document, identity);
}

TaskResult<bool> OAuthClient::ensure_registration(OAuthClient* self, Discovered where,
                                                  std::string scope) {
  const auto& identity = self->settings_.identity;
  if (self->settings_.grant != Grant::authorization_code && identity.client_id.empty())
    co_return base::fail(base::Code::invalid_argument,
                         "oauth: a grant without a person needs a client id");
  // Credentials from the settings that name no issuer belong to the first that was met.
  auto known = identity;
  if (known.issuer.empty() && !known.client_id.empty()) known.issuer = self->state_.issuer;
  auto chosen = choose_registration(known, where.server, self->state_, self->now_s());
  if (!chosen) co_return std::unexpected(chosen.error());
  self->use_issuer(where.server.issuer);
  if (!*chosen) {
    auto made = co_await register_client(self, where, scope);
    // A server may know the scopes of a resource and yet not take them for those of a client.
    if (!made && !scope.empty() && oauth_error(made.error()) == "invalid_client_metadata")
      made = co_await register_client(self, where, "");
    if (!made) co_return std::unexpected(made.error());
    *chosen = std::move(*made);
  }
  self->state_.registration = std::move(**chosen);
  self->known_ = std::move(where);
  co_return true;
}

// The first half: everything up to the URL that a person has to open.
TaskResult<Pending> OAuthClient::begin(OAuthClient* self, Discovered where, std::string scope) {
  if (auto safe = check_code_grant(where.server); !safe) co_return std::unexpected(safe.error());
  if (self->settings_.identity.redirect_uri.empty())
    co_return base::fail(base::Code::invalid_argument, "oauth: no redirect URI is set");
  if (auto there = co_await ensure_registration(self, where, scope); !there)
    co_return std::unexpected(there.error());
  if (auto ready = self->prepare_dpop(where); !ready) co_return std::unexpected(ready.error());

  auto& state = self->state_;
  const auto now = self->now_s();
  prune_pending(state, now);
  const auto& redirect_uri = self->settings_.identity.redirect_uri;
  // A person who has the page open already needs no second one.
  for (const auto& one : state.pending)
    if (one.issuer == state.issuer && one.resource == where.resource && one.scope == scope &&
        one.redirect_uri == redirect_uri && one.created_at_s + kPendingReused_s > now)
      co_return one;

  Pending made{.state = base::secure_token(32),
               .code_verifier = new_code_verifier(),
               .issuer = state.issuer,
               .token_endpoint = where.server.token_endpoint,
               .token_auth_methods = where.server.token_auth_methods,
               .iss_required = where.server.iss_parameter,
               .redirect_uri = redirect_uri,
               .resource = where.resource,
               .scope = scope,
               .named_by = where.trust.named_by,
               .created_at_s = now};
  Form query{{"response_type", "code"},
             {"client_id", state.registration->client_id},
             {"redirect_uri", made.redirect_uri},
             {"state", made.state},
             {"code_challenge", code_challenge(made.code_verifier.reveal())},
             {"code_challenge_method", "S256"},
             {"resource", made.resource}};
  if (!scope.empty()) query.emplace_back("scope", scope);
  if (has(split_scopes(scope), "offline_access")) query.emplace_back("prompt", "consent");
  if (self->dpop_key_) query.emplace_back("dpop_jkt", self->dpop_key_->thumbprint());
  made.url = with_query(where.server.authorization_endpoint, query);
  state.pending.push_back(made);
  prune_pending(state, now);
  co_await save(self);
  co_return made;
}

TaskResult<bool> OAuthClient::authorize(OAuthClient* self, Discovered where, std::string scope) {
  auto pending = co_await begin(self, std::move(where), std::move(scope));
  if (!pending) co_return std::unexpected(pending.error());
  if (!self->settings_.consent)
    co_return std::unexpected(needs_person(pending->url, pending->issuer));
  auto parameters = co_await self->settings_.consent(pending->url);
  if (!parameters) co_return std::unexpected(parameters.error());
  co_return co_await finish(self, std::move(*parameters));
}

// The second half. Every pending authorization is good for one attempt.
TaskResult<bool> OAuthClient::finish(OAuthClient* self, CallbackParameters parameters) {
  auto& all = self->state_.pending;
  prune_pending(self->state_, self->now_s());
  const auto found = std::ranges::find_if(all, [&](const Pending& one) {
    return base::equal_constant_time(one.state, parameters.state);
  });
  if (found == all.end())
    co_return base::fail(base::Code::not_found,
                         "oauth: nobody waits for this callback (any more): begin again");
  const auto pending = std::move(*found);
  all.erase(found);
  co_await save(self);
  auto code = check_callback(pending, parameters);
  if (!code) co_return std::unexpected(code.error());
  if (pending.issuer != self->state_.issuer)
    co_return base::fail(base::Code::conflict,
                         "oauth: the server has another authorization server now: begin again");
  auto request =
      self->token_request(self->trust().through(pending.named_by), pending.token_endpoint,
                          pending.token_auth_methods, code_form(pending, *code));
  if (!request) co_return std::unexpected(request.error());
  co_return co_await take_tokens(self, std::move(*request), pending.scope);
}

TaskResult<OAuthClient::Begun> OAuthClient::begin_fresh(OAuthClient* self) {
  auto target = self->target();
  target.metadata_url = self->state_.metadata_url;
  if (!target.metadata_url.empty())
    target.trust = target.trust.through(std::vector{self->state_.metadata_peer});
  auto where = co_await discover(std::move(target));
  if (!where) co_return std::unexpected(where.error());
  const auto scope = self->scope_for(*where, {});
  auto pending = co_await begin(self, std::move(*where), scope);
  if (!pending) co_return std::unexpected(pending.error());
  co_return Begun{.url = std::move(pending->url), .state = std::move(pending->state)};
}

// What an authorization server takes in place of a person's consent.
TaskResult<base::Secret> OAuthClient::assertion_for(OAuthClient* self, Discovered where,
                                                    std::string scope) {
  if (!self->settings_.assertion)
    co_return base::fail(base::Code::invalid_argument, "oauth: there is no assertion to present");
  auto assertion = co_await self->settings_.assertion();
  if (!assertion || self->settings_.grant == Grant::jwt_bearer) co_return assertion;

  const auto& provider = self->settings_.identity_provider;
  if (auto fine = check_named_url(provider.token_endpoint, "the identity provider's endpoint");
      !fine)
    co_return std::unexpected(fine.error());
  const Registration us{.client_id = provider.client_id, .client_secret = provider.client_secret};
  TokenRequest request{
      .trust = self->trust(),
      .url = provider.token_endpoint,
      .form = id_jag_form(*assertion, where.server.issuer, where.resource, scope),
      .proof = {.registration = us,
                .method = provider.client_secret.empty() ? "none" : "client_secret_basic"}};
  auto answer = co_await request_token(std::move(request), &self->loop_.clock());
  if (!answer) co_return std::unexpected(answer.error());
  co_return read_id_jag(answer->document);
}

TaskResult<bool> OAuthClient::grant_directly(OAuthClient* self, Discovered where,
                                             std::string scope) {
  if (auto there = co_await ensure_registration(self, where, scope); !there)
    co_return std::unexpected(there.error());
  if (auto ready = self->prepare_dpop(where); !ready) co_return std::unexpected(ready.error());
  auto form = client_credentials_form(scope, where.resource);
  std::string used;
  if (self->settings_.grant != Grant::client_credentials) {
    auto assertion = co_await assertion_for(self, where, scope);
    if (!assertion) co_return std::unexpected(assertion.error());
    used = base::sha256_hex(assertion->reveal());
    if (used == self->refused_assertion_)
      co_return base::fail(base::Code::unauthenticated,
                           "oauth: " + where.server.issuer +
                               " has refused this assertion before; it is not sent again");
    form = jwt_bearer_form(*assertion, scope, where.resource);
  }
  auto request = self->token_request(where.trust, where.server.token_endpoint,
                                     where.server.token_auth_methods, std::move(form));
  if (!request) co_return std::unexpected(request.error());
  auto done = co_await take_tokens(self, std::move(*request), scope);
  if (!done && done.error().code == base::Code::unauthenticated) self->refused_assertion_ = used;
  co_return done;
}

}  // namespace telltale::mcp::oauth
