// How often somebody may ask: at most `limit` in any stretch of `window`, never more, whenever the
// stretch begins. A window is counted in 16 slots; the seventeenth, which the window covers in
// part, counts whole, so that the bound is exact and a key costs 17 numbers however high its limit
// is. Steady time only: a jump of the wall clock changes nothing. Keys are bounded: when there is
// no room for another, all newcomers share one count until some have been quiet for a window. Any
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace telltale::net {

struct RatePolicy {
  std::uint32_t limit = 0;  // 0: no limit
  base::Duration window = std::chrono::minutes(1);
};

struct RateVerdict {
  bool allowed = true;
  std::uint32_t limit = 0;
  std::uint32_t remaining = 0;
  base::Duration window{};
  base::Duration reset{};  // until there is more room than now; when refused, until there is any
};

// One key's counts, without a clock.
class SlidingWindow {
 public:
  RateVerdict admit(const RatePolicy& policy, base::SteadyTime now);
  bool quiet(const RatePolicy& policy, base::SteadyTime now) const;

 private:
  static constexpr std::int64_t kSlots = 16;
  std::array<std::uint32_t, kSlots + 1> counts_{};  // by slot number modulo 17
  std::int64_t slot_ = 0;                           // the last one counted in
  std::uint64_t sum_ = 0;
};

class RateLimiter {
 public:
  RateLimiter(const base::Clock& clock, RatePolicy policy, std::size_t key_limit);
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;
  ~RateLimiter();

  RateVerdict admit(std::string_view key);
  const RatePolicy& policy() const noexcept { return policy_; }
  std::size_t keys() const;

 private:
  struct Shard;
  Shard& shard_of(std::string_view key) const;
  const base::Clock& clock_;
  const RatePolicy policy_;
  const std::size_t keys_per_shard_;
  std::unique_ptr<std::array<Shard, 16>> shards_;
};

// Whom an address stands for: a v6 address its /64, one of the internet's v4 addresses its /24
// (what one subscriber gets or can get); v4 addresses at home stand for themselves.
std::string rate_key_of(std::string_view address);

}  // namespace telltale::net
