// Timeline: the three times of a playing. Media time is where in the content; stream time goes on
// evenly from 0 over loops and seeks and stands still in a pause; `due` is when that is by the
// clock. Pure; the player's thread only. RTP timestamps are `due` since the start: what a sender
// report says of them stays true over a pause.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "base/clock.hpp"

namespace telltale::media {

class Timeline {
 public:
  // Time stands still until release().
  explicit Timeline(base::SteadyTime now) : epoch_(now), anchor_(now) {}

  // From `stream` on, `media` is there and goes on: the start, a loop, a seek. Not earlier than the
  // last one.
  void map(base::Duration media, base::Duration stream);
  // By the newest mapping.
  base::Duration to_stream(base::Duration media) const;
  // By the mapping of that time; the ones before are forgotten.
  base::Duration to_media(base::Duration stream);

  void hold(base::SteadyTime now);
  // `now` may lie a little ahead: time to get ready.
  void release(base::SteadyTime now);
  bool held() const { return held_; }
  // What comes now came late: from here on everything is due later by so much.
  void shift(base::Duration by) { anchor_ += by; }

  base::Duration stream_at(base::SteadyTime now) const;
  base::SteadyTime due(base::Duration stream) const { return anchor_ + (stream - stream_); }
  std::uint32_t timestamp(base::Duration stream, std::int64_t rate) const;

 private:
  base::SteadyTime epoch_;
  base::SteadyTime anchor_;  // when stream_ was, is or will be due
  base::Duration stream_{};  // of the last hold or release
  struct Mapping {
    base::Duration from{};    // stream
    base::Duration offset{};  // stream less media
  };
  std::deque<Mapping> mappings_ = {{}};
  bool held_ = true;
};

// When video encoders make key frames: regularly, at the same pictures in all rungs.
class KeyFrameRhythm {
 public:
  explicit KeyFrameRhythm(base::Duration interval) : interval_(interval) {}
  bool take(base::Duration stream) {
    const auto group = stream / interval_;
    if (group == group_) return false;
    group_ = group;
    return true;
  }
  void restart() { group_ = -1; }

 private:
  base::Duration interval_;
  std::int64_t group_ = -1;
};

// When one rung makes one on demand: one an interval over time, counting the regular ones. After a
// rest `at_once`: viewers who come up together would else wait for each other's.
class KeyFrameDemand {
 public:
  explicit KeyFrameDemand(base::Duration interval, int at_once = 1)
      : interval_(interval), most_(at_once * interval), credit_(most_) {}
  void ask() { asked_ = true; }
  bool asked() const { return asked_; }
  bool take(base::SteadyTime due) const { return asked_ && credit_at(due) >= interval_; }
  void made(base::SteadyTime due) {
    credit_ = std::max(credit_at(due) - interval_, base::Duration::zero());
    last_ = due;
    asked_ = false;
  }

 private:
  base::Duration credit_at(base::SteadyTime due) const {
    return std::min(credit_ + std::max(due - last_, base::Duration::zero()), most_);
  }
  base::Duration interval_;
  base::Duration most_;
  base::Duration credit_;  // time since the last ones that was not used
  base::SteadyTime last_{};
  bool asked_ = false;
};

}  // namespace telltale::media
