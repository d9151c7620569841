#include "mcp/subscriptions.hpp"

#include "mcp/call.hpp"
#include "mcp/protocol.hpp"

namespace telltale::mcp {
namespace {

constexpr base::Duration kLongest = std::chrono::hours(24 * 365);
constexpr base::Duration kShortestWait = std::chrono::seconds(1);
constexpr base::Duration kLongestWait = std::chrono::seconds(60);
constexpr base::Duration kHealthy =
    std::chrono::minutes(1);  // listened that long: the next wait is short again

}  // namespace

base::JsonObject Subscriptions::wanted(const Session& session) const {
  base::JsonObject out;
  if (!session.info()) return out;
  for (const std::string_view kind : {"tools", "prompts", "resources"}) {
    const auto* capability = base::find_object(session.info()->capabilities, kind);
    if (capability != nullptr && base::find_bool(*capability, "listChanged").value_or(false))
      out[std::string(kind) + "ListChanged"] = true;
  }
  if (!uris_.empty()) {
    base::JsonArray uris;
    for (const auto& uri : uris_) uris.push_back(base::Json(uri));
    out["resourceSubscriptions"] = std::move(uris);
  }
  return out;
}

void Subscriptions::start(const std::shared_ptr<Session>& session) {
  if (std::exchange(running_, true)) return;
  session->tasks().spawn("mcp.subscriptions", keep_listening(session));
}

runtime::Task<> Subscriptions::keep_listening(std::shared_ptr<Session> session) {
  auto& self = session->subscriptions();
  auto wait = kShortestWait;
  while (!session->ended() && !session->closed()) {
    auto filter = self.wanted(*session);
    if (filter.empty()) {
      co_await self.changed_.wait();
      continue;
    }
    const auto started = session->now();
    const runtime::CancelSource cancel;
    self.listening_ = cancel;
    auto ended = co_await runtime::with_timeout<bool>(
        kLongest, "too long", listen_once(session, std::move(filter)), cancel);
    self.listening_.reset();
    self.acknowledged_.reset();
    self.agreed_.clear();
    if (cancel.cancelled()) continue;  // other wishes: at once
    if (!ended && ended.error().code == base::Code::unsupported) {
      session->finding("subscriptions.unsupported",
                       "the server declares notifications but not subscriptions/listen");
      co_await self.changed_.wait();
      continue;
    }
    wait = session->now() - started > kHealthy ? kShortestWait
                                               : std::min<base::Duration>(wait * 2, kLongestWait);
    co_await self.changed_.wait_for(wait);
  }
}

runtime::TaskResult<bool> Subscriptions::listen_once(std::shared_ptr<Session> session,
                                                     base::JsonObject filter) {
  auto ended = co_await session->exchange({.method = "subscriptions/listen",
                                           .params = {{"notifications", std::move(filter)}},
                                           .options = {.timeout = kLongest},
                                           .exempt = true});
  if (!ended) co_return std::unexpected(ended.error());
  co_return true;  // a graceful end
}

void Subscriptions::on_acknowledged(const base::JsonObject& params) {
  if (const auto* filter = base::find_object(params, "notifications")) agreed_ = *filter;
  if (const auto* meta = base::find_object(params, "_meta"))
    acknowledged_ = base::find_integer(*meta, meta::kSubscription);
}

runtime::TaskResult<bool> Subscriptions::subscribe(std::shared_ptr<Session> session,
                                                   std::string uri) {
  if (!session->info()) co_return base::fail(base::Code::unavailable, "not connected");
  auto& self = session->subscriptions();
  if (self.uris_.size() >= kUriLimit)
    co_return base::fail(base::Code::rate_limited, "too many resources subscribed to");
  if (session->info()->era == Era::legacy) {
    auto done = co_await call(session, "resources/subscribe", {{"uri", uri}}, {});
    if (!done) co_return std::unexpected(done.error());
    self.uris_.insert(std::move(uri));
    co_return true;
  }
  if (!self.uris_.insert(std::move(uri)).second) co_return true;
  if (self.listening_) self.listening_->cancel();
  self.changed_.notify_all();
  co_return true;
}

runtime::TaskResult<bool> Subscriptions::unsubscribe(std::shared_ptr<Session> session,
                                                     std::string uri) {
  if (!session->info()) co_return base::fail(base::Code::unavailable, "not connected");
  auto& self = session->subscriptions();
  const bool known = self.uris_.erase(uri) > 0;
  if (session->info()->era == Era::legacy) {
    auto done = co_await call(session, "resources/unsubscribe", {{"uri", std::move(uri)}}, {});
    if (!done) co_return std::unexpected(done.error());
    co_return true;
  }
  if (known && self.listening_) self.listening_->cancel();
  self.changed_.notify_all();
  co_return true;
}

void Subscriptions::resume_legacy(const std::shared_ptr<Session>& session) {
  if (!uris_.empty()) session->tasks().spawn("mcp.subscribe-again", subscribe_again(session));
}

runtime::Task<> Subscriptions::subscribe_again(std::shared_ptr<Session> session) {
  const auto uris = session->subscriptions().uris_;
  for (const auto& uri : uris) {
    auto done =
        co_await session->exchange({.method = "resources/subscribe", .params = {{"uri", uri}}});
    if (!done) session->finding("session.subscription-lost", uri + ": " + done.error().detail);
  }
}

}  // namespace telltale::mcp
