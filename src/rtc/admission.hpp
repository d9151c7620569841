// Who may have another connection: so many in all, so many of one actor, so many that are being
// made. Counted from admit() on, before there is a connection, until release(). Owned by the
// engine; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "base/error.hpp"
#include "base/guarded.hpp"

namespace telltale::rtc {

class Admission {
 public:
  struct Limits {
    std::size_t connections = 0;
    std::size_t per_actor = 0;
    std::size_t connecting = 0;
  };

  explicit Admission(Limits limits) : limits_(limits) {}

  // One more of this actor, not connected so far. rate_limited: he has as many as one may;
  // unavailable: all are in use, or too many are being made.
  base::Result<void> admit(const std::string& actor);
  // One that was being made is connected, or has ended before that.
  void leave_connecting() noexcept { --connecting_; }
  void release(const std::string& actor);

  std::uint64_t connecting() const noexcept { return connecting_.load(); }
  std::uint64_t total() const noexcept { return total_.load(); }  // ever admitted

 private:
  struct Actors {
    std::size_t total = 0;
    std::map<std::string, std::size_t> by_actor = {};
  };

  const Limits limits_;
  base::Guarded<Actors> actors_;
  std::atomic<std::uint64_t> connecting_{0};
  std::atomic<std::uint64_t> total_{0};
};

}  // namespace telltale::rtc
