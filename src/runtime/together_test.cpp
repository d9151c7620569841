#include "runtime/together.hpp"

#include <gtest/gtest.h>

#include "runtime/finally.hpp"
#include "runtime/task_group.hpp"
#include "runtime/testing.hpp"

namespace telltale::runtime {
namespace {

using namespace std::chrono_literals;

struct Counted {
  int* count;
  ~Counted() { ++*count; }
};

Task<> sleeper(int* left, base::Duration length) {
  const Counted counted{left};
  co_await sleep_for(length);
}

std::vector<Task<>> sleepers(int* left) {
  std::vector<Task<>> out;
  for (const auto length : {1s, 3s, 2s}) out.push_back(sleeper(left, length));
  return out;
}

TEST(Together, EndsWithTheLast) {
  TestLoop test;
  int left = 0;
  const auto before = test.clock().now();
  test.run(together("sleeper", "house", sleepers(&left)));
  EXPECT_EQ(left, 3);
  EXPECT_EQ(test.clock().now() - before, base::Duration(3s));
  test.run(together("nobody", "house", {}));
  EXPECT_EQ(test.tasks().running_count(), 0U);
}

TEST(Together, CancelledItWaitsForAll) {
  TestLoop test;
  int left = 0;
  TaskGroup group(test.loop(), "owner");
  group.spawn("together", together("sleeper", "house", sleepers(&left)));
  test.settle();
  test.run(group.stop());
  EXPECT_EQ(left, 3);
  EXPECT_EQ(test.tasks().running_count(), 0U);
}

Task<> clean_up(bool* done) {
  co_await sleep_for(1s);
  *done = true;
}

TEST(Finally, CleansUpAfterValueAndException) {
  TestLoop test;
  bool cleaned = false;
  const auto seven = []() -> Task<int> { co_return 7; };
  EXPECT_EQ(test.run(finally(seven(), clean_up(&cleaned))), 7);
  EXPECT_TRUE(std::exchange(cleaned, false));
  const auto fails = []() -> Task<> {
    co_await sleep_for(1s);
    throw std::runtime_error("broken");
  };
  EXPECT_THROW(test.run(finally(fails(), clean_up(&cleaned))), std::runtime_error);
  EXPECT_TRUE(cleaned);
}

// Also what it awaits after the cancellation runs to its end, and then the chain is cancelled.
TEST(Finally, CleansUpInACancelledChain) {
  TestLoop test;
  bool cleaned = false;
  bool went_on = false;
  TaskGroup group(test.loop(), "owner");
  group.spawn("work", [](bool* clean, bool* after) -> Task<> {
    co_await finally(sleep_for(24h), clean_up(clean));
    *after = true;
  }(&cleaned, &went_on));
  test.settle();
  test.run(group.stop());
  EXPECT_TRUE(cleaned);
  EXPECT_FALSE(went_on);
}

}  // namespace
}  // namespace telltale::runtime
