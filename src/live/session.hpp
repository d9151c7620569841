// Session: one dashboard socket on its home loop. The reader answers the client's messages, a
// writer task empties the outbox, a guard task ends the socket when its token ends or the client
// stays behind. Owned by Hub::serve; when run() returns all its tasks have ended.
#pragma once

#include <span>
#include <string>

#include "live/event_filter.hpp"
#include "live/hub.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"

namespace telltale::live {

class Session {
 public:
  Session(Hub& hub, std::shared_ptr<net::WebSocket> socket, runtime::Actor actor,
          base::WallTime token_expires);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  runtime::Task<> run();
  void offer(std::span<const bus::PublishedPtr> batch);
  bool may_see(const runtime::Event& event) const;
  std::uint64_t dropped() const noexcept { return outbox_.dropped(); }

 private:
  struct Subscription {
    std::string id;
    EventFilter filter;
    std::uint64_t after_seq = 0;  // what came before was replayed
  };

  static runtime::Task<> write_loop(Session* self);
  static runtime::Task<> guard_loop(Session* self);
  static runtime::Task<> run_call(Session* self, base::JsonObject message);
  runtime::Task<> read_loop();
  void send(base::JsonObject message);
  void send_error(std::string_view code, std::string_view message);
  void greet();
  void handle(std::string_view text);
  void handle_subscribe(const base::JsonObject& message);
  void handle_unsubscribe(const base::JsonObject& message);
  void say_rate_limited(const net::RateVerdict& verdict);

  Hub& hub_;
  runtime::Loop& loop_;
  std::shared_ptr<net::WebSocket> socket_;
  runtime::Actor actor_;
  base::WallTime token_expires_;
  Outbox outbox_;
  runtime::Notifier more_;
  runtime::TaskGroup tasks_;
  std::vector<Subscription> subscriptions_;
  bool chose_ = false;  // has subscribed by itself: the default subscription is gone
  std::size_t calls_in_flight_ = 0;
  std::size_t refused_ = 0;  // messages over the rate, in a row
  bool closing_ = false;
};

}  // namespace telltale::live
