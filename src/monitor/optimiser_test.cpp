// The optimiser, look by look: each key of the configuration changes what it decides; nothing
// swings; what is ill is healed, not too often.
#include "monitor/optimiser.hpp"

#include <gtest/gtest.h>

namespace telltale::monitor {
namespace {

using namespace std::chrono_literals;

Scores scores_of(int health) {
  Scores out;
  out.health = health;
  out.parts[static_cast<std::size_t>(Part::loss)].points = 100 - health;
  return out;
}

struct Looks {
  explicit Looks(OptimizationConfig with = {}) : config(std::move(with)), optimiser(config) {}
  // Looks every two seconds with these scores; what was decided, with the time of each.
  std::vector<std::pair<base::Duration, Decided>> look(int health, base::Duration span,
                                                       Look as = {}) {
    std::vector<std::pair<base::Duration, Decided>> out;
    const auto scores = scores_of(health);
    for (const auto until = now + span; now < until; now += 2s) {
      as.now = base::SteadyTime(now);
      as.scores = with_scores ? &scores : nullptr;
      if (follow && as.reading) as.reading = reading;
      for (auto& one : optimiser.look(as)) {
        if (one.what == Decision::buffer)
          reading = Range<double>{.low = one.value, .high = one.threshold};
        out.emplace_back(now, std::move(one));
      }
    }
    return out;
  }
  std::size_t count(Decision what, int health, base::Duration span, Look as = {}) {
    std::size_t out = 0;
    for (const auto& [at, one] : look(health, span, as)) out += one.what == what ? 1 : 0;
    return out;
  }
  OptimizationConfig config;
  Optimiser optimiser;
  base::Duration now = 1h;
  bool with_scores = true;
  bool follow = true;
  Range<double> reading{.low = 30, .high = 0.5};
};

TEST(Optimiser, goes_down_under_one_threshold_and_up_over_the_other) {
  Looks run;
  EXPECT_EQ(run.look(60, 60s, {.limited = true}).size(), 0U) << "between the two nothing happens";
  const auto down = run.look(40, 6s);
  ASSERT_EQ(down.size(), 1U);
  EXPECT_EQ(down[0].second.what, Decision::quality_down);
  EXPECT_EQ(down[0].second.reason, "health");
  EXPECT_EQ(run.look(100, 10s, {.limited = true}).size(), 0U) << "not so soon";
  const auto up = run.look(100, 6s, {.limited = true});
  ASSERT_EQ(up.size(), 1U);
  EXPECT_EQ(up[0].second.what, Decision::quality_up);
}

TEST(Optimiser, does_not_swing) {
  Looks run;
  // Well and unwell by turns, each for longer than its patience: each step up that does not hold
  // makes the next one wait twice as long.
  std::size_t ups = 0;
  for (int i = 0; i < 12; ++i) {
    run.look(30, 12s, {.limited = true});
    ups += run.count(Decision::quality_up, 100, 26s, {.limited = true});
  }
  EXPECT_GE(ups, 1U);
  EXPECT_LE(ups, 3U);
  // One bad look between good ones is nothing.
  Looks other;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(other.look(30, 2s).size(), 0U);
    other.look(100, 4s);
  }
}

TEST(Optimiser, thresholds_are_the_configured_ones) {
  OptimizationConfig config;
  config.downgrade_below = 30;
  EXPECT_EQ(Looks(config).count(Decision::quality_down, 40, 30s), 0U);
  EXPECT_GT(Looks().count(Decision::quality_down, 40, 30s), 0U);
  config = {};
  config.upgrade_above = 95;
  const Look limited{.limited = true};
  EXPECT_EQ(Looks(config).count(Decision::quality_up, 90, 30s, limited), 0U);
  EXPECT_GT(Looks().count(Decision::quality_up, 90, 30s, limited), 0U);
}

TEST(Optimiser, sensitivities_weigh) {
  OptimizationConfig config;
  config.network_sensitivity = 0.2;
  EXPECT_EQ(Looks(config).count(Decision::quality_down, 10, 30s), 0U)
      << "the network may take 20 points";
  EXPECT_GT(Looks().count(Decision::quality_down, 10, 30s), 0U);

  const Look busy{.resources = {.cpu = 1}};
  EXPECT_EQ(Looks().count(Decision::quality_down, 100, 30s, busy), 0U) << "50 points, not more";
  config = {};
  config.cpu_sensitivity = 0.8;
  Looks cpu(config);
  const auto down = cpu.look(100, 6s, busy);
  ASSERT_EQ(down.size(), 1U);
  EXPECT_EQ(down[0].second.reason, "cpu");

  const Look full{.resources = {.memory = 1}};
  EXPECT_EQ(Looks().count(Decision::quality_down, 100, 30s, full), 0U);
  config = {};
  config.memory_sensitivity = 0.9;
  Looks memory(config);
  const auto less = memory.look(100, 6s, full);
  ASSERT_EQ(less.size(), 1U);
  EXPECT_EQ(less[0].second.reason, "memory");
}

TEST(Optimiser, what_is_switched_off_is_off) {
  OptimizationConfig config;
  config.auto_quality = false;
  const Look bad{.stands_still = true};
  Looks no_quality(config);
  EXPECT_EQ(no_quality.count(Decision::quality_down, 10, 30s, bad), 0U);
  EXPECT_GT(no_quality.count(Decision::key_frame, 10, 30s, bad), 0U) << "the rest goes on";
  config = {};
  config.enabled = false;
  EXPECT_EQ(Looks(config).look(10, 30s, bad).size(), 0U);
  EXPECT_EQ(Looks().count(Decision::quality_down, 10, 30s, {.automatic = false}), 0U)
      << "who chose is not overruled";
  EXPECT_EQ(Looks().count(Decision::quality_down, 10, 30s, {.can_go_down = false}), 0U);
}

TEST(Optimiser, without_scores_only_the_machine_counts) {
  Looks run;
  run.with_scores = false;
  EXPECT_EQ(run.count(Decision::quality_down, 0, 30s), 0U);
}

Look reads(double underruns = 0) {
  return {.underruns = underruns, .reading = Range<double>{}};
}

TEST(Optimiser, a_buffer_that_runs_empty_grows_within_its_range) {
  Looks run;
  EXPECT_EQ(run.count(Decision::buffer, 60, 4s, reads(1)), 0U) << "two underruns are not three";
  auto grown = run.look(60, 2s, reads(1));
  ASSERT_EQ(grown.size(), 1U);
  EXPECT_EQ(grown[0].second.reason, "underruns");
  EXPECT_NEAR(run.reading.low, 45, 0.01);
  EXPECT_NEAR(run.reading.high, 0.6, 0.001);
  run.look(60, 60s, reads(3));
  EXPECT_EQ(run.reading.low, 60) << "the end of its range";
  EXPECT_NEAR(run.reading.high, 0.8, 0.001);

  OptimizationConfig config;
  config.underruns = 1;
  Looks sooner(config);
  EXPECT_EQ(sooner.count(Decision::buffer, 60, 2s, reads(1)), 1U) << "buffer_underrun_threshold";
  config = {};
  config.buffer_size = {.low = 10, .high = 35};
  config.prefetch_threshold = {.low = 0.2, .high = 0.55};
  Looks narrow(config);
  narrow.look(60, 60s, reads(3));
  EXPECT_EQ(narrow.reading.low, 35) << "buffer_size_range";
  EXPECT_NEAR(narrow.reading.high, 0.55, 0.001) << "prefetch_threshold_range";
}

TEST(Optimiser, a_buffer_outside_of_its_range_is_brought_in) {
  Looks run;
  run.reading = {.low = 5, .high = 0.95};
  run.look(60, 2s, reads());
  EXPECT_EQ(run.reading.low, 15);
  EXPECT_NEAR(run.reading.high, 0.8, 0.001);
}

TEST(Optimiser, strategies_differ) {
  const auto rests_at = [](const Strategy& strategy) {
    OptimizationConfig config;
    config.strategy = strategy;
    Looks run(config);
    run.look(100, 5min, reads());
    return run.reading;
  };
  EXPECT_EQ(rests_at(low_latency_strategy()).low, 15);
  EXPECT_NEAR(rests_at(balanced_strategy()).low, 28.5, 0.01);
  EXPECT_EQ(rests_at(smooth_strategy()).low, 60);
  EXPECT_NEAR(rests_at(smooth_strategy()).high, 0.8, 0.001);
  EXPECT_NEAR(rests_at(balanced_strategy()).high, 0.5, 0.001);
  // The same path: much delay, no loss.
  Scores late;
  late.parts[static_cast<std::size_t>(Part::round_trip)].points = 15;
  late.parts[static_cast<std::size_t>(Part::jitter)].points = 11;
  EXPECT_LT(low_latency_strategy().judge(late), 50);
  EXPECT_GT(balanced_strategy().judge(late), 70);
  EXPECT_GT(smooth_strategy().judge(late), 85);
  const auto first_step = [](const Strategy& strategy) {
    OptimizationConfig config;
    config.strategy = strategy;
    Looks run(config);
    const auto began = run.now;
    return run.look(20, 60s).front().first - began;
  };
  EXPECT_LT(first_step(low_latency_strategy()), first_step(smooth_strategy()));
}

TEST(Optimiser, another_judge_decides) {
  struct Grim final : Judge {
    double judge(const Scores&) const override { return 0; }
  } grim;
  const OptimizationConfig config;
  Optimiser optimiser(config, &grim);
  const auto scores = scores_of(100);
  std::size_t downs = 0;
  for (int i = 0; i < 5; ++i)
    downs += optimiser.look({.now = base::SteadyTime(1h + i * 2s), .scores = &scores}).size();
  EXPECT_EQ(downs, 1U);
}

TEST(Optimiser, asks_for_a_key_frame_when_the_picture_stands_still) {
  Looks run;
  EXPECT_EQ(run.count(Decision::key_frame, 70, 30s), 0U);
  const auto asked = run.count(Decision::key_frame, 70, 30s, {.stands_still = true});
  EXPECT_EQ(asked, 5U) << "every 5 s at most; a look is every 2 s";
}

TEST(Optimiser, offers_an_ice_restart_when_nothing_is_heard_or_most_is_lost) {
  Looks run;
  const Look silent{.state = rtc::ConnectionState::disconnected};
  EXPECT_EQ(run.count(Decision::ice_restart, 0, 4s, silent), 1U);
  EXPECT_EQ(run.count(Decision::ice_restart, 0, 5min, silent), 2U) << "three offers, then no more";
  run.look(100, 4s);
  EXPECT_EQ(run.count(Decision::ice_restart, 0, 20s, silent), 2U) << "it was well in between";

  Looks lossy;
  EXPECT_EQ(lossy.count(Decision::ice_restart, 0, 20s, {.loss_percent = 50}), 0U)
      << "there still is a lower quality";
  EXPECT_EQ(lossy.count(Decision::ice_restart, 0, 10s, {.can_go_down = false, .loss_percent = 50}),
            1U);
}

}  // namespace
}  // namespace telltale::monitor
