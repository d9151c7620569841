// The machine against what it promises, by hand and over random lives against a naive model.
#include "alert/machine.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::alert {
namespace {

const Labels kA{{"server", "a"}};

struct Life {
  Machine machine;
  std::vector<std::pair<std::int64_t, Change>> told;
  void at(std::int64_t ms, bool active, double value = 1) {
    const std::vector<Observation> seen{{kA, active, value}};
    for (const auto& one : machine.step(seen, ms)) told.emplace_back(ms, one.change);
  }
};
using Changes = std::vector<std::pair<std::int64_t, Change>>;

TEST(Machine, FiresOnceItHasHeldLongEnough) {
  Life life{.machine = Machine({.for_ms = 10'000}), .told = {}};
  for (const std::int64_t ms : {0, 5'000, 9'999}) life.at(ms, true);
  EXPECT_TRUE(life.told.empty());
  EXPECT_EQ(life.machine.next_deadline(), 10'000);
  life.at(10'000, true);
  life.at(15'000, true);
  EXPECT_EQ(life.told, (Changes{{10'000, Change::fired}}));
  life.at(20'000, false);
  EXPECT_EQ(life.told.back(), (std::pair<std::int64_t, Change>(20'000, Change::resolved)));
  EXPECT_TRUE(life.machine.series().empty());
}

TEST(Machine, WhatHoldsForAMomentIsForgotten) {
  Life life{.machine = Machine({.for_ms = 10'000}), .told = {}};
  life.at(0, true);
  life.at(9'000, false);
  life.at(10'000, true);
  life.at(19'999, true);
  EXPECT_TRUE(life.told.empty());
}

TEST(Machine, WhatFlapsStaysOneAlert) {
  Life life{.machine = Machine({.keep_firing_ms = 30'000}), .told = {}};
  for (std::int64_t ms = 0; ms < 300'000; ms += 10'000) life.at(ms, ms % 20'000 == 0);
  EXPECT_EQ(life.told, (Changes{{0, Change::fired}}));
  life.at(309'999, false);
  EXPECT_EQ(life.told.size(), 1U);
  life.at(310'000, false);
  EXPECT_EQ(life.told.back(), (std::pair<std::int64_t, Change>(310'000, Change::resolved)));
}

TEST(Machine, ASeriesThatIsGoneDoesNotHold) {
  Machine machine({});
  const std::vector<Observation> seen{{kA, true, 1}};
  ASSERT_EQ(machine.step(seen, 0).size(), 1U);
  const auto over = machine.step({}, 1);
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over.front().change, Change::resolved);
}

TEST(Machine, WhatIsRestoredIsNotToldAgain) {
  Machine machine({.for_ms = 60'000, .keep_firing_ms = 5'000});
  machine.restore(kA, 3, 1'000, 100'000);
  const std::vector<Observation> seen{{kA, true, 3}};
  EXPECT_TRUE(machine.step(seen, 101'000).empty());
  EXPECT_TRUE(machine.step({}, 105'999).empty());
  const auto over = machine.step({}, 106'000);
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over.front().pending_ms, 1'000);
}

TEST(Machine, SeriesAreBounded) {
  Machine machine({});
  std::vector<Observation> seen;
  seen.reserve(600);
  for (int i = 0; i < 600; ++i) seen.push_back({{{"server", std::to_string(i)}}, true, 1});
  EXPECT_EQ(machine.step(seen, 0).size(), Machine::kSeriesMax);
  EXPECT_EQ(machine.left_out(), 100U);
}

// What a reader of the docs would write: when it began to hold, when it last held.
struct Naive {
  std::optional<std::int64_t> since;
  bool firing = false;
  std::int64_t last = 0;
  std::optional<Change> step(bool active, std::int64_t now, Machine::Settings settings) {
    if (active) {
      if (!since) since = now;
      last = now;
      if (firing || now - *since < settings.for_ms) return {};
      firing = true;
      return Change::fired;
    }
    if (!firing) {
      since.reset();
      return {};
    }
    if (now - last < settings.keep_firing_ms) return {};
    firing = false;
    since.reset();
    return Change::resolved;
  }
};

TEST(Machine, RandomLivesAreAsTheModelSays) {
  const auto seed = base::secure_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  for (int life = 0; life < 300; ++life) {
    const Machine::Settings settings{
        .for_ms = static_cast<std::int64_t>(random.below(4)) * 7'000,
        .keep_firing_ms = static_cast<std::int64_t>(random.below(4)) * 9'000};
    Machine machine(settings);
    std::array<Naive, 5> models;
    std::int64_t now = 0;
    for (int turn = 0; turn < 200; ++turn) {
      now += static_cast<std::int64_t>(random.below(8'000));
      std::vector<Observation> seen;
      std::map<std::string, Change> expected;
      for (std::size_t i = 0; i < models.size(); ++i) {
        const bool active = random.chance(0.5);
        const Labels labels{{"server", std::to_string(i)}};
        // One that is not observed does not hold.
        if (active || random.chance(0.5)) seen.push_back({labels, active, 1});
        if (const auto change = models.at(i).step(active, now, settings))
          expected.emplace(series::series_key("", labels), *change);
      }
      std::map<std::string, Change> got;
      for (const auto& one : machine.step(seen, now))
        got.emplace(series::series_key("", one.labels), one.change);
      ASSERT_EQ(got, expected) << "life " << life << ", turn " << turn;
      if (const auto next = machine.next_deadline()) {
        ASSERT_GT(*next, now);
      }
    }
  }
}

}  // namespace
}  // namespace telltale::alert
