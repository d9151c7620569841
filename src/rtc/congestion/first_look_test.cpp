// What is learnt of a path before the first picture, and the rung it begins with.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "rtc/congestion/probe_estimator.hpp"
#include "rtc/congestion/rung_policy.hpp"

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

const base::SteadyTime kStart{std::chrono::hours(1)};
constexpr std::array<std::int64_t, 3> kRungs{500'000, 1'000'000, 2'500'000};

// A probe of 30 ms over a link that carries it, each packet up to 15 ms late.
TEST(ProbeEstimator, OfOneThatWentAloneJitterSaysLittle) {
  constexpr double kSent = 3'700'000;
  constexpr int kBytes = 360;
  constexpr int kPackets = 40;
  double worst = kSent;
  double worst_beside_others = kSent;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    for (const bool alone : {true, false}) {
      base::Random random(seed);
      ProbeEstimator estimator;
      estimator.start({.cluster = 1, .bytes_min = kBytes * kPackets, .alone = alone});
      std::optional<Probed> seen;
      for (int i = 0; i < kPackets; ++i) {
        const auto sent = kStart + time_for(i * kBytes, kSent);
        const auto late = std::chrono::microseconds(static_cast<int>(random.below(15'000)));
        seen = estimator.add({.sent = sent,
                              .arrived_us = (sent.time_since_epoch() + 40ms + late) / 1us,
                              .bytes = kBytes,
                              .probe_cluster = 1,
                              .received = true});
      }
      ASSERT_TRUE(seen);
      auto& least = alone ? worst : worst_beside_others;
      least = std::min(least, seen->bps);
    }
  }
  EXPECT_GT(worst, 0.77 * kSent) << "what the highest of three rungs needs of it";
  EXPECT_LT(worst_beside_others, 0.77 * kSent);
}

TEST(ProbeEstimator, OfOneThatWentAloneTheLinkIsSeen) {
  ProbeEstimator estimator;
  estimator.start({.cluster = 1, .bytes_min = 360 * 40, .alone = true});
  std::optional<Probed> seen;
  for (int i = 0; i < 40; ++i)
    seen =
        estimator.add({.sent = kStart + time_for(i * 360, 3'700'000),
                       .arrived_us = (kStart + time_for(i * 360, 900'000)).time_since_epoch() / 1us,
                       .bytes = 360,
                       .probe_cluster = 1,
                       .received = true});
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->saturated);
  EXPECT_NEAR(seen->bps, 0.95 * 900'000, 10'000);
}

TEST(RungPolicy, BeginsWithWhatThePathHasRoomFor) {
  for (const auto& [path, rung] :
       {std::pair{2'900'000, 2U}, {2'800'000, 1U}, {1'000'000, 1U}, {900'000, 0U}, {90'000, 0U}}) {
    RungPolicy policy(kRungs, 1'000'000);
    policy.begin_on(path);
    EXPECT_EQ(policy.current(), rung) << path;
  }
  RungPolicy limited(kRungs, 1'000'000);
  limited.limit(1, SwitchReason::cpu, kStart);
  limited.begin_on(9'000'000);
  EXPECT_EQ(limited.current(), 1U);
}

}  // namespace
}  // namespace telltale::rtc::congestion
