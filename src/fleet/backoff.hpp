// Restart delays: exponential with full jitter (Brooker, AWS Architecture Blog 2015), the first
// nearly at once. Seeded.
#pragma once

#include <algorithm>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace telltale::fleet {

class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) : random_(seed) {}

  base::Duration next() {
    const auto ceiling =
        std::min<base::Duration>(kFirst * (1LL << std::min(attempt_, 20)), kLongest);
    ++attempt_;
    const auto spread = static_cast<std::uint64_t>(ceiling.count());
    return std::max<base::Duration>(
        kLeast, base::Duration(static_cast<base::Duration::rep>(random_.below(spread))));
  }
  void reset() { attempt_ = 0; }
  int attempt() const noexcept { return attempt_; }

 private:
  static constexpr base::Duration kLeast = std::chrono::milliseconds(20);
  static constexpr base::Duration kFirst = std::chrono::milliseconds(250);
  static constexpr base::Duration kLongest = std::chrono::seconds(60);
  base::Random random_;
  int attempt_ = 0;
};

}  // namespace telltale::fleet
