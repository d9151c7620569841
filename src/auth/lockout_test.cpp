#include "auth/lockout.hpp"

#include <gtest/gtest.h>

namespace telltale::auth {
namespace {

using namespace std::chrono_literals;

TEST(Lockout, EachFailureBeyondTheFreeOnesDoublesTheWait) {
  base::VirtualClock clock;
  Lockout lockout(clock);
  for (int i = 1; i < Lockout::kFreeFailures; ++i) {
    lockout.failed("ada|::1");
    EXPECT_TRUE(lockout.check("ada|::1"));
  }
  for (const auto wait : {1s, 2s, 4s, 8s}) {
    lockout.failed("ada|::1");
    const auto refused = lockout.check("ada|::1");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::Code::rate_limited);
    EXPECT_EQ(refused.error().retry_after, wait);
    clock.advance(wait - 1ms);
    EXPECT_FALSE(lockout.check("ada|::1"));
    clock.advance(1ms);
    EXPECT_TRUE(lockout.check("ada|::1"));
  }
}

TEST(Lockout, NeverLongerThanAQuarterOfAnHour) {
  base::VirtualClock clock;
  Lockout lockout(clock);
  for (int i = 0; i < 100; ++i) lockout.failed("ada|::1");
  clock.advance(Lockout::kLongestWait);
  EXPECT_TRUE(lockout.check("ada|::1"));
}

TEST(Lockout, OneKeyOnlyAndASuccessForgives) {
  base::VirtualClock clock;
  Lockout lockout(clock);
  for (int i = 0; i < 10; ++i) lockout.failed("ada|10.0.0.1");
  EXPECT_FALSE(lockout.check("ada|10.0.0.1"));
  EXPECT_TRUE(lockout.check("ada|10.0.0.2"));
  EXPECT_TRUE(lockout.check("bob|10.0.0.1"));
  lockout.succeeded("ada|10.0.0.1");
  EXPECT_TRUE(lockout.check("ada|10.0.0.1"));
}

TEST(Lockout, AJumpOfTheWallClockFreesNobody) {
  base::VirtualClock clock;
  Lockout lockout(clock);
  for (int i = 0; i < 10; ++i) lockout.failed("ada|::1");
  clock.jump_wall(400h);
  EXPECT_FALSE(lockout.check("ada|::1"));
}

TEST(Lockout, AFloodOfNamesFreesNobodyAndTakesNoMoreRoom) {
  base::VirtualClock clock;
  Lockout lockout(clock);
  for (int i = 0; i < 10; ++i) lockout.failed("victim|::1");
  for (std::size_t i = 0; i < Lockout::kMaxKeys + 10; ++i) lockout.failed(std::to_string(i));
  EXPECT_FALSE(lockout.check("victim|::1"));
}

}  // namespace
}  // namespace telltale::auth
