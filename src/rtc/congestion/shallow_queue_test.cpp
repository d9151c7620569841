// Links whose queue holds only a packet or two: what overflows there hardly shows as delay.
#include <gtest/gtest.h>

#include "rtc/congestion/simulated_call.hpp"

namespace telltale::rtc::congestion {
namespace {

constexpr std::uint64_t kSeeds = 20;

struct Outcome {
  double use = 0;         // of the link
  double overflowed = 0;  // of the packets
  double switches = 0;    // of rungs, in a call
};

Outcome mean_of(base::Duration queue, const std::vector<std::int64_t>& rungs) {
  Outcome mean;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 1'000'000, .queue_max = queue, .delay = 20ms}, seed);
    const auto& call = simulation.add({.rungs = rungs}, {.delay = 20ms});
    simulation.run_until(40s);
    const auto& counts = simulation.link.counts();
    mean.use += mean_received(call, 10s, 40s) / 1'000'000 / kSeeds;
    mean.overflowed +=
        static_cast<double>(counts.overflowed) / static_cast<double>(counts.offered) / kSeeds;
    mean.switches += static_cast<double>(call.switches.size()) / kSeeds;
    EXPECT_LT(call.lost_for_good(), 0.001) << "seed " << seed;
  }
  return mean;
}

// The queue of 12 ms holds one packet that waits and one that is sent. A sender who knew the rate
// and sent packet by packet would lose none; one that sends three at once loses the third.
TEST(ShallowQueue, TheRateIsFoundAndLittleOverflows) {
  struct Case {
    std::chrono::milliseconds queue;
    double overflowed;
  };
  for (const auto& [queue, overflowed] : {Case{12ms, 0.04}, {20ms, 0.02}, {40ms, 0.01}}) {
    const auto mean = mean_of(queue, {});
    EXPECT_LT(mean.overflowed, overflowed) << queue.count() << " ms";
    EXPECT_GT(mean.use, 0.85) << queue.count() << " ms";
  }
}

// 700 kbit/s is the best that there is.
TEST(ShallowQueue, ALadderIsClimbedAsFarAsTheLinkCarries) {
  for (const auto queue : {12ms, 20ms, 40ms}) {
    const auto mean = mean_of(queue, {250'000, 700'000, 1'500'000});
    EXPECT_LT(mean.overflowed, 0.02) << queue.count() << " ms";
    EXPECT_GT(mean.use, 0.7) << queue.count() << " ms";
    EXPECT_LE(mean.switches, 2) << queue.count() << " ms";
  }
}

// Loss that does not come from sending too much is no reason to send less, with a shallow queue or
// without one.
TEST(ShallowQueue, LossOnTheAirIsToldFromOverflow) {
  struct Case {
    double loss;
    double use;
  };
  for (const auto& [loss, use] : {Case{0.05, 0.9}, {0.15, 0.9}, {0.3, 0.85}}) {
    double mean = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Simulation simulation(
          {.rate_bps = 2'500'000, .queue_max = 300ms, .delay = 20ms, .loss = loss}, seed);
      const auto& call = simulation.add({}, {.delay = 20ms});
      simulation.run_until(60s);
      mean += mean_received(call, 10s, 60s) / 2'500'000 / (1 - loss) / kSeeds;
    }
    EXPECT_GT(mean, use) << loss;
  }
}

}  // namespace
}  // namespace telltale::rtc::congestion
