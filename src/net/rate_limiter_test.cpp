#include "net/rate_limiter.hpp"

#include <deque>
#include <thread>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::net {
namespace {

using namespace std::chrono_literals;

// Whatever the pattern of arrivals, no window holds more than the limit: every admitted moment is
// kept, and the count of each window that ends at one is taken.
TEST(RateLimiter, NeverMoreThanAllowedInAnyWindow) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    base::Random random(seed);
    base::VirtualClock clock;
    const RatePolicy policy{.limit = static_cast<std::uint32_t>(1 + random.next() % 200),
                            .window = std::chrono::milliseconds(1 + random.next() % 90'000)};
    RateLimiter limiter(clock, policy, 100);
    std::deque<base::SteadyTime> admitted;
    std::uint64_t refused = 0;
    for (int i = 0; i < 3000; ++i) {
      const auto verdict = limiter.admit("ada");
      if (verdict.allowed) {
        admitted.push_back(clock.now());
        while (clock.now() - admitted.front() >= policy.window) admitted.pop_front();
        ASSERT_LE(admitted.size(), policy.limit) << "seed " << seed;
      } else {
        ++refused;
        ASSERT_EQ(verdict.remaining, 0U) << "seed " << seed;
        ASSERT_GT(verdict.reset.count(), 0) << "seed " << seed;
      }
      // Bursts, steady streams and pauses of more than a window; the wall clock leaps about.
      const auto kind = random.below(10);
      const auto step = static_cast<std::uint64_t>(policy.window.count()) / policy.limit;
      if (kind < 6) clock.advance(base::Duration(random.below(step / 2 + 1)));
      if (kind == 6 && random.below(5) == 0) clock.advance(policy.window / 16);
      if (kind == 7 && random.below(100) == 0) clock.advance(policy.window * 2);
      if (kind == 8) clock.jump_wall(std::chrono::hours(random.below(20'000)) - 400 * 24h);
    }
    ASSERT_GT(refused, 0U) << "seed " << seed << ": nothing was tried";
  }
}

TEST(RateLimiter, RoomComesWhenItWasPromised) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    base::Random random(seed);
    base::VirtualClock clock;
    RateLimiter limiter(clock, {.limit = 7, .window = 60s}, 100);
    for (int i = 0; i < 200; ++i) {
      const auto verdict = limiter.admit("x");
      clock.advance(std::chrono::milliseconds(random.next() % 9000));
      if (verdict.allowed) continue;
      const auto again = limiter.admit("x");
      if (again.allowed) continue;
      clock.advance(again.reset - 1ns);
      EXPECT_FALSE(limiter.admit("x").allowed) << "seed " << seed;
      clock.advance(1ns);
      EXPECT_TRUE(limiter.admit("x").allowed) << "seed " << seed;
    }
  }
}

TEST(RateLimiter, CountsDownAndTellsTheRest) {
  base::VirtualClock clock;
  RateLimiter limiter(clock, {.limit = 3, .window = 60s}, 100);
  for (std::uint32_t left = 3; left-- > 0;) {
    const auto verdict = limiter.admit("ada");
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, left);
    EXPECT_EQ(verdict.limit, 3U);
  }
  EXPECT_FALSE(limiter.admit("ada").allowed);
  EXPECT_TRUE(limiter.admit("bob").allowed) << "another's count";
  clock.advance(64s);
  EXPECT_TRUE(limiter.admit("ada").allowed);
  RateLimiter none(clock, {.limit = 0}, 100);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(none.admit("ada").allowed);
  EXPECT_EQ(none.keys(), 0U);
}

// An attacker with a network of its own must neither fill the memory nor win anything by it.
TEST(RateLimiter, ManyKeysAreBoundedAndAllowNothingMore) {
  base::VirtualClock clock;
  RateLimiter limiter(clock, {.limit = 5, .window = 60s}, 1600);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.admit("ada").allowed);
  std::uint64_t allowed = 0;
  for (int i = 0; i < 200'000; ++i) allowed += limiter.admit("k" + std::to_string(i)).allowed;
  EXPECT_LE(limiter.keys(), 1600U);
  EXPECT_LE(allowed, 1600U + 16 * 5) << "one each, and the newcomers' shared counts";
  EXPECT_FALSE(limiter.admit("ada").allowed) << "the flood did not push the old count out";
  clock.advance(120s);
  EXPECT_TRUE(limiter.admit("new").allowed) << "the quiet ones make room";
}

TEST(RateLimiter, ManyThreads) {
  base::VirtualClock clock;
  RateLimiter limiter(clock, {.limit = 1000, .window = 60s}, 100);
  std::atomic<int> allowed{0};
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) allowed += limiter.admit("ada").allowed ? 1 : 0;
      });
  }
  EXPECT_EQ(allowed, 1000);
}

TEST(RateLimiter, WhomAnAddressStandsFor) {
  EXPECT_EQ(rate_key_of("93.184.216.34"), rate_key_of("93.184.216.99"));
  EXPECT_NE(rate_key_of("93.184.216.34"), rate_key_of("93.184.217.34"));
  EXPECT_NE(rate_key_of("192.168.0.1"), rate_key_of("192.168.0.2"));
  EXPECT_NE(rate_key_of("127.0.0.1"), rate_key_of("127.0.0.2"));
  EXPECT_EQ(rate_key_of("2606:2800:220:1::1"), rate_key_of("2606:2800:220:1:ffff::9"));
  EXPECT_NE(rate_key_of("2606:2800:220:1::1"), rate_key_of("2606:2800:220:2::1"));
  EXPECT_EQ(rate_key_of("nonsense"), "nonsense");
}

}  // namespace
}  // namespace telltale::net
