#include "series/block.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::series {
namespace {

using Limits = std::numeric_limits<double>;

bool same(const std::vector<Point>& a, const std::vector<Point>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].time_ms != b[i].time_ms ||
        std::bit_cast<std::uint64_t>(a[i].value) != std::bit_cast<std::uint64_t>(b[i].value))
      return false;
  return true;
}

// Through both forms; every prefix of the growing block is a block too.
void expect_round_trip(const std::vector<Point>& points) {
  BlockWriter writer;
  for (std::size_t i = 0; i < points.size(); ++i) {
    writer.append(points[i]);
    if (i % 37 != 0 && i + 1 != points.size()) continue;
    const auto back = decode_block(writer.bytes());
    ASSERT_TRUE(back) << back.error().detail;
    ASSERT_TRUE(same(*back, {points.begin(), points.begin() + static_cast<std::ptrdiff_t>(i) + 1}));
  }
  const auto packed = decode_block(pack_block(points));
  ASSERT_TRUE(packed);
  EXPECT_TRUE(same(*packed, points));
}

TEST(Block, KeepsEveryBitOfOddValues) {
  const double odd[] = {0.0,
                        -0.0,
                        1.0,
                        -1.0,
                        Limits::quiet_NaN(),
                        std::bit_cast<double>(0xFFF8'0000'DEAD'BEEFULL),
                        std::bit_cast<double>(0x7FF0'0000'0000'0001ULL),  // a signalling NaN
                        Limits::infinity(),
                        -Limits::infinity(),
                        Limits::max(),
                        Limits::lowest(),
                        Limits::min(),
                        Limits::denorm_min(),
                        std::bit_cast<double>(~0ULL),
                        std::bit_cast<double>(1ULL << 63U)};
  std::vector<Point> points;
  std::int64_t time = 0;
  for (const auto a : odd)
    for (const auto b : odd) {
      points.push_back({time += 10, a});
      points.push_back({time += 10, b});
    }
  expect_round_trip(points);
  for (const auto a : odd) expect_round_trip({{5, a}});
}

TEST(Block, KeepsEverySingleBitChange) {
  std::vector<Point> points;
  for (unsigned from = 0; from < 64; ++from)
    for (unsigned to = from; to < 64; ++to) {
      const auto high = (~0ULL >> from) & (~0ULL << (63 - to));
      points.push_back({static_cast<std::int64_t>(points.size()), std::bit_cast<double>(high)});
      points.push_back({static_cast<std::int64_t>(points.size()), std::bit_cast<double>(0ULL)});
    }
  expect_round_trip(points);
}

TEST(Block, KeepsClockJumps) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  expect_round_trip({{0, 1},
                     {5'000, 2},
                     {10'001, 3},
                     {9'000, 4},
                     {kMost, 5},
                     {kLeast, 6},
                     {kMost, 7},
                     {0, 8},
                     {-1, 9},
                     {1'800'000'000'000, 10},
                     {1'800'000'000'000, 11}});
}

TEST(Block, KeepsNothingAndOnePoint) {
  EXPECT_EQ(decode_block(pack_block({})).value().size(), 0U);
  expect_round_trip({{1, 5}});
}

TEST(Block, KeepsWhatNeverChangesOrChangesEvenly) {
  for (const double step : {0.0, 1.0, 0.25, -3.0}) {
    std::vector<Point> points;
    points.reserve(kBlockPointsMax);
    for (std::size_t i = 0; i < kBlockPointsMax; ++i)
      points.push_back({static_cast<std::int64_t>(i) * 1'000, static_cast<double>(i) * step});
    expect_round_trip(points);
  }
}

TEST(Block, KeepsWhatIsRandom) {
  base::Random random(20'261'122);
  for (int round = 0; round < 300; ++round) {
    std::vector<Point> points;
    std::int64_t time = static_cast<std::int64_t>(random.next() >> 20U);
    double value = 0;
    const auto size = random.below(kBlockPointsMax) + 1;
    const auto kind = random.below(5);
    for (std::uint64_t i = 0; i < size; ++i) {
      time += random.chance(0.05) ? static_cast<std::int64_t>(random.next() >> random.below(64))
                                  : 5'000 + static_cast<std::int64_t>(random.below(5));
      if (kind == 0) value = std::bit_cast<double>(random.next());
      if (kind == 1) value += static_cast<double>(random.below(100));
      if (kind == 2) value = static_cast<double>(random.below(1000)) / 10;
      if (kind == 3) value = random.uniform();
      if (kind == 4 && random.chance(0.1)) value = std::bit_cast<double>(1ULL << random.below(64));
      points.push_back({time, value});
    }
    expect_round_trip(points);
  }
}

TEST(Block, TakesFewBytesForWhatIsTypical) {
  base::Random random(7);
  const auto bytes_a_point = [&](auto next) {
    std::vector<Point> points;
    points.reserve(kBlockPointsMax);
    for (std::size_t i = 0; i < kBlockPointsMax; ++i)
      points.push_back({1'800'000'000'000 + static_cast<std::int64_t>(i) * 5'000 +
                            static_cast<std::int64_t>(random.below(3)),
                        next()});
    return static_cast<double>(pack_block(points).size()) / static_cast<double>(points.size());
  };
  double counter = 0;
  double memory = 2e8;
  EXPECT_LT(bytes_a_point([&] { return counter += static_cast<double>(random.below(50)); }), 2.5);
  EXPECT_LT(bytes_a_point([&] { return static_cast<double>(random.below(1000)) / 10; }), 3);
  EXPECT_LT(bytes_a_point(
                [&] { return memory += 4096.0 * (static_cast<double>(random.below(64)) - 32); }),
            4);
  EXPECT_LT(bytes_a_point([] { return 1.0; }), 1);
}

TEST(Block, RefusesWhatIsNone) {
  EXPECT_FALSE(decode_block(""));
  EXPECT_FALSE(decode_block("\x07\x01"));
  EXPECT_FALSE(decode_block(std::string("\x01\xff\xff\xff\xff\x7f", 6)));
  BlockWriter writer;
  for (int i = 0; i < 100; ++i) writer.append({i * 1'000L, i * 0.1});
  auto bytes = writer.bytes();
  for (std::size_t size = 1; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_block(std::string_view(bytes).substr(0, size)));
}

}  // namespace
}  // namespace telltale::series
