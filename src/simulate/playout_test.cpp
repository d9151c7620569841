#include "simulate/playout.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::simulate {
namespace {

using namespace std::chrono_literals;

constexpr auto kFrame = std::chrono::duration_cast<base::Duration>(100ms) / 3;

struct Stream {
  Playout playout;
  std::uint64_t index = 0;
  std::uint32_t first = 0xffff'ff00;  // wraps soon
  int freezes = 0;
  base::Duration frozen = {};
  void frame(base::Duration late) {
    const auto at = base::SteadyTime(1h) + static_cast<std::int64_t>(index) * kFrame + late;
    if (const auto stood =
            playout.on_frame(first + static_cast<std::uint32_t>(index * 3'000), at)) {
      ++freezes;
      frozen += *stood;
    }
    ++index;
  }
};

TEST(Playout, JitterIsBuffered) {
  Stream stream;
  base::Random random(5);
  for (int i = 0; i < 3'000; ++i)
    stream.frame(base::Duration(static_cast<std::int64_t>(random.below(80)) * 1'000'000));
  EXPECT_EQ(stream.freezes, 0);
  EXPECT_GT(stream.playout.buffer(), 60ms);
  EXPECT_LE(stream.playout.buffer(), 80ms);
  EXPECT_NEAR(base::to_ms(stream.playout.usual()), 33.3, 15);
}

// Two seconds of nothing, then everything at once: one freeze of about that long.
TEST(Playout, AnOutageIsOneFreeze) {
  Stream stream;
  for (int i = 0; i < 100; ++i) stream.frame(0ms);
  for (int i = 0; i < 60; ++i) stream.frame(2s - i * kFrame);
  for (int i = 0; i < 100; ++i) stream.frame(0ms);
  EXPECT_EQ(stream.freezes, 1);
  EXPECT_NEAR(base::to_ms(stream.frozen), 2'033, 40);
}

TEST(Playout, TheBufferIsBoundedAndShrinks) {
  Stream stream;
  for (int i = 0; i < 50; ++i) stream.frame(0ms);
  stream.frame(3s);
  EXPECT_EQ(stream.playout.buffer(), 500ms);
  for (int i = 0; i < 5'000; ++i) stream.frame(0ms);
  EXPECT_LT(stream.playout.buffer(), 10ms);
}

}  // namespace
}  // namespace telltale::simulate
