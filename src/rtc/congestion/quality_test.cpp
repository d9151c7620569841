// What a viewer gets: the cases of issue 4 and of RFC 8867, over many seeds in virtual time.
#include <gtest/gtest.h>

#include "rtc/congestion/simulated_call.hpp"

namespace telltale::rtc::congestion {
namespace {

constexpr std::uint64_t kSeeds = 20;
const std::vector<std::int64_t> kLadder{150'000, 300'000, 600'000, 1'200'000, 2'000'000};
const std::vector<std::int64_t> kShipped{500'000, 1'000'000, 2'500'000};
const LinkSettings kBack{.delay = 20ms};

std::size_t switches_between(const SimulatedCall& call, base::SteadyTime start, base::Duration from,
                             base::Duration to) {
  return static_cast<std::size_t>(std::ranges::count_if(call.switches, [&](const RungSwitch& one) {
    return one.at - start > from && one.at - start <= to;
  }));
}

TEST(CongestionQuality, SettlesOnALossyLinkOf800Kbits) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 800'000, .queue_max = 300ms, .delay = 20ms, .loss = 0.02},
                          seed);
    const auto& call = simulation.add({.rungs = kLadder}, kBack);
    simulation.run_until(70s);
    EXPECT_EQ(call.samples.at(99).rung, 2U) << "600 kbit/s after 10 s, seed " << seed;
    EXPECT_LE(switches_between(call, simulation.start, 10s, 70s), 1U) << "seed " << seed;
    EXPECT_LT(call.lost_for_good(), 0.002) << "seed " << seed;
  }
}

TEST(CongestionQuality, FollowsTheCapacityDownAndUp) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 2'500'000, .queue_max = 300ms, .delay = 20ms}, seed,
                          {{40s, 600'000}, {70s, 2'500'000}});
    const auto& call = simulation.add({.rungs = kLadder}, kBack);
    simulation.run_until(85s);
    EXPECT_GE(call.samples.at(398).rung, 3U) << "before the drop, seed " << seed;
    EXPECT_LE(call.samples.at(419).rung, 1U) << "2 s after the drop, seed " << seed;
    EXPECT_LT(longest_queue(call, 42s, 70s), 300ms) << "seed " << seed;
    EXPECT_GE(call.samples.at(849).rung, 3U) << "15 s after the rise, seed " << seed;
  }
}

// The link of issue 4, deep enough to show how soon a drop is noticed. What comes back is climbed
// at once, and the key frame that the climb brings is not taken for a full link.
TEST(CongestionQuality, ADropLeavesAShortQueueAndAClimbLasts) {
  std::size_t fell_again = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 2'500'000, .queue_max = 1s, .delay = 20ms}, seed,
                          {{25s, 600'000}, {45s, 2'500'000}});
    const auto& call =
        simulation.add({.rungs = {250'000, 700'000, 1'500'000}, .audio = false}, kBack);
    simulation.run_until(65s);
    EXPECT_LT(longest_queue(call, 25s, 45s), 340ms) << "seed " << seed;
    EXPECT_EQ(call.samples.at(269).rung, 0U) << "2 s after the drop, seed " << seed;
    EXPECT_TRUE(std::ranges::any_of(std::span(call.samples).subspan(450, 150),
                                    [](const Sample& at) { return at.rung == 2; }))
        << "15 s after the rise, seed " << seed;
    fell_again +=
        static_cast<std::size_t>(std::ranges::count_if(call.switches, [&](const RungSwitch& one) {
          return one.at - simulation.start > 45s && one.to < one.from;
        }));
  }
  EXPECT_LE(fell_again, 2U) << "with most seeds when the overuse of a key frame counted";
}

// With a buffer of seconds the queue that a drop leaves must still be gone soon.
TEST(CongestionQuality, DoesNotKeepADeepBufferFull) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 2'500'000, .queue_max = 5s, .delay = 20ms}, seed,
                          {{30s, 600'000}});
    const auto& call = simulation.add({.rungs = kLadder}, kBack);
    simulation.run_until(60s);
    EXPECT_LT(longest_queue(call, 30s, 60s), 1500ms) << "seed " << seed;
    EXPECT_LT(longest_queue(call, 33s, 60s), 300ms) << "seed " << seed;
  }
}

// Jitter is not a queue: a link that carries the highest rung twice over gets it, and keeps it.
TEST(CongestionQuality, JitterDoesNotHoldAFastLinkDown) {
  struct Case {
    std::chrono::milliseconds jitter;
    double share;  // of the time, on the highest rung
  };
  for (const auto& [jitter, share] : {Case{15ms, 0.9}, Case{40ms, 0.35}}) {
    std::size_t at_the_top = 0;
    std::size_t all = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Simulation simulation({.rate_bps = 6'000'000,
                             .queue_max = 600ms,
                             .delay = 30ms,
                             .jitter = jitter,
                             .loss = 0.003},
                            seed);
      const auto& call = simulation.add({.rungs = kShipped}, {.delay = 30ms, .jitter = 10ms});
      simulation.run_until(60s);
      for (const auto& sample : call.samples) at_the_top += sample.rung == 2 ? 1 : 0;
      all += call.samples.size();
    }
    EXPECT_GT(static_cast<double>(at_the_top), share * static_cast<double>(all))
        << jitter.count() << " ms";
  }
}

