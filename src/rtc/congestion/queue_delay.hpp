// How long packets wait on the path: the one-way delay above the least of the last ten to twenty
// seconds. Clocks of sender and receiver need not agree, only run alike.
#pragma once

#include <algorithm>
#include <limits>

#include "rtc/congestion/types.hpp"

namespace telltale::rtc::congestion {

class QueueDelay {
 public:
  // The least one-way delay among the packets of one feedback message.
  void add(std::int64_t one_way_us, base::SteadyTime now) noexcept {
    if (now - turned_ >= std::chrono::seconds(10)) {
      turned_ = now;
      before_us_ = least_us_;
      least_us_ = kNone;
    }
    least_us_ = std::min(least_us_, one_way_us);
    delay_ = std::chrono::microseconds(one_way_us - std::min(least_us_, before_us_));
  }
  base::Duration delay() const noexcept { return delay_; }

 private:
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

  std::int64_t least_us_ = kNone;
  std::int64_t before_us_ = kNone;
  base::SteadyTime turned_ = {};
  base::Duration delay_ = {};
};

}  // namespace telltale::rtc::congestion
