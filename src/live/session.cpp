#include "live/session.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/random.hpp"
#include "catalog/visibility.hpp"
#include "live/event_types.hpp"

namespace telltale::live {
namespace {

constexpr std::size_t kWriteBatch = 64U << 10U;
constexpr std::size_t kSubscriptionLimit = 32;
constexpr std::size_t kCallsInFlightLimit = 64;
constexpr std::size_t kForgiven = 100;  // messages over the rate, in a row
constexpr std::size_t kReplayLimit = 10'000;
constexpr base::Duration kGuardInterval = std::chrono::seconds(1);
constexpr base::Duration kPingInterval = std::chrono::seconds(20);

runtime::Loop& this_loop() {
  auto* const loop = runtime::Loop::current();
  CHECK(loop != nullptr);
  return *loop;
}

}  // namespace

Session::Session(Hub& hub, std::shared_ptr<net::WebSocket> socket, runtime::Actor actor,
                 base::WallTime token_expires)
    : hub_(hub),
      loop_(this_loop()),
      socket_(std::move(socket)),
      actor_(std::move(actor)),
      token_expires_(token_expires),
      outbox_(hub.settings_.outbox),
      more_(loop_),
      tasks_(loop_, "websocket of " + actor_.name) {
  actor_.via = "websocket";
  actor_.address = socket_->remote_address();
}

runtime::Task<> Session::run() {
  std::exception_ptr cancelled;
  hub_.enter(*this);
  greet();
  tasks_.spawn("websocket.write", write_loop(this));
  tasks_.spawn("websocket.guard", guard_loop(this));
  try {
    co_await read_loop();
  } catch (...) {
    cancelled = std::current_exception();
  }
  closing_ = true;
  hub_.leave(*this);
  // In a chain that has been cancelled every co_await throws before it begins: stop() as well.
  co_await runtime::asio::this_coro::throw_if_cancelled(false);
  co_await tasks_.stop();
  if (cancelled) std::rethrow_exception(cancelled);
}

// The number is read before the state: what happens in between comes twice, never not at all.
void Session::greet() {
  const auto seq = hub_.bus_.last_seq();
  subscriptions_.push_back(
      {.id = "sub_default", .filter = EventFilter::status_only(), .after_seq = seq});
  auto servers = hub_.fleet_status_();
  if (!actor_.sees_all()) {
    base::JsonArray seen;
    for (auto& server : servers)
      if (actor_.sees(base::string_or(server.get_object(), "name")))
        seen.push_back(std::move(server));
    servers = std::move(seen);
  }
  send({{"type", "initial_status"},
        {"seq", seq},
        {"timestamp", base::format_rfc3339(loop_.clock().wall())},
        {"mcps", servers},
        {"data",
         {{"mcps", servers},
          {"session", {{"user", actor_.name}, {"role", actor_.role}}},
          {"version", hub_.settings_.version}}}});
}

void Session::offer(std::span<const bus::PublishedPtr> batch) {
  if (closing_) return;
  bool any = false;
  for (const auto& item : batch) {
    if (!catalog::sees(actor_, item->event)) continue;
    const bool wanted = std::ranges::any_of(subscriptions_, [&](const Subscription& subscription) {
      return item->event.seq > subscription.after_seq && subscription.filter.wants(item->event);
    });
    if (!wanted) continue;
    outbox_.push(item, loop_.clock().now());
    any = true;
  }
  if (any) more_.notify_all();
}

void Session::recheck() {
  if (closing_) return;
  auto now = hub_.sessions_.renew(actor_);
  if (now) {
    actor_ = std::move(*now);
    return;
  }
  closing_ = true;
  tasks_.spawn("websocket.end", close_with(this, 4401, now.error().detail));
}

runtime::Task<> Session::close_with(Session* self, std::uint16_t code, std::string reason) {
  co_await self->socket_->close(code, std::move(reason));
}

runtime::Task<> Session::write_loop(Session* self) {
  for (;;) {
    while (self->outbox_.empty()) co_await self->more_.wait();
    const auto written = co_await self->socket_->write(self->outbox_.take(kWriteBatch));
    if (!written) co_return;  // the reader sees the same end and closes up
  }
}

runtime::Task<> Session::guard_loop(Session* self) {
  auto last_ping = self->loop_.clock().now();
  for (;;) {
    co_await runtime::sleep_for(kGuardInterval);
    const auto now = self->loop_.clock().now();
    if (self->loop_.clock().wall() >= self->token_expires_) {
      co_await self->socket_->close(4401, "the token has ended; get a new one and connect again");
      co_return;
    }
    const auto behind = self->outbox_.behind_since();
    if (behind && now - *behind > self->hub_.settings_.behind_limit) {
      co_await self->socket_->close(1013, "too far behind; connect again with since");
      co_return;
    }
    if (now - last_ping >= kPingInterval) {
      last_ping = now;
      self->send(
          {{"type", "ping"}, {"timestamp", base::format_rfc3339(self->loop_.clock().wall())}});
    }
  }
}

runtime::Task<> Session::read_loop() {
  for (;;) {
    auto message = co_await socket_->read();
    if (!message) co_return;
    auto verdict = messages_.admit(hub_.settings_.socket_messages, loop_.clock().now());
    if (verdict.allowed)
      verdict = hub_.user_messages_.admit(actor_.id.empty() ? actor_.name : actor_.id);
    if (verdict.allowed) {
      refused_ = 0;
      handle(*message);
      continue;
    }
    // What is on its way when the error arrives is forgiven; going on is not.
    if (++refused_ == 1) say_rate_limited(verdict);
    if (refused_ > kForgiven) {
      co_await socket_->close(1008, "too many messages");
      co_return;
    }
  }
}

void Session::say_rate_limited(const net::RateVerdict& verdict) {
  const auto retry_ms = std::chrono::ceil<std::chrono::milliseconds>(verdict.reset).count();
  const auto text =
      "too many messages: at most " + std::to_string(verdict.limit) + " in " +
      std::to_string(std::chrono::ceil<std::chrono::seconds>(verdict.window).count()) +
      " s; what came now was not looked at, and a socket that goes on is closed";
  send({{"type", "error"},
        {"data", {{"code", "rate_limited"}, {"message", text}, {"retry_after_ms", retry_ms}}},
        {"message", text}});
}

void Session::send(base::JsonObject message) {
  outbox_.push_answer(base::write_json(message));
  more_.notify_all();
}

void Session::send_error(std::string_view code, std::string_view message) {
  send({{"type", "error"}, {"data", {{"code", code}, {"message", message}}}, {"message", message}});
}

void Session::handle(std::string_view text) {
  if (text == "ping") {
    outbox_.push_answer("pong");
    more_.notify_all();
    return;
  }
  const auto parsed = base::parse_json(text, {.max_depth = 32, .max_bytes = 1U << 20U});
  if (!parsed || !parsed->is_object())
    return send_error("invalid_argument",
                      parsed ? "a message must be a JSON object" : parsed.error().detail);
  const auto& message = parsed->get_object();
  const auto action = base::string_or(message, "action", base::string_or(message, "type"));
  if (action == "ping") {
    base::JsonObject pong{{"type", "pong"}};
    if (const auto* echo = base::find(message, "echo")) pong["echo"] = *echo;
    return send(std::move(pong));
  }
  if (action == "pong") return;
  if (action == "subscribe") return handle_subscribe(message);
  if (action == "unsubscribe") return handle_unsubscribe(message);
  if (action == "get_metadata") return send({{"type", "metadata"}, {"data", metadata()}});
  if (action == "call") {
    if (calls_in_flight_ >= kCallsInFlightLimit)
      return send_error("rate_limited", "64 calls of this socket are running; wait for one to end");
    ++calls_in_flight_;
    tasks_.spawn("websocket.call", run_call(this, message));
    return;
  }
  send_error(
      "invalid_argument",
      "action must be one of subscribe, unsubscribe, get_metadata, ping, pong, call; it is \"" +
          action + "\"");
}

void Session::handle_subscribe(const base::JsonObject& message) {
  auto filter = EventFilter::parse(message);
  if (!filter) return send_error("invalid_argument", filter.error().detail);
  if (!chose_) subscriptions_.clear();
  chose_ = true;
  if (subscriptions_.size() >= kSubscriptionLimit)
    return send_error("rate_limited", "at most 32 subscriptions on one socket");

  Subscription subscription{
      .id = base::new_id("sub"), .filter = std::move(*filter), .after_seq = hub_.bus_.last_seq()};
  base::JsonArray channels;
  for (const auto& channel : subscription.filter.channels())
    channels.push_back(base::Json(channel));
  base::JsonArray types;
  for (const auto& type : subscription.filter.event_types()) types.push_back(base::Json(type));
  send({{"type", "subscribed"},
        {"subscription_id", subscription.id},
        {"channels", std::move(channels)},
        {"event_types", std::move(types)}});

  if (const auto since = base::find_integer(message, "since"); since && *since >= 0) {
    auto replay = hub_.bus_.since(static_cast<std::uint64_t>(*since), kReplayLimit);
    if (replay.gap) outbox_.push_gap(*replay.gap);
    if (!replay.events.empty()) subscription.after_seq = replay.events.back()->event.seq;
    std::erase_if(replay.events, [&](const auto& item) {
      return !subscription.filter.wants(item->event) || !catalog::sees(actor_, item->event);
    });
    outbox_.push_replay(std::move(replay.events));
    more_.notify_all();
  }
  subscriptions_.push_back(std::move(subscription));
}

void Session::handle_unsubscribe(const base::JsonObject& message) {
  const auto id = base::string_or(message, "subscription_id");
  const auto before = subscriptions_.size();
  std::erase_if(subscriptions_, [&](const Subscription& subscription) {
    return id.empty() || subscription.id == id;  // the old form names no subscription: all end
  });
  chose_ = true;
  if (subscriptions_.size() == before && !id.empty())
    return send_error("not_found", "no subscription of this socket is called " + id);
  send({{"type", "unsubscribed"}, {"subscription_id", id}});
}

runtime::Task<> Session::run_call(Session* self, base::JsonObject message) {
  const auto* id = base::find(message, "id");
  const base::Json call_id = id == nullptr ? base::Json(nullptr) : *id;
  const auto* arguments = base::find(message, "arguments");
  catalog::Call call{
      .operation = base::string_or(message, "operation"),
      .arguments = arguments == nullptr ? base::Json(base::JsonObject()) : *arguments,
      .actor = self->actor_,
      .idempotency_key = base::string_or(message, "idempotency_key")};
  if (const auto wait = base::find_number(message, "wait"); wait && *wait >= 0)
    call.wait = std::chrono::milliseconds(static_cast<std::int64_t>(std::min(*wait, 300.0) * 1000));
  const auto outcome = co_await self->hub_.dispatcher_.call(std::move(call));
  base::JsonObject answer{{"type", "result"}, {"id", call_id}, {"ok", outcome.result.has_value()}};
  if (!outcome.operation_id.empty()) answer["operation_id"] = outcome.operation_id;
  if (!outcome.result) {
    answer["status"] = base::http_status(outcome.result.error().code);
    answer["error"] = base::problem_document(outcome.result.error());
  } else if (!outcome.finished) {
    answer["status"] = 202;
  } else {
    answer["status"] = 200;
    answer["result"] = *outcome.result;
  }
  --self->calls_in_flight_;
  self->send(std::move(answer));
}

}  // namespace telltale::live
