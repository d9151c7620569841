// Outbox: what waits to be written to one socket, bounded so that a slow client costs little and
// slows nobody. Within the bounds everything goes out in order. Beyond them `status` and `metrics`
// collapse to the latest per type and subject, and everything else becomes one gap {from_seq,
// to_seq} the client can refetch. No I/O, one loop.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "bus/bus.hpp"

namespace telltale::live {

struct OutboxLimits {
  std::size_t messages = 1'000;
  std::size_t bytes = 1U << 20U;
};

class Outbox {
 public:
  using Text = std::shared_ptr<const std::string>;

  explicit Outbox(OutboxLimits limits = {}) : limits_(limits) {}

  void push(const bus::PublishedPtr& event, base::SteadyTime now);
  // Answers to the client's own messages: never dropped; the caller limits how many a client may
  // cause.
  void push_answer(std::string text);
  // Replays go before anything live that is pushed later; they hold shared texts, so they cost no
  // copies.
  void push_replay(std::vector<bus::PublishedPtr> events);
  void push_gap(bus::Gap gap);

  // The next texts to write, up to about `bytes`.
  std::vector<Text> take(std::size_t bytes);
  bool empty() const noexcept;
  std::size_t messages() const noexcept { return queue_.size() + latest_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }
  // Since when the client has been behind its bounds without a break.
  std::optional<base::SteadyTime> behind_since() const noexcept { return behind_since_; }
  std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  void refill();

  OutboxLimits limits_;
  std::list<Text> queue_;  // costs nothing while it is empty
  std::size_t bytes_ = 0;
  // Beyond the bounds:
  std::map<std::string, bus::PublishedPtr> latest_;
  std::optional<bus::Gap> gap_;
  std::optional<base::SteadyTime> behind_since_;
  std::uint64_t dropped_ = 0;
};

std::string gap_text(bus::Gap gap);

}  // namespace telltale::live
