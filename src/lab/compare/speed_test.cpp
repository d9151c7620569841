#include "lab/compare/speed.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::lab {
namespace {

struct Rounds {
  std::vector<double> a, b;
};

// Both share the machine's noise of a round; each has some of its own.
Rounds measured(double ratio, double noise, std::size_t rounds, std::uint64_t seed) {
  base::Random random(seed);
  Rounds out;
  for (std::size_t i = 0; i < rounds; ++i) {
    const double machine = 1 + random.uniform();
    out.a.push_back(10 * machine * (1 + noise * (random.uniform() - 0.5)));
    out.b.push_back(10 * ratio * machine * (1 + noise * (random.uniform() - 0.5)));
  }
  return out;
}

TEST(Compare, SaysFasterAndSlowerThroughNoiseThatBothShare) {
  const auto better = measured(0.9, 0.05, 20, 1);
  const auto faster = compare(better.a, better.b, 0.02);
  EXPECT_EQ(faster.speed, Speed::faster) << faster.why;
  EXPECT_NEAR(faster.ratio, 0.9, 0.02);
  EXPECT_LT(faster.low, 0.9);
  EXPECT_GT(faster.high, 0.9);
  const auto worse = measured(1.1, 0.05, 20, 2);
  EXPECT_EQ(compare(worse.a, worse.b, 0.02).speed, Speed::slower);
}

TEST(Compare, CannotTellWhatTheNoiseHides) {
  const auto same = measured(1, 0.5, 10, 3);
  EXPECT_EQ(compare(same.a, same.b, 0.02).speed, Speed::cannot_tell);
  const auto hidden = measured(1.03, 1.0, 6, 4);
  EXPECT_EQ(compare(hidden.a, hidden.b, 0.02).speed, Speed::cannot_tell);
  const auto small = measured(1.005, 0.001, 50, 5);
  const auto none = compare(small.a, small.b, 0.02);
  EXPECT_EQ(none.speed, Speed::cannot_tell);
  EXPECT_TRUE(none.why.starts_with("no difference of 2.0 % or more")) << none.why;
}

// The interval is what it says: of many experiments without a difference about 5 % miss 1.
TEST(Compare, TheIntervalHoldsAsOftenAsItSays) {
  int missed = 0;
  constexpr int kTimes = 2000;
  for (int i = 0; i < kTimes; ++i) {
    const auto rounds = measured(1, 0.3, 12, 100 + static_cast<std::uint64_t>(i));
    const auto compared = compare(rounds.a, rounds.b, 0);
    missed += compared.low > 1 || compared.high < 1 ? 1 : 0;
  }
  EXPECT_GT(missed, kTimes * 3 / 100);
  EXPECT_LT(missed, kTimes * 7 / 100);
}

TEST(Compare, ApartTheMachineIsPartOfTheNoise) {
  const auto rounds = measured(0.9, 0.05, 20, 6);
  // In pairs it is told; the machine's own factor of two hides it from who compares apart.
  EXPECT_EQ(compare(rounds.a, rounds.b, 0.02).speed, Speed::faster);
  EXPECT_EQ(compare_apart(rounds.a, rounds.b, 0.02).speed, Speed::cannot_tell);
  std::vector<double> quiet, half;
  for (int i = 0; i < 20; ++i) {
    quiet.push_back(10 + 0.1 * (i % 5));
    half.push_back(5 + 0.1 * (i % 3));
  }
  EXPECT_EQ(compare_apart(quiet, half, 0.02).speed, Speed::faster);
  EXPECT_EQ(compare_apart(half, quiet, 0.02).speed, Speed::slower);
}

TEST(Compare, FewOrNoPairsTellNothing) {
  const std::vector<double> few{1, 1, 1, 1};
  const auto compared = compare(few, {std::vector<double>{9, 9, 9, 9}}, 0.02);
  EXPECT_EQ(compared.speed, Speed::cannot_tell);
  EXPECT_NE(compared.why.find("at least 5"), std::string::npos);
  EXPECT_EQ(compare({}, {}, 0.02).why, "nothing was measured");
  const std::vector<double> zeros{0, 0, 0, 0, 0};
  EXPECT_EQ(compare(zeros, zeros, 0.02).pairs, 0U);
  const std::vector<double> same{2, 2, 2, 2, 2};
  const auto equal = compare(same, same, 0.02);
  EXPECT_EQ(equal.speed, Speed::cannot_tell);
  EXPECT_DOUBLE_EQ(equal.low, 1);
  EXPECT_DOUBLE_EQ(equal.high, 1);
}

}  // namespace
}  // namespace telltale::lab
