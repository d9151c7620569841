#include "live/session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/random.hpp"
#include "catalog/visibility.hpp"
#include "live/event_types.hpp"

namespace telltale::live {
namespace {

constexpr std::size_t kWriteBatch = 64U << 10U;
constexpr std::size_t kFrameHead = 10;
constexpr std::size_t kSubscriptionLimit = 32;
constexpr std::size_t kCallsInFlightLimit = 64;
constexpr std::size_t kForgiven = 100;  // messages over the rate, in a row
constexpr std::size_t kReplayLimit = 10'000;
constexpr std::size_t kCursorBytes = 2'048;
constexpr base::Duration kPingInterval = std::chrono::seconds(20);

// Known before it is parsed: cursors are many and small, and are counted for themselves.
bool is_cursor(std::string_view message) {
  return message.size() <= kCursorBytes && message.starts_with(R"({"action":"cursor")");
}

runtime::Loop& this_loop() {
  auto* const loop = runtime::Loop::current();
  CHECK(loop != nullptr);
  return *loop;
}

}  // namespace

Session::Session(Hub& hub, std::shared_ptr<net::WebSocket> socket, runtime::Actor actor,
                 base::WallTime token_expires)
    : socket_(std::move(socket)),
      hub_(hub),
      loop_(this_loop()),
      token_expires_(token_expires),
      last_ping_(loop_.clock().now()),
      actor_(std::move(actor)),
      outbox_(hub.settings_.outbox) {
  actor_.via = "websocket";
  actor_.address = socket_->remote_address();
}

// One coroutine for all of an idle session: each more would cost it some hundred bytes.
runtime::Task<> Session::run(std::unique_ptr<Session> self) {
  std::exception_ptr cancelled;
  self->feed_ = &self->hub_.enter(*self);
  self->place_ = self->feed_->end();
  self->greet();
  try {
    while (auto message = co_await self->socket_->read())
      if (!self->take(*message)) {
        co_await self->socket_->close(1008, "too many messages");
        break;
      }
  } catch (...) {
    cancelled = std::current_exception();
  }
  self->closing_ = true;
  self->seat_.reset();
  self->here_.reset();
  self->hub_.leave(*self);
  // In a chain that has been cancelled every co_await throws before it begins: stop() as well.
  co_await runtime::asio::this_coro::throw_if_cancelled(false);
  if (self->tasks_) co_await self->tasks_->stop();
  if (cancelled) std::rethrow_exception(cancelled);
}

runtime::TaskGroup& Session::tasks() {
  if (!tasks_) tasks_ = std::make_unique<runtime::TaskGroup>(loop_, "websocket of " + actor_.name);
  return *tasks_;
}

// The number is read before the state: what happens in between comes twice, never not at all.
void Session::greet() {
  static const auto kStatusOnly = std::make_shared<const EventFilter>(EventFilter::status_only());
  const auto seq = hub_.bus_.last_seq();
  subscriptions_.push_back({.id = "sub_default", .filter = kStatusOnly, .after_seq = seq});
  interests_changed();
  std::string seen_only;
  if (!actor_.sees_all()) {
    base::JsonArray seen;
    for (auto& server : hub_.fleet_status_.records())
      if (actor_.sees(base::string_or(server.get_object(), "name")))
        seen.push_back(std::move(server));
    seen_only = base::write_json(base::Json(std::move(seen)));
  }
  // The records are written once for all who come, and put in as they are.
  const auto& servers = actor_.sees_all() ? hub_.servers() : seen_only;
  send_text(fmt::format(
      R"({{"type":"initial_status","seq":{},"timestamp":"{}","mcps":{},"data":{{"mcps":{},"session":{},"presence":{},"version":{}}}}})",
      seq, base::format_rfc3339(loop_.clock().wall()), servers, servers,
      base::write_json(base::JsonObject{{"user", actor_.name}, {"role", actor_.role}}),
      hub_.presence_.enabled(), base::write_json(base::Json(hub_.settings_.version))));
}

void Session::interests_changed() {
  after_seq_ = 0;
  Interest::Filters filters;
  for (const auto& subscription : subscriptions_) {
    after_seq_ = std::max(after_seq_, subscription.after_seq);
    filters.push_back(subscription.filter);
  }
  const bool hears = std::ranges::any_of(filters, [](const auto& filter) {
    return filter->channels().contains("metrics") || filter->event_types().contains("metrics");
  });
  if (hears != std::exchange(hears_metrics_, hears)) hub_.count_metrics_listener(hears);
  hear_presence();
  // Events are seen by what catalog::sees() asks of the actor; who may all of that shares one look.
  interest_ = actor_.sees_all() && actor_.may("webrtc:read") && actor_.may("tests:read") &&
                      actor_.may("metrics:read") && actor_.may("alerts:read")
                  ? feed_->interest(std::move(filters), actor_.may("audit:read"))
                  : nullptr;
}

bool Session::wants(const bus::Published& item) const {
  return catalog::sees(actor_, item.event) &&
         std::ranges::any_of(subscriptions_, [&](const Subscription& subscription) {
           return item.event.seq > subscription.after_seq && subscription.filter->wants(item.event);
         });
}

void Session::visit(const Feed& feed) {
  const auto from = std::exchange(place_, feed.end());
  if (from == place_ || closing_) return;
  if (interest_ && feed.at(from)->event.seq > after_seq_) {
    const auto& sending = interest_->sending(feed, from, place_);
    if (!sending.frames) return;
    if (written_at_once(sending.frames)) return;
    for (const auto& item : sending.events) outbox_.push(item, loop_.clock().now());
  } else {
    for (auto place = from; place < place_; ++place)
      if (const auto& item = feed.at(place); wants(*item)) outbox_.push(item, loop_.clock().now());
    if (outbox_.empty()) return;
  }
  start_writer();
}

// While nothing waits before them. What the socket took but could not send yet, the writer does.
bool Session::written_at_once(std::shared_ptr<const std::string> frames) {
  if (writing_ || frames->size() > kWriteBatch) return false;
  const auto sent = socket_->write_now(frames);
  if (sent == net::WebSocket::Sent::part) start_writer();
  return sent != net::WebSocket::Sent::none;
}

void Session::recheck() {
  if (closing_) return;
  auto now = hub_.sessions_.renew(actor_);
  if (!now) return end_with(4401, now.error().detail);
  actor_ = std::move(*now);
  renew_presence();
  interests_changed();
}

void Session::end_with(std::uint16_t code, std::string reason) {
  closing_ = true;
  tasks().spawn("websocket.end", close_with(this, code, std::move(reason)));
}

runtime::Task<> Session::close_with(Session* self, std::uint16_t code, std::string reason) {
  co_await self->socket_->close(code, std::move(reason));
}

void Session::start_writer() {
  if (std::exchange(writing_, true)) return;
  tasks().spawn("websocket.write", write_out(this));
}

// The first write also takes what the socket kept of write_now.
runtime::Task<> Session::write_out(Session* self) {
  do {
    const auto written = co_await self->socket_->write(self->outbox_.take(kWriteBatch));
    if (!written) co_return;  // the reader sees the same end and closes up
  } while (!self->outbox_.empty());
  self->writing_ = false;
}

void Session::look_after(const Look& look) {
  if (closing_) return;
  if (look.wall >= token_expires_)
    return end_with(4401, "the token has ended; get a new one and connect again");
  const auto behind = outbox_.behind_since();
  if (behind && look.now - *behind > look.behind_limit)
    return end_with(1013, "too far behind; connect again with since");
  catch_up_presence();
  if (look.now - last_ping_ < kPingInterval) return;
  last_ping_ = look.now;
  send({{"type", "ping"}, {"timestamp", base::format_rfc3339(look.wall)}});
}

// False when the client goes on beyond its rate.
bool Session::take(std::string_view message) {
  const auto& user = actor_.id.empty() ? actor_.name : actor_.id;
  auto verdict = is_cursor(message)
                     ? hub_.cursors_.admit(user)
                     : messages_.admit(hub_.settings_.socket_messages, loop_.clock().now());
  if (verdict.allowed && !is_cursor(message)) verdict = hub_.user_messages_.admit(user);
  if (verdict.allowed) {
    refused_ = 0;
    handle(message);
    return true;
  }
  // What is on its way when the error arrives is forgiven; going on is not.
  if (++refused_ == 1) say_rate_limited(verdict);
  return refused_ <= kForgiven;
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

void Session::send_text(std::string text) {
  if (!writing_ && text.size() <= kWriteBatch) {
    auto frame = std::make_shared<std::string>();
    frame->reserve(text.size() + kFrameHead);
    net::append_text_frame(*frame, text);
    if (written_at_once(std::move(frame))) return;
  }
  outbox_.push_answer(std::move(text));
  start_writer();
}

void Session::send(const base::JsonObject& message) {
  send_text(base::write_json(message));
}

void Session::send_error(std::string_view code, std::string_view message) {
  send({{"type", "error"}, {"data", {{"code", code}, {"message", message}}}, {"message", message}});
}

// With each bad field by its pointer.
void Session::send_refusal(const base::Error& error) {
  base::JsonArray fields;
  for (const auto& field : error.fields)
    fields.push_back({{"pointer", field.pointer}, {"message", field.message}});
  base::JsonObject data{{"code", base::code_name(error.code)}, {"message", error.detail}};
  if (!fields.empty()) data["errors"] = std::move(fields);
  send({{"type", "error"}, {"data", std::move(data)}, {"message", error.detail}});
}

void Session::handle(std::string_view text) {
  if (text == "ping") {
    return send_text("pong");
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
    return send(pong);
  }
  if (action == "pong") return;
  if (action == "subscribe") return handle_subscribe(message);
  if (action == "unsubscribe") return handle_unsubscribe(message);
  if (action == "get_metadata") return send({{"type", "metadata"}, {"data", metadata()}});
  if (presence::Seat::takes(action)) return handle_presence(action, message);
  if (action == "chat") return begin_call(message, "presence.say");
  if (action == "annotate") return begin_call(message, "annotations.create");
  if (action == "call") return begin_call(message, "");
  send_error("invalid_argument",
             "action must be one of subscribe, unsubscribe, get_metadata, ping, pong, call, "
             "presence, cursor, follow, refuse, chat, annotate; it is \"" +
                 action + "\"");
}

// `operation`: of an action that stands for a call, with its arguments beside `action` and `id`.
void Session::begin_call(base::JsonObject message, std::string_view operation) {
  if (calls_in_flight_ >= kCallsInFlightLimit)
    return send_error("rate_limited", "64 calls of this socket are running; wait for one to end");
  if (!operation.empty()) {
    base::JsonObject call{{"operation", operation}};
    for (const auto* const own : {"id", "wait", "idempotency_key"})
      if (const auto* value = base::find(message, own)) call[own] = *value;
    for (const auto* const own : {"action", "type", "id", "wait", "idempotency_key"})
      message.erase(own);
    call["arguments"] = std::move(message);
    message = std::move(call);
  }
  ++calls_in_flight_;
  tasks().spawn("websocket.call", run_call(this, std::move(message)));
}

void Session::handle_subscribe(const base::JsonObject& message) {
  auto filter = EventFilter::parse(message);
  if (!filter) return send_error("invalid_argument", filter.error().detail);
  visit(*feed_);  // what has come goes by what was wanted then
  if (!chose_) subscriptions_.clear();
  chose_ = true;
  if (subscriptions_.size() >= kSubscriptionLimit)
    return send_error("rate_limited", "at most 32 subscriptions on one socket");

  Subscription subscription{.id = base::new_id("sub"),
                            .filter = feed_->shared(std::move(*filter)),
                            .after_seq = hub_.bus_.last_seq()};
  base::JsonArray channels;
  for (const auto& channel : subscription.filter->channels())
    channels.push_back(base::Json(channel));
  base::JsonArray types;
  for (const auto& type : subscription.filter->event_types()) types.push_back(base::Json(type));
  send({{"type", "subscribed"},
        {"subscription_id", subscription.id},
        {"channels", std::move(channels)},
        {"event_types", std::move(types)}});

  if (const auto since = base::find_integer(message, "since"); since && *since >= 0) {
    auto replay = hub_.bus_.since(static_cast<std::uint64_t>(*since), kReplayLimit);
    if (replay.gap) outbox_.push_gap(*replay.gap);
    if (!replay.events.empty()) subscription.after_seq = replay.events.back()->event.seq;
    std::erase_if(replay.events, [&](const auto& item) {
      return !subscription.filter->wants(item->event) || !catalog::sees(actor_, item->event);
    });
    outbox_.push_replay(std::move(replay.events));
    if (!outbox_.empty()) start_writer();
  }
  subscriptions_.push_back(std::move(subscription));
  interests_changed();
}

void Session::handle_unsubscribe(const base::JsonObject& message) {
  const auto id = base::string_or(message, "subscription_id");
  const auto before = subscriptions_.size();
  std::erase_if(subscriptions_, [&](const Subscription& subscription) {
    return id.empty() || subscription.id == id;  // the old form names no subscription: all end
  });
  chose_ = true;
  interests_changed();
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
  base::JsonObject answer{
      {"type", "result"}, {"id", call_id}, {"ok", static_cast<bool>(outcome.result)}};
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
  self->send(answer);
}

}  // namespace telltale::live
