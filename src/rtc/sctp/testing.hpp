// For the tests of sctp: two ends joined by links of congestion/link_model, in virtual time. A run
// is its seed. An end is anything with on_packet(), poll() and next_deadline().
#pragma once

#include <array>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "rtc/congestion/link_model.hpp"
#include "rtc/sctp/association.hpp"
#include "rtc/sctp/crc32c.hpp"

namespace telltale::rtc::sctp::testing {

using namespace std::chrono_literals;

using Packet = std::vector<std::uint8_t>;

struct Port {
  std::function<void(Bytes, base::SteadyTime)> on_packet;
  std::function<std::size_t(base::SteadyTime, MutableBytes)> poll;
  std::function<std::optional<base::SteadyTime>()> deadline;
};

template <class End>
Port port_of(End& end) {
  return {.on_packet = [&end](Bytes packet, base::SteadyTime now) { end.on_packet(packet, now); },
          .poll = [&end](base::SteadyTime now, MutableBytes out) { return end.poll(now, out); },
          .deadline = [&end] { return end.next_deadline(); }};
}

class World {
 public:
  World(Port a, Port b, const congestion::LinkSettings& link = {.delay = 10ms},
        std::uint64_t seed = 1)
      : ends_{std::move(a), std::move(b)},
        links_{congestion::LinkModel(link, seed * 2), congestion::LinkModel(link, seed * 2 + 1)} {}

  base::SteadyTime now() const { return now_; }

  // Until `done`, or nothing is left to happen, or `limit` has passed. True: done.
  template <class Done>
  bool run(Done&& done, base::Duration limit = 10min) {
    const auto until = now_ + limit;
    flush();
    while (!done()) {
      const auto next = next_event();
      if (!next || *next > until) {
        now_ = until;
        return false;
      }
      now_ = std::max(now_, *next);
      deliver();
      flush();
    }
    return true;
  }
  void run_for(base::Duration time) {
    run([] { return false; }, time);
  }
  void flush() {
    for (std::size_t from = 0; from < 2; ++from) {
      int packets = 0;
      while (const auto size = ends_[from].poll(now_, buffer_)) {
        if (++packets > 10'000) throw std::runtime_error("it never stops sending");
        Packet packet(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size));
        if (filter && !filter(from, packet)) continue;
        for (const auto at : links_[from].offer(size, now_))
          road_.emplace(at, std::pair(1 - from, packet));
      }
    }
  }

  // Sees every packet before the link does; false takes it away.
  std::function<bool(std::size_t from, Packet& packet)> filter;

 private:
  std::optional<base::SteadyTime> next_event() const {
    std::optional<base::SteadyTime> next;
    const auto consider = [&next](std::optional<base::SteadyTime> at) {
      if (at && (!next || *at < *next)) next = at;
    };
    for (const auto& end : ends_) consider(end.deadline());
    if (!road_.empty()) consider(road_.begin()->first);
    return next;
  }
  void deliver() {
    while (!road_.empty() && road_.begin()->first <= now_) {
      const auto [to, packet] = std::move(road_.begin()->second);
      road_.erase(road_.begin());
      ends_[to].on_packet(packet, now_);
    }
  }

  base::SteadyTime now_{1h};
  std::array<Port, 2> ends_;
  std::array<congestion::LinkModel, 2> links_;
  std::multimap<base::SteadyTime, std::pair<std::size_t, Packet>> road_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(2048);
};

// An association that keeps what it is told.
class Recorder : public Association::Listener {
 public:
  explicit Recorder(const AssociationSettings& settings = {}) : association(settings, *this) {}

  void on_connected() override { ++connected; }
  void on_message(ReceivedMessage message) override { messages.push_back(std::move(message)); }
  void on_incoming_reset(const std::vector<std::uint16_t>& streams, bool all) override {
    incoming_resets.insert(incoming_resets.end(), streams.begin(), streams.end());
    all_reset = all_reset || all;
  }
  void on_outgoing_reset(const std::vector<std::uint16_t>& streams, bool done) override {
    auto& list = done ? outgoing_resets : refused_resets;
    list.insert(list.end(), streams.begin(), streams.end());
  }
  void on_progress() override {}
  void on_closed(const std::optional<base::Error>& given) override {
    ++closed;
    error = given;
  }
  std::string text(std::size_t index) const {
    return std::string(as_text(messages.at(index).bytes));
  }

  Association association;
  std::vector<ReceivedMessage> messages;
  std::vector<std::uint16_t> incoming_resets;
  std::vector<std::uint16_t> outgoing_resets;
  std::vector<std::uint16_t> refused_resets;
  bool all_reset = false;
  int connected = 0;
  int closed = 0;
  std::optional<base::Error> error;
};

inline std::vector<std::uint8_t> bytes_of(std::string_view text) {
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// The right checksum for a packet that was changed; 12 bytes at least.
inline void seal(Packet& packet) {
  const auto sum = packet_checksum(packet);
  for (std::size_t i = 0; i < 4; ++i) packet[8 + i] = static_cast<std::uint8_t>(sum >> 8U * i);
}

// Chunk types of a packet, for what a test says about the wire.
inline std::vector<int> types_of(Bytes packet) {
  std::vector<int> types;
  ChunkReader chunks(packet.subspan(kCommonHeader));
  while (const auto chunk = chunks.next()) types.push_back(chunk->type);
  return types;
}

struct Pair {
  explicit Pair(const AssociationSettings& a_settings = {},
                const AssociationSettings& b_settings = {},
                const congestion::LinkSettings& link = {.delay = 10ms}, std::uint64_t seed = 1)
      : a(a_settings),
        b(b_settings),
        world(port_of(a.association), port_of(b.association), link, seed) {}

  bool connect(bool both = true) {
    a.association.connect(world.now());
    if (both) b.association.connect(world.now());
    return world.run([this] { return a.connected == 1 && b.connected == 1; }, 5min);
  }
  base::Result<void> send(Recorder& from, std::uint16_t stream, std::vector<std::uint8_t> bytes,
                          const SendOptions& options = {}) {
    return from.association.send(stream, 53, std::move(bytes), options, world.now());
  }

  Recorder a;
  Recorder b;
  World world;
};

}  // namespace telltale::rtc::sctp::testing
