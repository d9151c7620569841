// The in-process event bus: gives each event its sequence number and time, keeps the last ones for
// replay, and hands them to every subscriber on the subscriber's own loop, in order, in batches. A
// publisher never waits for a consumer. The wire text of an event is written once, however many
// sockets it goes to.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/event.hpp"
#include "runtime/loop.hpp"

namespace telltale::bus {

// An event as published, with its wire text `{"type","seq","timestamp","data"}`
// (docs/websocket.md).
struct Published {
  runtime::Event event;
  std::shared_ptr<const std::string> text;
};
using PublishedPtr = std::shared_ptr<const Published>;

struct Gap {
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
};

struct Replay {
  std::vector<PublishedPtr> events;  // oldest first, all after `since`
  std::optional<Gap> gap;            // what came after `since` but is no longer kept
};

using BatchHandler = std::function<void(std::span<const PublishedPtr>)>;

class Bus;

// Ends the subscription when destroyed; destroy it on its loop, and no handler call follows.
class Subscription {
 public:
  Subscription() = default;
  Subscription(Subscription&& other) noexcept;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

 private:
  friend class Bus;
  Subscription(Bus* bus, runtime::Loop* loop, std::uint64_t id) : bus_(bus), loop_(loop), id_(id) {}
  Bus* bus_ = nullptr;
  runtime::Loop* loop_ = nullptr;
  std::uint64_t id_ = 0;
};

class Bus final : public runtime::EventSink {
 public:
  Bus(const base::Clock& clock, std::size_t keep = 10'000);
  ~Bus() override;

  // Continues a stored sequence: the next event gets a number above `last`. Before anything is
  // published.
  void resume_after(std::uint64_t last, std::vector<runtime::Event> kept);

  void publish(runtime::Event event) override;
  std::uint64_t last_seq() const noexcept { return last_seq_.load(std::memory_order_acquire); }
  Replay since(std::uint64_t seq, std::size_t limit) const;

  // From the loop it is to be called on. The handler gets every event published after this call, in
  // order.
  Subscription subscribe(runtime::Loop& loop, BatchHandler handler);

 private:
  friend class Subscription;
  // One per subscribing loop: a publisher appends and wakes the loop once per batch.
  struct Mailbox {
    std::vector<PublishedPtr> pending;  // under Bus::mutex_
    bool woken = false;                 // under Bus::mutex_
    std::vector<std::pair<std::uint64_t, std::shared_ptr<BatchHandler>>> handlers;  // its loop only
  };
  void deliver(runtime::Loop& loop, Mailbox& mailbox);
  void unsubscribe(runtime::Loop& loop, std::uint64_t id);

  const base::Clock& clock_;
  const std::size_t keep_;
  std::atomic<std::uint64_t> last_seq_{0};
  mutable std::mutex mutex_;
  std::deque<PublishedPtr> kept_;
  std::unordered_map<runtime::Loop*, std::unique_ptr<Mailbox>> mailboxes_;
  std::atomic<std::uint64_t> next_subscription_{0};
};

std::string event_text(const runtime::Event& event);

}  // namespace telltale::bus
