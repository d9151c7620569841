// Time. Everything asks a Clock, never the system, so that tests move time by hand (VirtualClock).
// Steady time drives timers and durations and never goes back; wall time is only for what people
// and other programs read.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace telltale::base {

using Duration = std::chrono::nanoseconds;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  virtual SteadyTime now() const noexcept = 0;
  virtual WallTime wall() const noexcept = 0;
};

class SystemClock final : public Clock {
 public:
  SteadyTime now() const noexcept override;
  WallTime wall() const noexcept override;
};

// Starts at 2026-01-01T00:00:00Z; any thread may read it, one thread advances it.
class VirtualClock final : public Clock {
 public:
  SteadyTime now() const noexcept override { return SteadyTime(Duration(elapsed_.load())); }
  WallTime wall() const noexcept override;
  void advance(Duration by) noexcept { elapsed_.fetch_add(by.count()); }
  // A jump of the wall clock alone (an operator, NTP): steady time does not move.
  void jump_wall(std::chrono::milliseconds by) noexcept { wall_offset_ms_.fetch_add(by.count()); }

 private:
  std::atomic<Duration::rep> elapsed_{3'600'000'000'000};
  std::atomic<std::int64_t> wall_offset_ms_{0};
};

// RFC 3339 in UTC with milliseconds: 2026-11-20T10:00:00.000Z
std::string format_rfc3339(WallTime time);
Result<WallTime> parse_rfc3339(std::string_view text);

inline double to_ms(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}
inline double to_seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}
inline double unix_seconds(WallTime time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
}
inline std::int64_t unix_ms(WallTime time) {
  return time.time_since_epoch().count();
}
inline WallTime from_unix_ms(std::int64_t ms) {
  return WallTime(std::chrono::milliseconds(ms));
}

}  // namespace telltale::base
