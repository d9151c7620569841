#include "series/anomalies.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::series {
namespace {

std::vector<Point> every_second(const std::vector<double>& values) {
  std::vector<Point> out;
  out.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    out.push_back({static_cast<std::int64_t>(i) * 1'000, values[i]});
  return out;
}

std::vector<double> around(double middle, double spread, std::size_t count, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<double> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(middle + spread * (random.uniform() + random.uniform() + random.uniform() - 1.5));
  return out;
}

TEST(Anomalies, ASpikeAndADropAreFoundWithWhatWasExpected) {
  auto values = around(100, 20, 100, 1);
  values[50] = 400;
  values[70] = 1;
  const auto found = find_anomalies(every_second(values), {.threshold = 6});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].point.time_ms, 50'000);
  EXPECT_NEAR(found[0].expected, 100, 10);
  EXPECT_GT(found[0].score, 6);
  EXPECT_EQ(found[1].point.time_ms, 70'000);
  EXPECT_LT(found[1].score, -6);
}

TEST(Anomalies, NoiseAloneHasNone) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    EXPECT_TRUE(find_anomalies(every_second(around(100, 20, 200, seed)), {.threshold = 6}).empty())
        << seed;
}

TEST(Anomalies, WhatHardlyVariesIsNoneUntilItLeavesItsShare) {
  auto values = std::vector<double>(60, 100.0);
  values[40] = 101;  // MAD is 0: a share of the median stands in
  values[50] = 150;
  const auto found = find_anomalies(every_second(values), {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].point.time_ms, 50'000);
  auto nothing = std::vector<double>(60, 0.0);
  EXPECT_TRUE(find_anomalies(every_second(nothing), {}).empty());
  nothing[30] = 1;
  EXPECT_EQ(find_anomalies(every_second(nothing), {}).size(), 1U);
}

TEST(Anomalies, ALastingChangeIsToldUntilItIsHalfOfTheWindow) {
  auto values = around(100, 10, 60, 3);
  const auto later = around(300, 10, 60, 4);
  values.insert(values.end(), later.begin(), later.end());
  const auto found = find_anomalies(every_second(values), {.threshold = 6});
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front().point.time_ms, 60'000);
  EXPECT_GE(found.size(), 10U);
  EXPECT_LE(found.back().point.time_ms, 75'000);
}

TEST(Anomalies, TooFewTooOldAndNotFiniteTellNothing) {
  EXPECT_TRUE(find_anomalies(every_second({1, 1, 1, 1, 1, 1, 1, 1, 1, 900}), {}).empty());
  auto values = std::vector<double>(11, 1.0);
  values[10] = 900;
  EXPECT_EQ(find_anomalies(every_second(values), {}).size(), 1U);
  EXPECT_TRUE(find_anomalies(every_second(values), {.reach_ms = 5'000}).empty());
  values[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(find_anomalies(every_second(values), {}).empty());
  EXPECT_TRUE(find_anomalies({}, {}).empty());
}

}  // namespace
}  // namespace telltale::series
