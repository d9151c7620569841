#include "mcp/oauth/client.hpp"

#include "base/log.hpp"
#include "mcp/oauth/jwt.hpp"
#include "mcp/oauth/scope.hpp"
#include "mcp/oauth/urls.hpp"

namespace telltale::mcp::oauth {
namespace {

using runtime::Task;
using runtime::TaskResult;

constexpr std::int64_t kRefreshAhead_s = 30;
constexpr base::Duration kJustIssued = std::chrono::seconds(60);
// Calls that fail for the same reason within this time do not ask everybody again.
constexpr base::Duration kFailureKept = std::chrono::seconds(5);

}  // namespace

OAuthClient::OAuthClient(runtime::Loop& loop, Settings settings)
    : loop_(loop), settings_(std::move(settings)), tasks_(loop, "oauth"), turn_ended_(loop) {
  settings_.identity.has_private_key = !settings_.private_key_pem.empty();
}

Task<> OAuthClient::close() {
  co_await tasks_.stop();
}

// In a task of our own, one after the other.
template <class T>
TaskResult<T> OAuthClient::in_turn(OAuthClient* self, TaskResult<T> work) {
  const runtime::OneShot<base::Result<T>> done(self->loop_);
  if (!self->tasks_.spawn("oauth.turn", take_turn<T>(self, std::move(work), done)))
    co_return base::fail(base::Code::unavailable, "oauth: the client is closing");
  co_return co_await done.wait();
}

template <class T>
Task<> OAuthClient::take_turn(OAuthClient* self, TaskResult<T> work,
                              runtime::OneShot<base::Result<T>> done) {
  // Whatever ends this task, nobody waits for ever.
  struct Release {
    OAuthClient& client;
    runtime::OneShot<base::Result<T>>& outcome;
    bool mine = false;
    ~Release() {
      if (mine) client.turn_taken_ = false;
      if (mine) client.turn_ended_.notify_all();
      outcome.set(base::fail(base::Code::cancelled, "oauth: the client is closing"));
    }
  } release{*self, done};
  while (self->turn_taken_) co_await self->turn_ended_.wait();
  self->turn_taken_ = release.mine = true;
  if (auto loaded = co_await ensure_loaded(self); !loaded) {
    done.set(std::unexpected(loaded.error()));
    co_return;
  }
  done.set(co_await std::move(work));
}

TaskResult<bool> OAuthClient::ensure_loaded(OAuthClient* self) {
  if (self->loaded_) co_return true;
  if (!self->settings_.private_key_pem.empty()) {
    auto key = EcKey::from_pem(self->settings_.private_key_pem);
    if (!key) co_return std::unexpected(key.error());
    self->private_key_ = std::move(*key);
  }
  if (self->settings_.load) {
    auto stored = co_await self->settings_.load();
    if (!stored) co_return std::unexpected(stored.error());
    auto state = stored->empty() ? State() : read_state(*stored);
    if (!state) co_return std::unexpected(state.error());
    self->state_ = std::move(*state);
    if (!self->state_.dpop_key.empty()) {
      auto key = EcKey::from_pem(self->state_.dpop_key);
      if (!key) co_return std::unexpected(key.error());
      self->dpop_key_ = std::move(*key);
    }
  }
  self->loaded_ = true;
  co_return true;
}

bool OAuthClient::outdated(std::uint64_t generation) const {
  return generation != generation_ && state_.tokens.has_value();
}

bool OAuthClient::just_issued(std::uint64_t generation) const {
  return generation == issued_ && generation != accepted_ &&
         loop_.clock().now() - issued_at_ < kJustIssued;
}

TaskResult<Proof> OAuthClient::headers(std::string method, std::string url) {
  if (!loaded_) {
    const auto nothing = []() -> TaskResult<bool> { co_return true; };
    if (auto loaded = co_await in_turn<bool>(this, nothing()); !loaded)
      co_return std::unexpected(loaded.error());
  }
  const bool expiring = state_.tokens && state_.tokens->expires_at_s != 0 &&
                        state_.tokens->expires_at_s < now_s() + kRefreshAhead_s;
  // When it does not work the old token goes out, and the server's refusal leads further.
  if (expiring && known_ && !state_.tokens->refresh_token.empty())
    co_await in_turn<bool>(this, refresh_ahead(this, generation_));
  Proof out{.generation = generation_};
  if (!state_.tokens || !same_origin(url, settings_.server_url)) co_return out;
  const auto& tokens = *state_.tokens;
  const std::string token(tokens.access_token.reveal());
  out.headers.set("authorization", (tokens.dpop ? "DPoP " : "Bearer ") + token);
  if (tokens.dpop) {
    if (!dpop_key_) co_return base::fail(base::Code::internal, "oauth: the DPoP key is gone");
    auto proof = dpop_proof(
        *dpop_key_,
        {.method = std::move(method), .url = url, .token = token, .nonce = resource_nonce_},
        loop_.clock().wall());
    if (!proof) co_return std::unexpected(proof.error());
    out.headers.set("dpop", std::move(*proof));
  }
  co_return out;
}

void OAuthClient::accepted(std::uint64_t generation, std::string dpop_nonce) {
  accepted_ = std::max(accepted_, generation);
  if (!dpop_nonce.empty() && dpop_nonce.size() <= 1024) resource_nonce_ = std::move(dpop_nonce);
}

TaskResult<bool> OAuthClient::challenged(Refusal refusal) {
  auto demand = demand_of(refusal.challenges);
  const bool dpop = state_.tokens && state_.tokens->dpop;
  const auto plan = plan_for({.status = refusal.status,
                              .demand = demand,
                              .new_nonce = dpop && !refusal.dpop_nonce.empty(),
                              .outdated = outdated(refusal.generation),
                              .just_issued = just_issued(refusal.generation),
                              .requested_scope = state_.tokens ? state_.requested_scope : ""});
  if (dpop && refusal.dpop_nonce.size() <= 1024 && !refusal.dpop_nonce.empty())
    resource_nonce_ = refusal.dpop_nonce;
  switch (plan.step) {
    case Step::not_ours:
      co_return false;
    case Step::ask_again:
      co_return true;
    case Step::give_up:
      co_return base::fail(
          refusal.status == 403 ? base::Code::permission_denied : base::Code::unauthenticated,
          "oauth: " + plan.why);
    case Step::renew:
    case Step::step_up:
      break;
  }
  if (plan.step == Step::step_up) accepted(refusal.generation, "");  // it was good, only too small
  co_return co_await in_turn<bool>(this,
                                   mend(this, std::move(refusal), std::move(demand), plan.step));
}

// In its turn: somebody before us may have done it, or may have found that it cannot be done.
TaskResult<bool> OAuthClient::mend(OAuthClient* self, Refusal refusal, Demand demand, Step step) {
  if (self->outdated(refusal.generation)) co_return true;
  const auto now = self->loop_.clock().now();
  if (const auto& failed = self->failure_; failed && failed->generation == self->generation_ &&
                                           now - failed->at < kFailureKept &&
                                           failed->demanded_scope == demand.scope)
    co_return std::unexpected(failed->error);
  auto target = self->target();
  target.metadata_url = demand.resource_metadata;
  target.trust = target.trust.through(refusal.peer);
  self->state_.metadata_url = demand.resource_metadata;
  self->state_.metadata_peer = refusal.peer.to_string();
  const auto scope = demand.scope;
  auto done = co_await obtain(self, std::move(target), std::move(demand), step == Step::renew);
  self->failure_.reset();
  if (!done)
    self->failure_ = Failure{.error = done.error(),
                             .at = self->loop_.clock().now(),
                             .generation = self->generation_,
                             .demanded_scope = scope};
  co_return done;
}

TaskResult<bool> OAuthClient::refresh_ahead(OAuthClient* self, std::uint64_t generation) {
  const auto now = self->loop_.clock().now();
  const bool in_vain = self->refresh_failed_at_ && now - *self->refresh_failed_at_ < kFailureKept;
  if (self->outdated(generation) || !self->known_ || in_vain || !self->state_.tokens ||
      self->state_.tokens->refresh_token.empty())
    co_return true;
  auto done = co_await refresh(self, *self->known_);
  self->refresh_failed_at_.reset();
  if (!done) self->refresh_failed_at_ = self->loop_.clock().now();
  co_return done;
}

TaskResult<OAuthClient::Begun> OAuthClient::begin_authorization() {
  co_return co_await in_turn<Begun>(this, begin_fresh(this));
}

TaskResult<bool> OAuthClient::finish_authorization(CallbackParameters parameters) {
  co_return co_await in_turn<bool>(this, finish(this, std::move(parameters)));
}

TaskResult<bool> OAuthClient::awaits(std::string state) {
  if (auto loaded = co_await in_turn<bool>(this, ensure_loaded(this)); !loaded)
    co_return std::unexpected(loaded.error());
  prune_pending(state_, now_s());
  co_return std::ranges::any_of(state_.pending,
                                [&](const Pending& one) { return one.state == state; });
}

TaskResult<bool> OAuthClient::forget() {
  co_return co_await in_turn<bool>(this, forget_all(this));
}

TaskResult<bool> OAuthClient::forget_all(OAuthClient* self) {
  self->use_issuer("");
  co_return co_await save(self);
}

TaskResult<bool> OAuthClient::save(OAuthClient* self) {
  if (!self->settings_.save) co_return true;
  auto kept = co_await self->settings_.save(write_state(self->state_));
  if (!kept)
    base::log(base::LogLevel::warning, "oauth", "the tokens for {} could not be stored: {}",
              self->settings_.server_url, kept.error().detail);
  co_return true;
}

}  // namespace telltale::mcp::oauth