// What choosing for oneself costs where a fixed quality would have begun at the top: the first
// second, and a little more where jitter blurs what probes see.
TEST(CongestionQuality, IsSoonAtTheTopWhereTheLinkCarriesIt) {
  struct Case {
    LinkSettings link;
    double share;  // of what is sent at the top from the first moment on
  };
  const double top = 2'500'000 + 50'000;  // with the sound
  for (const auto& [link, share] : {Case{{}, 0.99},
                                    Case{{.rate_bps = 20'000'000,
                                          .queue_max = 200ms,
                                          .delay = 5ms,
                                          .jitter = 8ms,
                                          .loss = 0.002},
                                         0.985},
                                    Case{{.rate_bps = 6'000'000,
                                          .queue_max = 600ms,
                                          .delay = 30ms,
                                          .jitter = 15ms,
                                          .loss = 0.003},
                                         0.97}}) {
    double mean = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Simulation simulation(link, seed);
      const auto& call =
          simulation.add({.rungs = kShipped}, {.delay = link.delay, .jitter = link.jitter});
      simulation.run_until(40s);
      mean += mean_received(call, 0s, 40s) / static_cast<double>(kSeeds);
      EXPECT_LE(call.switches.size(), 2U) << "seed " << seed;
    }
    EXPECT_GT(mean, share * top) << link.rate_bps;
  }
}

// Peers that send a REMB and nothing else (aiortc), with the rungs that are shipped.

TEST(CongestionQuality, AReceiverWithRembOnlyClimbsWhereThePathIsFree) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 20'000'000, .queue_max = 300ms, .delay = 20ms}, seed);
    const auto& call = simulation.add(
        {.rungs = kShipped, .controller = {.rates = {.start_bps = 600'000}}, .remb = true}, kBack);
    simulation.run_until(60s);
    EXPECT_EQ(call.samples.at(599).rung, 2U) << "seed " << seed;
    EXPECT_LE(call.switches.size(), 2U) << "seed " << seed;
  }
}

TEST(CongestionQuality, AReceiverWithRembOnlyGoesBackWhereItDoesNotHoldAndTriesEverLater) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 1'600'000, .queue_max = 300ms, .delay = 20ms}, seed);
    const auto& call = simulation.add({.rungs = kShipped, .remb = true}, kBack);
    simulation.run_until(240s);
    std::vector<base::SteadyTime> tried;
    std::size_t high = 0;
    for (const auto& one : call.switches)
      if (one.to == 2) tried.push_back(one.at);
    for (const auto& one : call.samples) high += one.rung == 2 ? 1 : 0;
    EXPECT_GE(tried.size(), 2U) << "seed " << seed;
    EXPECT_LE(tried.size(), 6U) << "seed " << seed;
    for (std::size_t i = 1; i < tried.size(); ++i)
      EXPECT_GE(tried[i] - tried[i - 1], 8s * (1 << i)) << "seed " << seed;
    EXPECT_LT(static_cast<double>(high) / static_cast<double>(call.samples.size()), 0.1)
        << "seed " << seed;
    EXPECT_LT(call.lost_for_good(), 0.01) << "seed " << seed;
  }
}

TEST(CongestionQuality, UsesTheLink) {
  for (const std::int64_t rate : {400'000, 1'000'000, 2'500'000})
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Simulation simulation({.rate_bps = rate, .queue_max = 300ms, .delay = 50ms}, seed);
      const auto& call = simulation.add({}, {.delay = 50ms});
      simulation.run_until(40s);
      EXPECT_GT(mean_received(call, 10s, 40s), 0.8 * static_cast<double>(rate))
          << rate << " seed " << seed;
      EXPECT_LT(longest_queue(call, 10s, 40s), 200ms) << rate << " seed " << seed;
    }
}

// Twice as much loss as usual, by chance, is put to the test by a probe, not by sending less:
// before, nine of forty seeds fell below half of the link.
TEST(CongestionQuality, RandomLossSeldomLeadsToATestThatCosts) {
  std::size_t fell = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Simulation simulation({.rate_bps = 2'500'000, .queue_max = 1s, .delay = 20ms, .loss = 0.05},
                          seed);
    const auto& call = simulation.add({.rungs = {250'000, 700'000, 1'500'000}}, kBack);
    simulation.run_until(80s);
    fell += std::ranges::any_of(
        call.samples, [](const Sample& one) { return one.at > 20s && one.target_bps < 1'250'000; });
  }
  EXPECT_LE(fell, 4U);
}

TEST(CongestionQuality, RandomLossDoesNotCollapseIt) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    for (const auto& [loss, part] : {std::pair(0.05, 0.8), {0.15, 0.25}, {0.3, 0.1}}) {
      Simulation simulation(
          {.rate_bps = 2'500'000, .queue_max = 300ms, .delay = 20ms, .loss = loss}, seed);
      const auto& call = simulation.add({}, kBack);
      simulation.run_until(40s);
      EXPECT_GT(mean_received(call, 10s, 40s), part * 2'500'000 * (1 - loss))
          << loss << " seed " << seed;
    }
}

