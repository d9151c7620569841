// How long packets wait on the path: the one-way delay above the least of the last ten to twenty
// seconds. Clocks of sender and receiver need not agree, only run alike.
#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

class QueueDelay {
 public:
  // The one-way delay by one feedback message's last packets.
  void add(std::int64_t one_way_us, base::SteadyTime now) noexcept {
    if (now - turned_ >= std::chrono::seconds(10)) {
      turned_ = now;
      before_us_ = least_us_;
      least_us_ = kNone;
    }
    least_us_ = std::min(least_us_, one_way_us);
    delay_ = std::chrono::microseconds(one_way_us - std::min(least_us_, before_us_));
    recent_[next_++ % recent_.size()] = delay_;
  }
  base::Duration delay() const noexcept { return delay_; }
  // How much longer the queue is than it was in one of the last four messages: a link that has
  // become much slower shows here before the trend does.
  base::Duration rise() const noexcept { return delay_ - *std::ranges::min_element(recent_); }

 private:
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

  std::int64_t least_us_ = kNone;
  std::int64_t before_us_ = kNone;
  base::SteadyTime turned_ = {};
  base::Duration delay_ = {};
  std::array<base::Duration, 4> recent_ = {};
  std::size_t next_ = 0;
};

}  // namespace telltale::rtc::congestion
