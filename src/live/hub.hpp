// Hub: all open dashboard sockets. One bus subscription per loop; each loop offers every event to
// its own sessions, so a publish costs one wake per loop however many sockets there are.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "auth/sessions.hpp"
#include "bus/bus.hpp"
#include "catalog/dispatcher.hpp"
#include "live/outbox.hpp"
#include "net/rate_limiter.hpp"
#include "net/websocket.hpp"
#include "runtime/runtime.hpp"

namespace telltale::live {

class Session;

struct HubSettings {
  OutboxLimits outbox;
  // Messages of one user, over all its sockets: then `error`, and 1008 for a socket that goes on.
  net::RatePolicy messages{.limit = 200, .window = std::chrono::seconds(10)};
  base::Duration behind_limit = std::chrono::seconds(30);
  std::string version;
};

class Hub {
 public:
  // `fleet_status` gives the records of all servers for `initial_status`; any thread.
  using FleetStatus = std::function<base::JsonArray()>;

  Hub(runtime::Runtime& runtime, bus::Bus& bus, catalog::Dispatcher& dispatcher,
      FleetStatus fleet_status, HubSettings settings);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub();

  // The life of one socket; runs in the connection's task until it closes.
  runtime::Task<> serve(std::shared_ptr<net::WebSocket> socket, runtime::Actor actor,
                        base::WallTime token_expires);

  std::size_t clients() const noexcept { return clients_.load(std::memory_order_relaxed); }
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }
  runtime::Task<> stop();

 private:
  friend class Session;
  struct PerLoop {
    std::vector<Session*> sessions;
    bus::Subscription subscription;
    bool subscribed = false;
  };
  PerLoop& here();
  void enter(Session& session);
  void leave(Session& session);

  runtime::Runtime& runtime_;
  bus::Bus& bus_;
  catalog::Dispatcher& dispatcher_;
  FleetStatus fleet_status_;
  HubSettings settings_;
  net::RateLimiter messages_;
  std::vector<std::unique_ptr<PerLoop>> per_loop_;
  std::atomic<std::size_t> clients_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace telltale::live
