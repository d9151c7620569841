// Deadlines of many things on one loop, without a map entry for each: slots of a millisecond, 1,024
// of them; what is further away is looked at again in a second. An Item is in one slot at most and
// leaves it when it is destroyed. One owner, one loop; nothing is allocated.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace telltale::rtc {

class TimerWheel {
 public:
  class Item {
   public:
    Item() = default;
    Item(const Item&) = delete;
    Item& operator=(const Item&) = delete;
    virtual ~Item() { unlink(); }
    virtual void on_due(base::SteadyTime now) = 0;  // may arm itself again

   private:
    friend class TimerWheel;
    void unlink() noexcept {
      if (previous_ == nullptr) return;
      *previous_ = next_;
      if (next_ != nullptr) next_->previous_ = previous_;
      previous_ = nullptr;
      next_ = nullptr;
      --wheel_->count_;
    }
    Item** previous_ = nullptr;  // what points to this
    Item* next_ = nullptr;
    TimerWheel* wheel_ = nullptr;
    std::int64_t tick_ = 0;
  };

  explicit TimerWheel(base::SteadyTime now) noexcept : done_(tick_of(now) - 1) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Not before `at`, and no more than a millisecond after it; an earlier arming is forgotten.
  void arm(Item& item, base::SteadyTime at) noexcept {
    auto tick = tick_of(at);
    if (at > time_of(tick)) ++tick;
    if (tick <= done_) tick = done_ + 1;
    if (tick > done_ + kSlots - 1) tick = done_ + kSlots - 1;
    if (item.previous_ != nullptr && item.tick_ == tick) return;
    item.unlink();
    auto& head = slots_[slot_of(tick)];
    item.wheel_ = this;
    item.tick_ = tick;
    item.next_ = head;
    item.previous_ = &head;
    if (head != nullptr) head->previous_ = &item.next_;
    head = &item;
    ++count_;
  }
  void disarm(Item& item) noexcept { item.unlink(); }

  // Calls what is due.
  void advance(base::SteadyTime now) {
    const auto until = tick_of(now);
    while (done_ < until) {
      if (count_ == 0) {
        done_ = until;
        return;
      }
      ++done_;
      auto& head = slots_[slot_of(done_)];
      // What arms itself again goes to a later slot.
      while (head != nullptr) {
        auto* const item = head;
        item->unlink();
        item->on_due(now);
      }
    }
  }
  std::optional<base::SteadyTime> next() const noexcept {
    if (count_ == 0) return std::nullopt;
    for (auto tick = done_ + 1; tick < done_ + kSlots; ++tick)
      if (slots_[slot_of(tick)] != nullptr) return time_of(tick);
    return std::nullopt;
  }

 private:
  static constexpr std::int64_t kSlots = 1'024;
  static constexpr std::int64_t kTickNs = 1'000'000;
  static constexpr std::int64_t tick_of(base::SteadyTime at) noexcept {
    return at.time_since_epoch().count() / kTickNs;
  }
  static constexpr base::SteadyTime time_of(std::int64_t tick) noexcept {
    return base::SteadyTime(base::Duration(tick * kTickNs));
  }
  static constexpr std::size_t slot_of(std::int64_t tick) noexcept {
    return static_cast<std::size_t>(tick) & (kSlots - 1);
  }

  std::array<Item*, kSlots> slots_ = {};
  std::int64_t done_;  // the last tick whose items were called
  std::size_t count_ = 0;
};

}  // namespace telltale::rtc
