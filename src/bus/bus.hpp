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
#include <string_view>
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
  std::size_t data_at = 0;  // where in `text` the value of "data" begins; it ends before the last }

  std::string_view data_text() const {
    return std::string_view(*text).substr(data_at, text->size() - 1 - data_at);
  }
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
  struct Stored {
    runtime::Event head;  // without its data
    std::string data;     // JSON
  };
  void resume_after(std::uint64_t last, std::vector<Stored> kept);

  void publish(runtime::Event event) override;
  std::uint64_t last_seq() const noexcept { return last_seq_.load(std::memory_order_acquire); }
  Replay since(std::uint64_t seq, std::size_t limit) const;

  // From the loop it is to be called on. The handler gets every event published after this call, in
  // order.
  Subscription subscribe(runtime::Loop& loop, BatchHandler handler);

 private:
  friend class Subscription;
  // As text: ten thousand parsed events would be most of the process's memory. Parsed again for a
  // replay, once for all who ask while somebody holds it.
  struct Kept {
    runtime::Event head;
    std::shared_ptr<const std::string> text;
    std::size_t data_at;
    std::weak_ptr<const Published> whole;
  };
  static PublishedPtr whole(Kept& kept);
  void keep(const Published& published, std::weak_ptr<const Published> whole);

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
  mutable std::deque<Kept> kept_;
  std::unordered_map<runtime::Loop*, std::unique_ptr<Mailbox>> mailboxes_;
  std::atomic<std::uint64_t> next_subscription_{0};
};

struct EventText {
  std::string text;
  std::size_t data_at;
};
// `data` is that of the event as JSON.
EventText event_text(const runtime::Event& head, std::string_view data);
std::string event_text(const runtime::Event& event);

}  // namespace telltale::bus