TEST(CongestionQuality, SurvivesATenthLostWithJitter) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 2'500'000, .delay = 20ms, .jitter = 30ms, .loss = 0.1},
                          seed);
    const auto& call = simulation.add({.rungs = kLadder}, kBack);
    simulation.run_until(60s);
    EXPECT_LT(static_cast<double>(call.skipped), 0.2 * static_cast<double>(call.frames));
    EXPECT_GT(mean_received(call, 10s, 60s), 280'000) << "seed " << seed;
    EXPECT_LT(call.lost_for_good(), 0.01) << "seed " << seed;
  }
}

TEST(CongestionQuality, BurstsReorderingAndDuplicatesAreBorne) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 1'500'000,
                           .delay = 30ms,
                           .burst_start = 0.002,
                           .burst_packets = 8,
                           .reorder = 0.02,
                           .duplicate = 0.02},
                          seed);
    const auto& call = simulation.add({.rungs = kLadder}, kBack);
    simulation.run_until(40s);
    EXPECT_GT(mean_received(call, 10s, 40s), 280'000) << "seed " << seed;
  }
}

// 60:40 in the mean; single runs drift a little beyond it, because the two do not always see the
// same overuse.
TEST(CongestionQuality, TwoShareFairly) {
  double mean = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation({.rate_bps = 3'000'000, .queue_max = 300ms, .delay = 50ms}, seed);
    const auto& first = simulation.add({}, {.delay = 50ms});
    const auto& second = simulation.add({.starts = 10s}, {.delay = 50ms});
    simulation.run_until(120s);
    const double a = mean_received(first, 60s, 120s);
    const double b = mean_received(second, 60s, 120s);
    EXPECT_GT(a + b, 0.8 * 3'000'000) << "seed " << seed;
    EXPECT_LT(std::max(a, b) / (a + b), 0.64) << "seed " << seed;
    mean += std::max(a, b) / (a + b) / kSeeds;
  }
  EXPECT_LT(mean, 0.57);
  RecordProperty("mean_larger_share", std::to_string(mean));
}

// 700 kbit/s for both is the best there is, 82 % of the link. One's key frame is no slower link to
// the other, and probes do not meet the other's pictures at the same point each time.
TEST(CongestionQuality, TwoOnALadderBothGetTheMiddleRung) {
  struct Case {
    base::Duration second_starts;
    double use;
    double below;  // part of the time that either is on the lowest rung
  };
  for (const auto& [second_starts, use, below] : {Case{0s, 0.81, 0.03}, {3'700ms, 0.78, 0.1}}) {
    double used = 0;
    std::size_t low = 0;
    std::size_t all = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Simulation simulation({.rate_bps = 1'700'000, .queue_max = 1s, .delay = 20ms}, seed);
      for (const auto starts : {base::Duration(0s), second_starts})
        simulation.add({.rungs = {250'000, 700'000, 1'500'000}, .starts = starts, .audio = false},
                       kBack);
      simulation.run_until(80s);
      const double a = mean_received(*simulation.calls[0], 20s, 80s);
      const double b = mean_received(*simulation.calls[1], 20s, 80s);
      EXPECT_LT(std::max(a, b) / (a + b), 0.6) << "seed " << seed;
      used += (a + b) / 1'700'000 / kSeeds;
      for (const auto& call : simulation.calls)
        for (const auto& sample : std::span(call->samples).subspan(200)) {
          low += sample.rung == 0 ? 1 : 0;
          ++all;
        }
    }
    EXPECT_GT(used, use) << second_starts / 1ms;
    EXPECT_LT(static_cast<double>(low), below * static_cast<double>(all)) << second_starts / 1ms;
  }
}

TEST(CongestionQuality, AVanishedPeerIsNotPouredAt) {
  Simulation simulation({.rate_bps = 2'500'000, .delay = 20ms}, 1);
  const auto& call = simulation.add({}, kBack);
  simulation.run_until(20s);
  simulation.link.set_loss(1);
  const auto before = simulation.link.counts().offered;
  simulation.run_until(50s);
  EXPECT_LE(call.controller().estimate().target_bps, 60'000);
  EXPECT_LT(simulation.link.counts().offered - before, 4'000U);
}

TEST(CongestionQuality, TheSameSeedIsTheSameCall) {
  const auto run = [](std::uint64_t seed) {
    Simulation simulation({.rate_bps = 900'000, .delay = 20ms, .jitter = 10ms, .loss = 0.03}, seed);
    const auto& call = simulation.add({.rungs = kLadder}, kBack);
    simulation.run_until(20s);
    std::vector<std::int64_t> targets;
    targets.reserve(call.samples.size());
    for (const auto& sample : call.samples) targets.push_back(sample.target_bps);
    return targets;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

}  // namespace
}  // namespace telltale::rtc::congestion
