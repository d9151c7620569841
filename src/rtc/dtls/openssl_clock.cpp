#include "rtc/dtls/openssl_clock.hpp"

#include <ctime>

#include <sys/time.h>

namespace telltale::rtc::dtls {
namespace {

// Microseconds of the innermost OpenSslClock of this thread; 0 outside.
thread_local std::int64_t now_us = 0;

// OpenSSL takes a time of zero for "no timer"; a steady clock may be near zero after a boot.
constexpr std::int64_t kOffsetUs = 1'000'000'000'000;

}  // namespace

OpenSslClock::OpenSslClock(base::SteadyTime now) noexcept : outer_us_(now_us) {
  now_us = kOffsetUs + now.time_since_epoch() / std::chrono::microseconds(1);
}

OpenSslClock::~OpenSslClock() {
  now_us = outer_us_;
}

}  // namespace telltale::rtc::dtls

extern "C" __attribute__((visibility("default"))) int gettimeofday(
    struct timeval* __restrict into, void* __restrict /*timezone*/) noexcept {
  const auto us = telltale::rtc::dtls::now_us;
  if (us != 0) {
    into->tv_sec = us / 1'000'000;
    into->tv_usec = us % 1'000'000;
    return 0;
  }
  timespec wall{};
  if (::clock_gettime(CLOCK_REALTIME, &wall) != 0) return -1;
  into->tv_sec = wall.tv_sec;
  into->tv_usec = wall.tv_nsec / 1000;
  return 0;
}
