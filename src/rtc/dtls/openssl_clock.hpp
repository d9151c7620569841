// OpenSSL asks gettimeofday() for its DTLS retransmission timer, and no call of its API says what
// time it is. This module therefore defines gettimeofday() for the whole program: a thread inside
// an OpenSslClock sees that clock's time, everyone else the system's, as libc would answer. So the
// timer follows the time a Connection is given (virtual in tests), and a jump of the wall clock
// neither stalls nor hurries a handshake.
#pragma once

#include "base/clock.hpp"

namespace telltale::rtc::dtls {

// For the time of its life, on this thread. May nest: the inner one counts.
class OpenSslClock {
 public:
  explicit OpenSslClock(base::SteadyTime now) noexcept;
  OpenSslClock(const OpenSslClock&) = delete;
  OpenSslClock& operator=(const OpenSslClock&) = delete;
  ~OpenSslClock();

 private:
  std::int64_t outer_us_;
};

}  // namespace telltale::rtc::dtls
