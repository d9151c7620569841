#include "series/sketch.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "series/rollup.hpp"

namespace telltale::series {
namespace {

// The least value with at least that share at or below it: what quantile() approximates.
double exact(const std::vector<double>& sorted, double fraction) {
  const auto rank = std::ceil(fraction * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

void expect_within_bound(std::vector<double> values, const Sketch& sketch) {
  std::ranges::sort(values);
  for (const double fraction : {0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const auto want = exact(values, fraction);
    const auto got = sketch.quantile(fraction);
    ASSERT_TRUE(got);
    EXPECT_LE(std::abs(*got - want), Sketch::kRelativeError * std::abs(want) * 1.0000001 + 1e-12)
        << fraction << " of " << values.size();
  }
}

std::vector<double> sample(base::Random& random, int kind, std::size_t count) {
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto u = random.uniform();
    if (kind == 0) out.push_back(u * 1'000);
    if (kind == 1) out.push_back(std::exp(8 * u - 3));
    if (kind == 2) out.push_back(1 / (1 - u));  // a long tail
    if (kind == 3) out.push_back((u - 0.5) * 1e6);
    if (kind == 4) out.push_back(random.chance(0.3) ? 0 : u);
  }
  return out;
}

TEST(Sketch, IsWithinItsBoundWhateverTheValues) {
  base::Random random(11);
  for (int kind = 0; kind < 5; ++kind)
    for (const std::size_t count : {1UL, 2UL, 10UL, 1'000UL, 20'000UL}) {
      const auto values = sample(random, kind, count);
      Sketch sketch;
      for (const auto value : values) sketch.add(value);
      expect_within_bound(values, sketch);
    }
}

TEST(Sketch, CoarseBinsCountExactlyWhatLiesBetweenTheirBounds) {
  base::Random random(13);
  for (const int kind : {0, 1, 2, 3}) {
    const auto values = sample(random, kind, 5'000);
    Sketch sketch;
    for (const auto value : values) sketch.add(value);
    std::map<std::int32_t, std::uint64_t> bins;
    sketch.count_into(bins);
    std::uint64_t counted = 0;
    for (const auto& [bin, times] : bins) {
      const auto low = Sketch::bound(bin - 1);
      const auto high = Sketch::bound(bin);
      EXPECT_EQ(times, static_cast<std::uint64_t>(std::ranges::count_if(
                           values, [&](double one) { return one > low && one <= high; })))
          << kind << ": (" << low << ", " << high << "]";
      counted += times;
    }
    EXPECT_EQ(counted, static_cast<std::uint64_t>(
                           std::ranges::count_if(values, [](double one) { return one > 0; })));
  }
}

TEST(Sketch, MergesWithoutLoss) {
  base::Random random(12);
  for (int kind = 0; kind < 5; ++kind) {
    const auto values = sample(random, kind, 5'000);
    Sketch whole;
    std::vector<Sketch> parts(17);
    for (std::size_t i = 0; i < values.size(); ++i) {
      whole.add(values[i]);
      parts[i % parts.size()].add(values[i]);
    }
    Sketch merged;
    for (const auto& part : parts) merged.merge(part);
    std::string a;
    std::string b;
    whole.write(a);
    merged.write(b);
    EXPECT_EQ(a, b);
    expect_within_bound(values, merged);
  }
}

// As a chart does with the minutes of an hour: small ones, one after the other, into one.
TEST(Sketch, ManySmallOnesMergeToTheByte) {
  base::Random random(19);
  for (int kind = 0; kind < 5; ++kind) {
    Sketch whole;
    Sketch merged;
    Sketch summed;
    SketchSum sum;
    for (int part = 0; part < 200; ++part) {
      Sketch small;
      for (const auto value : sample(random, kind, 1 + random.below(40))) {
        whole.add(value);
        small.add(value);
      }
      merged.merge(small);
      sum.add(small);
      if (part % 60 == 0) sum.move_to(summed);
    }
    sum.move_to(summed);
    sum.move_to(summed);  // there is nothing more
    std::string a;
    std::string b;
    std::string c;
    whole.write(a);
    merged.write(b);
    summed.write(c);
    EXPECT_EQ(a, b) << kind;
    EXPECT_EQ(a, c) << kind;
    EXPECT_EQ(whole.count(), merged.count());
    EXPECT_EQ(whole.count(), summed.count());
  }
}

TEST(Sketch, IsBounded) {
  Sketch sketch;
  for (int i = -2'000; i < 2'000; ++i) sketch.add(std::exp(i * 0.35));
  EXPECT_LE(sketch.bins(), Sketch::kBinsMax);
  EXPECT_EQ(sketch.count(), 4'000U);
  EXPECT_NEAR(*sketch.quantile(1), std::exp(1'999 * 0.35), std::exp(1'999 * 0.35) * 0.01);
  sketch.add(std::nan(""));
  sketch.add(HUGE_VAL);
  EXPECT_EQ(sketch.count(), 4'000U);
  EXPECT_FALSE(Sketch().quantile(0.5));
}

TEST(Sketch, IsReadBackAndRefusesWhatIsNone) {
  base::Random random(13);
  Sketch sketch;
  for (const auto value : sample(random, 3, 3'000)) sketch.add(value);
  std::string bytes;
  sketch.write(bytes);
  std::string_view rest = bytes;
  Sketch back;
  ASSERT_TRUE(Sketch::read(rest, back));
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(back.quantile(0.3), sketch.quantile(0.3));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    rest = std::string_view(bytes).substr(0, size);
    EXPECT_FALSE(Sketch::read(rest, back));
  }
}

Rollup rollup_of(std::int64_t start_ms, std::span<const double> values) {
  Rollup out{.start_ms = start_ms};
  for (std::size_t i = 0; i < values.size(); ++i)
    out.add({start_ms + static_cast<std::int64_t>(i) * 1'000, values[i]},
            i == 0 ? 0 : growth(values[i - 1], values[i]));
  return out;
}

TEST(Rollup, DecimalsAndOddNumbersInTurnAreReadBack) {
  base::Random random(15);
  std::vector<Rollup> written;
  RollupBlock block;
  for (int i = 0; i < 400; ++i) {
    std::vector<double> values(random.below(12) + 1);
    const auto digits = random.below(8);
    for (auto& value : values) {
      value = static_cast<double>(random.below(100'000)) / std::pow(10, digits) -
              (random.chance(0.2) ? 500 : 0);
      if (random.chance(0.05)) value = random.uniform() * 1e18;
      if (random.chance(0.02)) value = -0.0;
    }
    if (random.chance(0.1)) std::ranges::fill(values, values.front());
    written.push_back(rollup_of(1'800'000'000'000 + i * 10'000L, values));
    block.append(written.back());
  }
  const auto back = decode_rollups(block.bytes(), true);
  ASSERT_TRUE(back) << back.error().detail;
  ASSERT_EQ(back->size(), written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto& a = (*back)[i];
    const auto& b = written[i];
    EXPECT_EQ(std::bit_cast<std::uint64_t>(a.last), std::bit_cast<std::uint64_t>(b.last));
    EXPECT_EQ(a.minimum, b.minimum);
    EXPECT_EQ(a.maximum, b.maximum);
    EXPECT_NEAR(a.sum, b.sum, std::abs(b.sum) * 1e-13);
    EXPECT_NEAR(a.increase, b.increase, std::abs(b.increase) * 1e-13);
    EXPECT_EQ(a.count, b.count);
    EXPECT_EQ(a.last_ms, b.last_ms);
    std::string one;
    std::string other;
    a.sketch.write(one);
    b.sketch.write(other);
    EXPECT_EQ(one, other);
  }
}

// As the first databases have it: 1 and 3 within two seconds, in doubles and varints.
TEST(Rollup, TheFirstFormIsReadBack) {
  constexpr std::array<std::uint8_t, 25> kBytes{
      0x00, 0xa0, 0x9c, 0x01, 0xe8, 0x07, 0x02, 0x02, 0x40, 0x08, 0x02, 0x7f, 0xf8,
      0x00, 0x11, 0x08, 0x11, 0x08, 0x07, 0x00, 0x02, 0x00, 0x01, 0x6e, 0x01};
  std::string bytes(kBytes.begin(), kBytes.end());
  bytes.push_back(0);
  const auto back = decode_rollups(bytes, true);
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), 1U);
  const auto& one = back->front();
  EXPECT_EQ(one.start_ms, 10'000);
  EXPECT_EQ(one.last_ms, 11'000);
  EXPECT_EQ(one.count, 2U);
  EXPECT_EQ(one.last, 3);
  EXPECT_EQ(one.minimum, 1);
  EXPECT_EQ(one.maximum, 3);
  EXPECT_EQ(one.sum, 4);
  EXPECT_EQ(one.increase, 2);
  EXPECT_NEAR(*one.sketch.quantile(1), 3, 0.03);
  EXPECT_NEAR(*one.sketch.quantile(0), 1, 0.01);
}

TEST(Rollup, BlocksAreReadBack) {
  base::Random random(14);
  std::vector<Rollup> written;
  RollupBlock block;
  double counter = 0;
  for (int i = 0; i < 200; ++i) {
    Rollup one{.start_ms = 1'800'000'000'000 + i * 10'000L};
    if (i == 50) one.start_ms -= 300'000;  // of late points
    const auto points = random.below(4) + 1;
    for (std::uint64_t p = 0; p < points; ++p) {
      const auto before = counter;
      if (random.chance(0.7)) counter += static_cast<double>(random.below(100)) / 8;
      if (random.chance(0.02)) counter = 0;
      one.add({one.start_ms + static_cast<std::int64_t>(p) * 1'000, counter},
              growth(before, counter));
    }
    block.append(one);
    written.push_back(one);
  }
  const auto back = decode_rollups(block.bytes(), true);
  ASSERT_TRUE(back) << back.error().detail;
  ASSERT_EQ(back->size(), written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto& a = (*back)[i];
    const auto& b = written[i];
    EXPECT_EQ(a.start_ms, b.start_ms);
    EXPECT_EQ(a.count, b.count);
    EXPECT_EQ(a.sum, b.sum);
    EXPECT_EQ(a.minimum, b.minimum);
    EXPECT_EQ(a.maximum, b.maximum);
    EXPECT_EQ(a.last, b.last);
    EXPECT_EQ(a.last_ms, b.last_ms);
    EXPECT_EQ(a.increase, b.increase);
    EXPECT_EQ(a.sketch.count(), b.sketch.count());
    EXPECT_EQ(a.sketch.quantile(0.5), b.sketch.quantile(0.5));
  }
  EXPECT_EQ(block.first_ms(), 1'800'000'000'000);
  for (std::size_t size = 1; size < 40; ++size) {
    const auto cut = std::string_view(block.bytes()).substr(0, block.bytes().size() - size);
    const auto part = decode_rollups(cut, true);
    EXPECT_TRUE(!part || part->size() < written.size());
  }
}

}  // namespace
}  // namespace telltale::series
