#include "series/reliability.hpp"

#include <gtest/gtest.h>

namespace telltale::series {
namespace {

using namespace std::chrono_literals;

const base::WallTime kDay = base::from_unix_ms(20'000LL * 86'400'000);

double score(const ReliabilityDay& day) {
  return score_of(parts_of(day)).value_or(-1);
}

TEST(Reliability, EachPartHasItsPointsBetweenAllAndNothing) {
  const ReliabilityDay good{
      .checks = 1000, .passed = 1000, .calls = 10, .succeeded = 10, .check_ms = 20};
  EXPECT_DOUBLE_EQ(score(good), 100);
  auto day = good;
  day.passed = 900;  // 90 % is worth nothing
  EXPECT_NEAR(score(day), 60, 1e-9);
  day = good;
  day.succeeded = 0;
  EXPECT_NEAR(score(day), 70, 1e-9);
  day = good;
  day.check_ms = 500;  // the middle of 50 and 5,000 by their logarithms
  EXPECT_NEAR(score(day), 95, 1e-9);
  day = good;
  day.falls = 2.5;
  EXPECT_NEAR(score(day), 90, 1e-9);
}

TEST(Reliability, WhatADaySaysNothingAboutIsNotCounted) {
  EXPECT_DOUBLE_EQ(score({.calls = 4, .succeeded = 4}), 100);
  EXPECT_DOUBLE_EQ(score({.calls = 4, .succeeded = 0}), 0);
  EXPECT_EQ(score_of(parts_of({})), std::nullopt);
}

TEST(Reliability, DaysInOrderAndTheWorstServerFirst) {
  Reliability all;
  for (int i = 1; i >= 0; --i) {
    all.add(store::HealthSum{
        .server = "a", .begin = kDay + 24h * i, .checks = 10, .passed = 10, .mean_ms = 5});
    all.add(store::HealthSum{.server = "b",
                             .begin = kDay + 24h * i,
                             .checks = 10,
                             .passed = i == 0 ? 10 : 5,
                             .mean_ms = 5});
  }
  all.add(store::CallSum{.server = "b", .begin = kDay, .calls = 2, .succeeded = 2});
  all.add(store::FallSum{.server = "b", .begin = kDay + 24h, .falls = 5});
  const auto items = all.result(10);
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].at("server"), "b");
  EXPECT_EQ(items[1].at("score").to_number<double>(), 100);
  const auto& days = items[0].at("days").as_array();
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(std::string(days[0].at("day").as_string()), base::format_rfc3339(kDay).substr(0, 10));
  EXPECT_EQ(days[0].at("score").to_number<double>(), 100);
  EXPECT_NEAR(days[1].at("score").as_double(), 100 * 10.0 / 70, 1e-9) << "only its latency is good";
  EXPECT_EQ(days[1].at("parts").at(1).at("points"), base::Json()) << "no call that day";
  EXPECT_EQ(items[0].at("parts").at(3).at("value").to_number<double>(), 2.5) << "falls by day";
  EXPECT_EQ(all.result(1).size(), 1U);
}

}  // namespace
}  // namespace telltale::series
