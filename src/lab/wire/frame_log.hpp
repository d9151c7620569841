// What both kinds of wire keep their frames in: bounded, each with its time, and a signal for whom
// waits. Home loop only.
#pragma once

#include "lab/wire/wire.hpp"
#include "runtime/sync.hpp"

namespace telltale::lab {

class FrameLog {
 public:
  FrameLog(runtime::Loop& loop, std::size_t limit)
      : loop_(loop), limit_(limit), begun_(loop.clock().now()), more_(loop) {}

  void restart() { begun_ = loop_.clock().now(); }
  void add(Frame frame) {
    frame.at = loop_.clock().now() - begun_;
    if (frames_.size() < limit_)
      frames_.push_back(std::move(frame));
    else
      ++dropped_;
    more_.notify_all();
  }
  const std::vector<Frame>& frames() const noexcept { return frames_; }
  std::size_t dropped() const noexcept { return dropped_; }

  static runtime::Task<bool> changed(FrameLog* self, std::size_t known, base::Duration limit) {
    const auto& clock = self->loop_.clock();
    const auto deadline = clock.now() + limit;
    while (self->frames_.size() <= known) {
      const auto left = deadline - clock.now();
      if (left <= base::Duration::zero() || !co_await self->more_.wait_for(left)) break;
    }
    co_return self->frames_.size() > known;
  }

 private:
  runtime::Loop& loop_;
  std::size_t limit_;
  base::SteadyTime begun_;
  std::vector<Frame> frames_;
  std::size_t dropped_ = 0;
  runtime::Notifier more_;
};

}  // namespace telltale::lab
