// Datagrams over TCP for ICE-TCP (RFC 4571 section 2, RFC 6544): each behind a length of 16 bits.
// One per connection. What is longer than the limit ends the connection: nothing of ours is.
#pragma once

#include <cstdint>
#include <vector>

#include "rtc/bytes.hpp"

namespace telltale::rtc::ice {

inline constexpr std::size_t kMaxFrame = 2048;

class FrameSplitter {
 public:
  // take(datagram) for each that is whole now. False: an oversized one; close the connection.
  template <class Take>
  bool feed(Bytes bytes, Take&& take) {
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    std::size_t at = 0;
    bool good = true;
    while (good && held_.size() - at >= 2) {
      const std::size_t size = load_u16(held_, at);
      good = size <= kMaxFrame;
      if (!good || held_.size() - at - 2 < size) break;
      take(MutableBytes(held_).subspan(at + 2, size));
      at += 2 + size;
    }
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
    return good;
  }

 private:
  std::vector<std::uint8_t> held_;  // at most one frame and what one read brings
};

}  // namespace telltale::rtc::ice
