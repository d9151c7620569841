#include "fleet/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include "fleet/backoff.hpp"
#include "fleet/health_window.hpp"

namespace telltale::fleet {
namespace {

using namespace std::chrono_literals;

class CircuitBreakerTest : public testing::Test {
 protected:
  void fail(int times) {
    for (int i = 0; i < times; ++i) breaker.on_failure(now);
  }
  CircuitBreaker breaker{{}};
  base::SteadyTime now{1h};
};

TEST_F(CircuitBreakerTest, FiveFailuresInARowOpenIt) {
  fail(4);
  EXPECT_EQ(breaker.state(), CircuitState::closed);
  breaker.on_success();
  fail(4);
  EXPECT_EQ(breaker.state(), CircuitState::closed) << "a success in between starts the count anew";
  fail(1);
  EXPECT_EQ(breaker.state(), CircuitState::open);
  EXPECT_EQ(breaker.retry_at(), now + 60s);
  EXPECT_FALSE(breaker.allow(now + 59s));
}

TEST_F(CircuitBreakerTest, HalfOpenTakesThreeTrialsAndNoMore) {
  fail(5);
  now += 60s;
  EXPECT_TRUE(breaker.allow(now));
  EXPECT_EQ(breaker.state(), CircuitState::half_open);
  EXPECT_TRUE(breaker.allow(now));
  EXPECT_TRUE(breaker.allow(now));
  EXPECT_FALSE(breaker.allow(now));
  EXPECT_EQ(breaker.half_open_calls(), 3);
}

TEST_F(CircuitBreakerTest, ASuccessInHalfOpenClosesAndForgets) {
  fail(5);
  now += 60s;
  ASSERT_TRUE(breaker.allow(now));
  breaker.on_success();
  EXPECT_EQ(breaker.state(), CircuitState::closed);
  EXPECT_EQ(breaker.failure_count(), 0);
  EXPECT_EQ(breaker.failure_cycles(), 0);
}

TEST_F(CircuitBreakerTest, ThreeFailedCyclesExhaustIt) {
  fail(5);
  for (int cycle = 1; cycle <= 3; ++cycle) {
    EXPECT_FALSE(breaker.exhausted());
    now += 60s;
    ASSERT_TRUE(breaker.allow(now));
    breaker.on_failure(now);
    EXPECT_EQ(breaker.state(), CircuitState::open);
    EXPECT_EQ(breaker.failure_cycles(), cycle);
  }
  EXPECT_TRUE(breaker.exhausted());
  breaker.reset();
  EXPECT_FALSE(breaker.exhausted());
  EXPECT_EQ(breaker.state(), CircuitState::closed);
}

TEST_F(CircuitBreakerTest, ALateAnswerFromBeforeItOpenedProvesNothing) {
  fail(5);
  breaker.on_success();
  EXPECT_EQ(breaker.state(), CircuitState::open);
}

TEST(Backoff, GrowsStaysUnderItsCeilingAndStartsAtOnce) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Backoff backoff(seed);
    EXPECT_LE(backoff.next(), base::Duration(250ms)) << "seed " << seed;
    for (int i = 0; i < 30; ++i) {
      const auto delay = backoff.next();
      EXPECT_GE(delay, base::Duration(20ms));
      EXPECT_LE(delay, base::Duration(60s));
    }
    backoff.reset();
    EXPECT_LE(backoff.next(), base::Duration(250ms));
  }
}

TEST(HealthWindow, DegradesOverTheObjectiveAndRecoversWithSlack) {
  HealthWindow window(100, 0.2);
  for (int i = 0; i < 10; ++i) window.add({.ms = 50, .ok = true});
  EXPECT_FALSE(window.degraded());
  for (int i = 0; i < 10; ++i) window.add({.ms = 150, .ok = true});
  EXPECT_TRUE(window.degraded());
  EXPECT_NE(window.why_degraded().find("150 ms"), std::string::npos);
  for (int i = 0; i < 60; ++i) window.add({.ms = 90, .ok = true});
  EXPECT_TRUE(window.degraded()) << "90 ms is under the objective but not under 80 % of it";
  for (int i = 0; i < 60; ++i) window.add({.ms = 70, .ok = true});
  EXPECT_FALSE(window.degraded());
}

TEST(HealthWindow, CountsFailuresInARow) {
  HealthWindow window(100, 0.2);
  window.add({.ms = 1, .ok = true});
  window.add({.ok = false});
  window.add({.ok = false});
  EXPECT_EQ(window.failed_in_a_row(), 2);
  EXPECT_EQ(window.quantile(0.5), 1);
}

}  // namespace
}  // namespace telltale::fleet
