// Hub: all open dashboard sockets. One bus subscription per loop; each loop feeds its own sessions
// (feed.hpp), so a publish costs one wake per loop however many sockets there are. A guard a loop
// looks at all of its sessions once a second: none has a timer of its own.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "auth/sessions.hpp"
#include "bus/bus.hpp"
#include "catalog/dispatcher.hpp"
#include "live/feed.hpp"
#include "live/outbox.hpp"
#include "net/rate_limiter.hpp"
#include "net/websocket.hpp"
#include "presence/engine.hpp"
#include "runtime/runtime.hpp"
#include "runtime/task_group.hpp"

namespace telltale::live {

class Session;

struct HubSettings {
  OutboxLimits outbox;
  // Messages of one socket, and of one user over all its sockets (0: any number): over it `error`,
  // and 1008 for a socket that goes on.
  net::RatePolicy socket_messages{.limit = 100, .window = std::chrono::seconds(10)};
  net::RatePolicy user_messages{.limit = 0, .window = std::chrono::minutes(1)};
  // Cursors are counted apart: what goes on to others is less (presence/hall.hpp).
  net::RatePolicy user_cursors{.limit = 600, .window = std::chrono::seconds(10)};
  base::Duration behind_limit = std::chrono::seconds(30);
  std::string version;
};

// For `initial_status`; any thread.
struct FleetStatus {
  std::function<base::JsonArray()> records;  // of all servers
  std::function<std::uint64_t()> version;    // raised after each change of them
};

class Hub {
 public:
  Hub(runtime::Runtime& runtime, bus::Bus& bus, catalog::Dispatcher& dispatcher,
      const auth::SessionService& sessions, presence::Engine& presence, FleetStatus fleet_status,
      HubSettings settings);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub();

  // The life of one socket; runs in the connection's task until it closes.
  runtime::Task<> serve(std::shared_ptr<net::WebSocket> socket, runtime::Actor actor,
                        base::WallTime token_expires);

  // Users, roles, tokens or sessions have changed: every socket asks what its actor may now, and
  // one whose session has ended is closed with 4401. Any thread.
  void recheck();

  std::size_t clients() const noexcept { return clients_.load(std::memory_order_relaxed); }
  // Sockets that asked for the newest points of series: nothing is published for nobody.
  std::size_t metrics_listeners() const noexcept {
    return metrics_listeners_.load(std::memory_order_relaxed);
  }
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }
  runtime::Task<> stop();

 private:
  friend class Session;
  struct PerLoop {
    explicit PerLoop(runtime::Loop& loop) : feed(loop), tasks(loop, "websockets") {}
    Feed feed;
    bus::Subscription subscription;
    bool subscribed = false;
    std::string servers;  // the records as JSON, of that version
    std::uint64_t servers_version = 0;
    runtime::TaskGroup tasks;
  };
  PerLoop& here();
  Feed& enter(Session& session);
  void count_metrics_listener(bool more) {
    metrics_listeners_.fetch_add(more ? std::size_t{1} : ~std::size_t{0},
                                 std::memory_order_relaxed);
  }
  void leave(Session& session);
  const std::string& servers();
  static runtime::Task<> guard(Hub* hub, PerLoop* mine);

  runtime::Runtime& runtime_;
  bus::Bus& bus_;
  catalog::Dispatcher& dispatcher_;
  const auth::SessionService& sessions_;
  presence::Engine& presence_;
  FleetStatus fleet_status_;
  HubSettings settings_;
  net::RateLimiter user_messages_;
  net::RateLimiter cursors_;
  std::vector<std::unique_ptr<PerLoop>> per_loop_;
  std::atomic<std::size_t> clients_{0};
  std::atomic<std::size_t> metrics_listeners_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace telltale::live
