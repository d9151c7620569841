// Session: one dashboard socket on its home loop. The reader answers the client's messages; what is
// to be written goes to the socket at once when that takes it, else into the outbox, which a writer
// task empties: an idle session has no task but its reader, and no buffer. Owned by run();
// when run() returns all its tasks have ended.
#pragma once

#include <span>
#include <string>

#include "live/event_filter.hpp"
#include "live/hub.hpp"
#include "presence/engine.hpp"
#include "runtime/task_group.hpp"

namespace telltale::live {

class Session {
 public:
  Session(Hub& hub, std::shared_ptr<net::WebSocket> socket, runtime::Actor actor,
          base::WallTime token_expires);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // All of its life.
  static runtime::Task<> run(std::unique_ptr<Session> self);
  void recheck();
  // What the feed has since the last visit.
  void visit(const Feed& feed);
  std::uint64_t place() const noexcept { return place_; }
  // Ends it when its token has ended or the client stays behind; says `ping`
  // now and then.
  struct Look {
    base::SteadyTime now;
    base::WallTime wall;
    base::Duration behind_limit;
  };
  void look_after(const Look& look);
  std::uint64_t dropped() const noexcept { return outbox_.dropped(); }

  bool hears_metrics() const noexcept { return hears_metrics_; }

 private:
  struct Subscription {
    std::string id;
    std::shared_ptr<const EventFilter> filter;
    std::uint64_t after_seq = 0;  // what came before was replayed
  };

  static runtime::Task<> write_out(Session* self);
  static runtime::Task<> close_with(Session* self, std::uint16_t code, std::string reason);
  static runtime::Task<> run_call(Session* self, base::JsonObject message);
  bool take(std::string_view message);
  runtime::TaskGroup& tasks();
  void end_with(std::uint16_t code, std::string reason);
  void interests_changed();
  bool wants(const bus::Published& item) const;
  bool written_at_once(std::shared_ptr<const std::string> frames);
  void start_writer();
  void send_text(std::string text);
  void send(const base::JsonObject& message);
  void send_error(std::string_view code, std::string_view message);
  void greet();
  void handle(std::string_view text);
  void handle_subscribe(const base::JsonObject& message);
  void handle_unsubscribe(const base::JsonObject& message);
  void begin_call(base::JsonObject message, std::string_view operation);
  void handle_presence(std::string_view action, const base::JsonObject& message);
  void send_refusal(const base::Error& error);
  void say_rate_limited(const net::RateVerdict& verdict);
  unsigned presence_kinds() const;
  presence::Seat* seat();
  void hear_presence();
  void renew_presence();
  void catch_up_presence();
  void tell(presence::Kind kind, const presence::Text& text);

  // First what each visit looks at: with thousands of sessions every cache line counts.
  std::uint64_t place_ = 0;             // in the feed
  std::shared_ptr<Interest> interest_;  // of all subscriptions, when the actor sees every server
  std::uint64_t after_seq_ = 0;         // the highest of the subscriptions
  std::shared_ptr<net::WebSocket> socket_;
  bool writing_ = false;  // the writer task is there; it is when the outbox holds something
  bool closing_ = false;
  bool chose_ = false;  // has subscribed by itself: the default subscription is gone
  Hub& hub_;
  runtime::Loop& loop_;
  Feed* feed_ = nullptr;
  base::WallTime token_expires_;
  base::SteadyTime last_ping_;
  runtime::Actor actor_;
  Outbox outbox_;
  std::unique_ptr<runtime::TaskGroup> tasks_;  // made when there is one
  std::vector<Subscription> subscriptions_;
  std::size_t calls_in_flight_ = 0;
  bool hears_metrics_ = false;
  net::SlidingWindow messages_;
  std::size_t refused_ = 0;  // messages over the rate, in a row
  bool missed_presence_ = false;
  std::shared_ptr<Session*> here_;  // for what is on its way when this ends
  std::unique_ptr<presence::Seat> seat_;
};

}  // namespace telltale::live
