#include "base/clock.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/histogram.hpp"
#include "base/random.hpp"
#include "base/ring.hpp"

namespace telltale::base {
namespace {

using namespace std::chrono_literals;

TEST(Rfc3339, ThereAndBack) {
  for (const auto ms :
       {0LL, 1LL, 999LL, 1'790'000'000'123LL, 253'402'300'799'999LL, 951'782'400'000LL})
    EXPECT_EQ(parse_rfc3339(format_rfc3339(from_unix_ms(ms))).value(), from_unix_ms(ms)) << ms;
  EXPECT_EQ(format_rfc3339(from_unix_ms(1'795'168'800'007)), "2026-11-20T10:00:00.007Z");
}

TEST(Rfc3339, FormsThatMeanTheSame) {
  const auto expected = parse_rfc3339("2026-11-20T10:00:00Z").value();
  for (const auto* const text :
       {"2026-11-20t10:00:00z", "2026-11-20 10:00:00Z", "2026-11-20T10:00:00.0Z",
        "2026-11-20T10:00:00.000000000Z", "2026-11-20T12:00:00+02:00", "2026-11-20T04:30:00-05:30",
        "2026-11-20T10:00:00-00:00"})
    EXPECT_EQ(parse_rfc3339(text).value(), expected) << text;
  EXPECT_EQ(parse_rfc3339("2026-11-20T10:00:00.1234567Z").value(), expected + 123ms);
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z").value(),
            parse_rfc3339("2017-01-01T00:00:00Z").value())
      << "a leap second";
}

TEST(Rfc3339, WhatIsNoTime) {
  for (const auto* const text : {"",
                                 "2026-11-20",
                                 "2026-11-20T10:00Z",
                                 "2026-11-20T10:00:00",
                                 "2026-13-01T00:00:00Z",
                                 "2026-02-29T00:00:00Z",
                                 "2026-11-31T00:00:00Z",
                                 "2026-00-01T00:00:00Z",
                                 "2026-11-20T24:00:00Z",
                                 "2026-11-20T10:60:00Z",
                                 "2026-11-20T10:00:61Z",
                                 "2026-11-20T10:00:00.Z",
                                 "2026-11-20T10:00:00+0200",
                                 "2026-11-20T10:00:00+24:00",
                                 "2026-11-20T10:00:00Z ",
                                 " 2026-11-20T10:00:00Z",
                                 "26-11-20T10:00:00Z",
                                 "-026-11-20T10:00:00Z",
                                 "2026-11-20T1:00:00Z",
                                 "2026/11/20T10:00:00Z"})
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
  EXPECT_TRUE(parse_rfc3339("2024-02-29T00:00:00Z").has_value());
}

TEST(VirtualClock, MovesByHandAndTheWallMayJump) {
  VirtualClock clock;
  EXPECT_EQ(format_rfc3339(clock.wall()), "2026-01-01T00:00:00.000Z");
  const auto before = clock.now();
  clock.advance(90s);
  EXPECT_EQ(clock.now() - before, Duration(90s));
  EXPECT_EQ(format_rfc3339(clock.wall()), "2026-01-01T00:01:30.000Z");
  clock.jump_wall(-1h);
  EXPECT_EQ(clock.now() - before, Duration(90s)) << "steady time does not jump";
  EXPECT_EQ(format_rfc3339(clock.wall()), "2025-12-31T23:01:30.000Z");
}

// Against the sorted truth: never below it, at most 1/32 above.
TEST(Histogram, QuantilesAreWithinTheirError) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    Histogram histogram;
    std::vector<std::uint64_t> all;
    for (int i = 0; i < 3000; ++i) {
      const auto value = random.next() >> (24 + random.below(40));
      all.push_back(value);
      histogram.record(value);
    }
    std::ranges::sort(all);
    EXPECT_EQ(histogram.count(), all.size());
    EXPECT_EQ(histogram.max(), all.back());
    for (const double fraction : {0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0}) {
      const auto rank = std::max<std::size_t>(
          1, static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(all.size()))));
      const auto truth = all[rank - 1];
      EXPECT_GE(histogram.quantile(fraction), truth) << seed << " " << fraction;
      EXPECT_LE(histogram.quantile(fraction), truth + truth / 32 + 1) << seed << " " << fraction;
    }
  }
}

TEST(Histogram, EdgesMergeAndClear) {
  Histogram one;
  EXPECT_EQ(one.quantile(0.5), 0U);
  EXPECT_EQ(one.mean(), 0);
  for (const auto value : {0ULL, 1ULL, 31ULL, 32ULL, 33ULL, 63ULL, 64ULL}) one.record(value);
  EXPECT_EQ(one.quantile(0), 0U);
  EXPECT_EQ(one.quantile(1), 64U);
  EXPECT_EQ(one.mean(), 224.0 / 7);
  Histogram huge;
  huge.record(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(huge.count(), 1U);
  EXPECT_GE(huge.quantile(0.5), (1ULL << 40U) - 1) << "what is beyond the last bucket is in it";
  Histogram both = one;
  both.merge(huge);
  EXPECT_EQ(both.count(), 8U);
  EXPECT_EQ(both.max(), huge.max());
  EXPECT_EQ(both.quantile(0.5), 32U);
  both.clear();
  EXPECT_EQ(both.count(), 0U);
}

TEST(Ring, ForgetsTheOldest) {
  Ring<int> ring(3);
  EXPECT_TRUE(ring.empty());
  for (int i = 1; i <= 5; ++i) ring.push(i);
  EXPECT_EQ(ring.size(), 3U);
  EXPECT_EQ(ring[0], 3);
  EXPECT_EQ(ring[1], 4);
  EXPECT_EQ(ring.back(), 5);
  ring.clear();
  EXPECT_TRUE(ring.empty());
  ring.push(9);
  EXPECT_EQ(ring[0], 9);
  EXPECT_DEATH((void)ring[1], "CHECK failed");
}

}  // namespace
}  // namespace telltale::base
