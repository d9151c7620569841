// Deadline: a time limit that is set anew all the time and hardly ever passes (the silence of a
// connection). Setting a later one or clearing it touches no queue: the timer that is there finds
// out when it fires. Home loop only; cancel() before it goes.
#pragma once

#include <optional>
#include <utility>

#include "runtime/loop.hpp"

namespace telltale::runtime {

class Deadline {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // `passed` does the same at every call: the timer of an earlier one may be what runs it.
  template <class Passed>
  void set(Loop& loop, base::SteadyTime at, Passed passed) {
    at_ = at;
    if (timer_ && timer_->first <= at) return;
    cancel_timer(loop);
    arm(loop, std::move(passed));
  }
  void clear() noexcept { at_ = kNone; }
  void cancel(Loop& loop) {
    clear();
    cancel_timer(loop);
  }

 private:
  static constexpr auto kNone = base::SteadyTime::max();

  template <class Passed>
  void arm(Loop& loop, Passed passed) {
    timer_ = loop.schedule_at(at_, [this, &loop, passed = std::move(passed)]() mutable {
      timer_.reset();
      if (at_ == kNone) return;
      if (loop.clock().now() < at_) return arm(loop, std::move(passed));
      clear();
      passed();
    });
  }
  void cancel_timer(Loop& loop) {
    if (timer_) loop.cancel(*std::exchange(timer_, std::nullopt));
  }

  base::SteadyTime at_ = kNone;
  std::optional<Loop::TimerKey> timer_;
};

}  // namespace telltale::runtime
