// The optimiser's limit on the ladder: down at once, not above it however much room there is, up
// again with its reason when it is lifted, and no word against who chose.
#include <gtest/gtest.h>

#include "rtc/congestion/rung_policy.hpp"

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::int64_t, 3> kRungs{500'000, 1'000'000, 2'500'000};

struct Ladder {
  // Looks each tenth of a second with room for everything; the last switch.
  std::optional<RungSwitch> roomy(base::Duration span) {
    std::optional<RungSwitch> out;
    for (const auto until = now + span; now < until; now += 100ms)
      if (const auto change = policy.update({.target_bps = 9'000'000}, base::SteadyTime(now)))
        out = change;
    return out;
  }
  base::SteadyTime at() const { return base::SteadyTime(now); }
  base::Duration now = 1h;
  RungPolicy policy{kRungs, 9'000'000};
};

TEST(RungLimit, lowers_at_once_and_holds) {
  Ladder ladder;
  ASSERT_EQ(ladder.policy.current(), 2U);
  const auto down = ladder.policy.limit(1, SwitchReason::cpu, ladder.at());
  ASSERT_TRUE(down);
  EXPECT_EQ(down->to, 1U);
  EXPECT_EQ(down->reason, SwitchReason::cpu);
  EXPECT_FALSE(ladder.roomy(120s)) << "there is room, but there is a limit";
  EXPECT_EQ(ladder.policy.current(), 1U);
  EXPECT_LT(ladder.policy.probe_goal_bps(), 1'500'000) << "nor is room looked for in vain";
  EXPECT_FALSE(ladder.policy.limit(1, SwitchReason::cpu, ladder.at())) << "nothing new";
}

TEST(RungLimit, lifted_it_goes_up_for_that_reason_once) {
  Ladder ladder;
  (void)ladder.policy.limit(0, SwitchReason::health, ladder.at());
  EXPECT_FALSE(ladder.policy.limit(std::nullopt, SwitchReason::health, ladder.at()));
  const auto up = ladder.roomy(30s);
  ASSERT_TRUE(up);
  EXPECT_EQ(up->to, 2U);
  EXPECT_EQ(up->reason, SwitchReason::health);
  // Later switches are the path's own again.
  for (int i = 0; i < 20; ++i, ladder.now += 100ms)
    (void)ladder.policy.update({.target_bps = 600'000}, ladder.at());
  const auto again = ladder.roomy(120s);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->reason, SwitchReason::room);
}

TEST(RungLimit, who_chose_is_not_limited_until_the_choice_is_left_to_us) {
  Ladder ladder;
  (void)ladder.policy.pin(2, ladder.at());
  EXPECT_FALSE(ladder.policy.limit(0, SwitchReason::health, ladder.at()));
  EXPECT_EQ(ladder.policy.current(), 2U);
  const auto down = ladder.policy.pin(std::nullopt, ladder.at());
  ASSERT_TRUE(down);
  EXPECT_EQ(down->to, 0U);
}

}  // namespace
}  // namespace telltale::rtc::congestion
