// A series against a naive model: what was put in, in order, on disk and in memory.
#include "series/series.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::series {
namespace {

constexpr std::int64_t kStart = 1'800'000'000'000;

std::vector<Point> points_of(const Series& series) {
  std::vector<Point> out;
  for (const auto& piece : series.snapshot(0).pieces) {
    const auto points = decode_block(*piece.data);
    EXPECT_TRUE(points);
    out.insert(out.end(), points->begin(), points->end());
  }
  std::ranges::sort(out, {}, [](const Point& one) { return std::pair(one.time_ms, one.value); });
  return out;
}

std::map<std::int64_t, Rollup> windows_of(const Series& series, std::size_t level) {
  std::map<std::int64_t, Rollup> out;
  const auto now = series.snapshot(level);
  const auto add = [&](const Rollup& one) {
    out[floor_to(one.start_ms, kResolutionsMs[level])].merge(one);
  };
  for (const auto& piece : now.pieces) {
    const auto rollups = decode_rollups(*piece.data, true);
    EXPECT_TRUE(rollups);
    for (const auto& one : *rollups) add(one);
  }
  for (const auto& one : now.open) add(one);
  return out;
}

void expect_windows(const std::vector<Point>& points, const Series& series) {
  for (const std::size_t level : {1U, 2U, 3U}) {
    std::map<std::int64_t, std::vector<double>> naive;
    for (const auto& point : points)
      naive[floor_to(point.time_ms, kResolutionsMs[level])].push_back(point.value);
    const auto windows = windows_of(series, level);
    ASSERT_EQ(windows.size(), naive.size()) << level;
    for (const auto& [start, values] : naive) {
      const auto& one = windows.at(start);
      ASSERT_EQ(one.count, values.size());
      ASSERT_EQ(one.minimum, *std::ranges::min_element(values));
      ASSERT_EQ(one.maximum, *std::ranges::max_element(values));
      ASSERT_EQ(one.sketch.count(), values.size());
      double sum = 0;
      for (const auto value : values) sum += value;
      ASSERT_NEAR(one.sum, sum, 1e-9 * std::abs(sum) + 1e-9);
    }
  }
}

TEST(Series, AgreesWithANaiveModelWhateverTheOrder) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    base::Random random(seed);
    Series series;
    std::vector<Point> model;
    std::int64_t newest = kStart;
    for (int i = 0; i < 3'000; ++i) {
      Point point{newest, static_cast<double>(random.below(1'000))};
      if (random.chance(0.9))
        point.time_ms = newest + static_cast<std::int64_t>(random.below(9'000));
      if (random.chance(0.1))
        point.time_ms = newest - static_cast<std::int64_t>(random.below(900'000));
      const bool known = std::ranges::any_of(model, [&](const Point& one) {
        return one.time_ms == point.time_ms && one.value == point.value;
      });
      const auto want = i > 0 && point.time_ms < newest - kLateMs ? Taken::too_old
                        : known                                   ? Taken::duplicate
                                                                  : Taken::yes;
      ASSERT_EQ(series.append(point), want) << "seed " << seed << " point " << i;
      if (want == Taken::yes) model.push_back(point);
      if (want == Taken::yes) newest = i == 0 ? point.time_ms : std::max(newest, point.time_ms);
    }
    std::ranges::sort(model, {},
                      [](const Point& one) { return std::pair(one.time_ms, one.value); });
    const auto points = points_of(series);
    ASSERT_EQ(points.size(), model.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      ASSERT_EQ(points[i].time_ms, model[i].time_ms);
      ASSERT_EQ(points[i].value, model[i].value);
    }
    expect_windows(model, series);
  }
}

TEST(Series, AddsUpWhatACounterGrewByOverResets) {
  Series series;
  double total = 0;
  double before = 0;
  base::Random random(5);
  for (int i = 0; i < 5'000; ++i) {
    auto value = before + static_cast<double>(random.below(10));
    if (random.chance(0.001)) value = 2;
    if (i > 0) total += growth(before, value);
    before = value;
    ASSERT_EQ(series.append({kStart + i * 5'000L, value}), Taken::yes);
  }
  for (const std::size_t level : {1U, 2U, 3U}) {
    double sum = 0;
    for (const auto& [ignored, one] : windows_of(series, level)) sum += one.increase;
    EXPECT_DOUBLE_EQ(sum, total);
  }
}

TEST(Series, LeavesWhatIsNotFiniteOutOfRollups) {
  Series series;
  EXPECT_EQ(series.append({kStart, 1}), Taken::yes);
  EXPECT_EQ(series.append({kStart + 1, std::numeric_limits<double>::quiet_NaN()}), Taken::yes);
  EXPECT_EQ(series.append({kStart + 2, std::numeric_limits<double>::infinity()}), Taken::yes);
  EXPECT_EQ(series.append({kStart + 3, 5}), Taken::yes);
  EXPECT_EQ(series.snapshot(0).pieces.front().count, 4U);
  const auto one = windows_of(series, 1).begin()->second;
  EXPECT_EQ(one.count, 2U);
  EXPECT_EQ(one.increase, 4);
}

TEST(Series, RefusesMoreThanAThousandValuesOfOneMoment) {
  Series series;
  for (std::size_t i = 0; i < kPointsOfOneMoment; ++i)
    ASSERT_EQ(series.append({kStart, static_cast<double>(i)}), Taken::yes);
  EXPECT_EQ(series.append({kStart, 7}), Taken::duplicate);
  EXPECT_EQ(series.append({kStart, -7}), Taken::too_many);
  EXPECT_EQ(series.append({kStart + 1, -7}), Taken::yes);
}

TEST(Series, ForgetsWhatIsWrittenAndOldAndKeepsWhatIsNot) {
  Series series;
  for (int i = 0; i < 2'000; ++i) series.append({kStart + i * 5'000L, static_cast<double>(i)});
  std::vector<Piece> pieces;
  series.collect(true, pieces);
  EXPECT_GT(series.closed(), 0U);
  for (const auto& piece : pieces) series.written(piece);
  EXPECT_EQ(series.closed(), 0U);
  const auto before = series.snapshot(0).pieces.size();
  EXPECT_LE(before, 2U) << "only the last ten minutes and what grows";
  pieces.clear();
  series.collect(true, pieces);
  EXPECT_TRUE(pieces.empty()) << "nothing has changed";
  series.append({kStart + 2'000 * 5'000L, 1});
  series.collect(false, pieces);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_FALSE(pieces.front().closed);
}

}  // namespace
}  // namespace telltale::series
