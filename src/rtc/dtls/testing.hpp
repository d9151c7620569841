// For the tests of dtls: two connections, or one and something else, joined by a link of the model
// in virtual time.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "rtc/congestion/link_model.hpp"
#include "rtc/dtls/connection.hpp"

namespace telltale::rtc::dtls {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

inline const base::SteadyTime kStart{std::chrono::hours(1)};

inline Certificate make_certificate() {
  auto made = Certificate::make(base::from_unix_ms(1'790'000'000'000));
  if (!made) ADD_FAILURE() << made.error().detail;
  return std::move(*made);
}

inline Context make_context(const ContextSettings& settings = {}) {
  auto made = Context::open(make_certificate(), settings);
  if (!made) ADD_FAILURE() << made.error().detail;
  return std::move(*made);
}

// One end: it keeps what it sent (until carried) and what happened.
class End final : public Connection::Listener {
 public:
  void send_datagram(std::span<const std::uint8_t> datagram) override {
    out.emplace_back(datagram.begin(), datagram.end());
    largest = std::max(largest, datagram.size());
    ++sent;
  }
  void on_connected(const SrtpKeys& agreed) override { keys = agreed; }
  void on_data(std::span<const std::uint8_t> data) override {
    received.emplace_back(data.begin(), data.end());
  }
  void on_closed(const std::optional<base::Error>& why) override {
    ++closed;
    error = why;
  }

  std::vector<Bytes> out = {};
  std::vector<Bytes> received = {};
  std::optional<SrtpKeys> keys = {};
  std::optional<base::Error> error = {};
  std::size_t largest = 0;
  std::size_t sent = 0;
  int closed = 0;
  std::unique_ptr<Connection> connection = {};
};

class Pair {
 public:
  Pair(const Context& client_context, const Context& server_context,
       congestion::LinkSettings link = {}, std::uint64_t seed = 1,
       std::size_t datagram_bytes_max = 1200)
      : links_{congestion::LinkModel(link, seed * 2), congestion::LinkModel(link, seed * 2 + 1)} {
    open(client, Role::client, client_context, server_context.fingerprint(), datagram_bytes_max);
    open(server, Role::server, server_context, client_context.fingerprint(), datagram_bytes_max);
  }

  void open(End& end, Role role, const Context& context, const Fingerprint& peer,
            std::size_t datagram_bytes_max = 1200, bool carries_data = true) {
    auto made = Connection::open(context,
                                 {.role = role,
                                  .peer_fingerprints = {peer},
                                  .datagram_bytes_max = datagram_bytes_max,
                                  .carries_data = carries_data},
                                 end, now);
    ASSERT_TRUE(made) << made.error().detail;
    end.connection = std::move(*made);
  }

  // Moves what was sent, time and timers until both are quiet or `until` has come.
  void run(base::Duration at_most = 60s) {
    const auto until = now + at_most;
    client.connection->start(now);
    while (true) {
      carry(client, 0);
      carry(server, 1);
      const auto next = next_time();
      if (!next || *next > until) break;
      now = std::max(now, *next);
      deliver();
      if (connected() && !connected_at) connected_at = now;
      for (auto* end : {&client, &server}) end->connection->on_timeout(now);
    }
  }
  bool connected() const {
    return client.connection->state() == State::connected &&
           server.connection->state() == State::connected;
  }

  base::SteadyTime now = kStart;
  std::optional<base::SteadyTime> connected_at = {};  // both ends
  End client = {};
  End server = {};

 private:
  void carry(End& from, std::size_t direction) {
    for (auto& datagram : from.out)
      for (const auto at : links_[direction].offer(datagram.size(), now))
        under_way_.emplace(at, std::pair(direction, datagram));
    from.out.clear();
  }
  void deliver() {
    while (!under_way_.empty() && under_way_.begin()->first <= now) {
      const auto [direction, datagram] = std::move(under_way_.begin()->second);
      under_way_.erase(under_way_.begin());
      (direction == 0 ? server : client).connection->on_datagram(datagram, now);
    }
  }
  std::optional<base::SteadyTime> next_time() const {
    std::optional<base::SteadyTime> next;
    const auto take = [&](std::optional<base::SteadyTime> at) {
      if (at && (!next || *at < *next)) next = at;
    };
    if (!under_way_.empty()) take(under_way_.begin()->first);
    take(client.connection->next_deadline());
    take(server.connection->next_deadline());
    return next;
  }

  std::array<congestion::LinkModel, 2> links_;
  std::multimap<base::SteadyTime, std::pair<std::size_t, Bytes>> under_way_ = {};
};

inline Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

}  // namespace telltale::rtc::dtls
