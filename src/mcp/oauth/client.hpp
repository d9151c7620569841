// The OAuth 2.1 client of one MCP server (2026-07-28 and 2025-11-25 basic/authorization; falls back
// to 2025-03-26). Gives requests their proof, and mends refusals: discovers, registers, authorizes,
// refreshes, steps up, one at a time, so that of many refused calls one does the work and the
// others share what came of it. Home loop. The work runs in tasks of its own: a call that is
// cancelled does not lose a rotated refresh token. Errors name servers and reasons, never tokens.
// client.cpp has the doors, client_flows.cpp the way through the grants.
#pragma once

#include <map>
#include <memory>

#include "mcp/authorizer.hpp"
#include "mcp/oauth/discovery.hpp"
#include "mcp/oauth/plan.hpp"
#include "mcp/oauth/settings.hpp"
#include "mcp/oauth/token_endpoint.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"

namespace telltale::mcp::oauth {

class OAuthClient final : public Authorizer {
 public:
  OAuthClient(runtime::Loop& loop, Settings settings);

  runtime::TaskResult<Proof> headers(std::string method, std::string url) override;
  runtime::TaskResult<bool> challenged(Refusal refusal) override;
  void accepted(std::uint64_t generation, std::string dpop_nonce) override;
  runtime::Task<> close() override;

  // Authorization in two halves, for whoever has a browser in between. The first may be called
  // before any refusal; `state` of the callback says which client the second belongs to.
  struct Begun {
    std::string url;
    std::string state;
  };
  runtime::TaskResult<Begun> begin_authorization();
  runtime::TaskResult<bool> finish_authorization(CallbackParameters parameters);
  // Whether this state is of an authorization begun here and not ended yet.
  runtime::TaskResult<bool> awaits(std::string state);
  // Forgets tokens, registration and what is pending.
  runtime::TaskResult<bool> forget();

  const State& state() const noexcept { return state_; }  // after the first call has loaded it

 private:
  struct Failure {
    base::Error error;
    base::SteadyTime at{};
    std::uint64_t generation = 0;
    std::string demanded_scope;
  };

  // client.cpp
  template <class T>
  static runtime::TaskResult<T> in_turn(OAuthClient* self, runtime::TaskResult<T> work);
  template <class T>
  static runtime::Task<> take_turn(OAuthClient* self, runtime::TaskResult<T> work,
                                   runtime::OneShot<base::Result<T>> done);
  static runtime::TaskResult<bool> mend(OAuthClient* self, Refusal refusal, Demand demand,
                                        Step step);
  static runtime::TaskResult<bool> refresh_ahead(OAuthClient* self, std::uint64_t generation);
  static runtime::TaskResult<bool> ensure_loaded(OAuthClient* self);
  bool outdated(std::uint64_t generation) const;
  bool just_issued(std::uint64_t generation) const;

  // client_flows.cpp; each runs in its turn
  static runtime::TaskResult<bool> obtain(OAuthClient* self, DiscoveryTarget target, Demand demand,
                                          bool may_refresh);
  static runtime::TaskResult<bool> refresh(OAuthClient* self, Discovered where);
  static runtime::TaskResult<bool> authorize(OAuthClient* self, Discovered where,
                                             std::string scope);
  static runtime::TaskResult<bool> grant_directly(OAuthClient* self, Discovered where,
                                                  std::string scope);
  static runtime::TaskResult<base::Secret> assertion_for(OAuthClient* self, Discovered where,
                                                         std::string scope);
  static runtime::TaskResult<Pending> begin(OAuthClient* self, Discovered where, std::string scope);
  static runtime::TaskResult<bool> finish(OAuthClient* self, CallbackParameters parameters);
  static runtime::TaskResult<Registration> register_client(OAuthClient* self, Discovered where,
                                                           std::string scope);
  static runtime::TaskResult<bool> ensure_registration(OAuthClient* self, Discovered where,
                                                       std::string scope);
  static runtime::TaskResult<bool> take_tokens(OAuthClient* self, TokenRequest request,
                                               std::string scope);
  static runtime::TaskResult<Begun> begin_fresh(OAuthClient* self);
  static runtime::TaskResult<bool> forget_all(OAuthClient* self);
  static runtime::TaskResult<bool> save(OAuthClient* self);
  void use_issuer(const std::string& issuer);
  base::Result<void> prepare_dpop(const Discovered& where);
  base::Result<TokenRequest> token_request(const Trust& trust, std::string url,
                                           const std::vector<std::string>& methods, Form form);
  std::int64_t now_s() const;
  DiscoveryTarget target() const;
  Trust trust() const;  // of the settings: nobody has named anything yet
  std::string scope_for(const Discovered& where, const Demand& demand) const;

  runtime::Loop& loop_;
  Settings settings_;
  runtime::TaskGroup tasks_;
  runtime::Notifier turn_ended_;
  std::shared_ptr<TlsCache> tls_ = std::make_shared<TlsCache>();
  bool turn_taken_ = false;
  bool loaded_ = false;
  State state_;
  std::optional<EcKey> dpop_key_;     // state_.dpop_key; empty: DPoP is not used with this issuer
  std::optional<EcKey> private_key_;  // settings_.private_key_pem
  std::optional<Discovered> known_;   // what discovery found last
  std::string resource_nonce_;
  std::string token_nonce_;
  std::string refused_assertion_;  // its hash: the same one is not sent again
  std::uint64_t generation_ = 1;   // of the tokens; 0 is nobody's
  std::uint64_t accepted_ = 0;     // the newest generation that a server took
  std::uint64_t issued_ = 0;       // the newest that came from a token endpoint
  base::SteadyTime issued_at_{};
  std::optional<Failure> failure_;
  std::optional<base::SteadyTime> refresh_failed_at_;  // ahead of the token's end
};

}  // namespace telltale::mcp::oauth
