// Where a packet came from or goes to: the far address, and through which of our sockets.
#pragma once

#include <compare>
#include <cstdint>

#include "rtc/stun/address.hpp"

namespace telltale::rtc::ice {

struct Path {
  stun::Address remote;
  std::uint32_t via = 0;  // the caller's number of a socket or TCP connection
  auto operator<=>(const Path&) const = default;
};

}  // namespace telltale::rtc::ice
