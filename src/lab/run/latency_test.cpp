#include "lab/run/latency.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace telltale::lab::run {
namespace {

using std::chrono::microseconds;

TEST(LatencyHistogram, KeepsThreeDigits) {
  for (const std::int64_t us :
       {1L, 999L, 2'047L, 2'048L, 4'097L, 99'999L, 1'234'567L, 3'600'000'000L}) {
    LatencyHistogram histogram;
    histogram.record(microseconds(us));
    histogram.record(std::chrono::hours(2));  // so that the largest does not stand in for it
    const auto seen = histogram.quantile_ms(0.5) * 1000;
    EXPECT_GE(seen, static_cast<double>(us));
    EXPECT_LE(seen, static_cast<double>(us) * 1.001) << us;
  }
}

TEST(LatencyHistogram, Quantiles) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 100'000; ++i) histogram.record(microseconds(i));
  const auto all = histogram.summary();
  EXPECT_EQ(all.count, 100'000U);
  EXPECT_NEAR(all.p50, 50, 0.05);
  EXPECT_NEAR(all.p99, 99, 0.1);
  EXPECT_NEAR(all.p999, 99.9, 0.1);
  EXPECT_DOUBLE_EQ(all.max, 100);
  EXPECT_DOUBLE_EQ(all.min, 0.001);
  EXPECT_NEAR(all.mean, 50, 0.01);
}

TEST(LatencyHistogram, ItsDistributionCountsExactly) {
  LatencyHistogram histogram;
  EXPECT_TRUE(histogram.distribution().is_null());
  std::vector<std::uint64_t> values;
  for (std::uint64_t us = 1; us < 300'000; us += 1 + us / 7) values.push_back(us);
  for (const auto us : values) histogram.record(microseconds(static_cast<std::int64_t>(us)));
  const auto told = histogram.distribution();
  const auto& bounds = told.at("bounds_ms").as_array();
  const auto& counts = told.at("counts").as_array();
  ASSERT_EQ(bounds.size(), counts.size() + 1);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto low = i == 0 ? 0 : bounds[i].as_double() * 1000;
    const auto high = bounds[i + 1].as_double() * 1000;
    EXPECT_EQ(counts[i].to_number<std::int64_t>(),
              std::ranges::count_if(values,
                                    [&](std::uint64_t us) {
                                      return static_cast<double>(us) >= low &&
                                             static_cast<double>(us) < high;
                                    }))
        << low << " to " << high << " µs";
  }
}

TEST(LatencyHistogram, WhatIsOutOfRangeIsKeptAtTheEnd) {
  LatencyHistogram histogram;
  histogram.record(microseconds(-5));
  histogram.record(std::chrono::hours(1'000));
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_DOUBLE_EQ(histogram.summary().min, 0);
  EXPECT_DOUBLE_EQ(histogram.summary().max, 3.6e9);
}

}  // namespace
}  // namespace telltale::lab::run
