#include "runtime/trace.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace telltale::runtime {
namespace {

using namespace std::chrono_literals;

class TraceTest : public testing::Test {
 protected:
  std::vector<Trace::Record> records() const { return trace->spans().records; }

  base::VirtualClock clock;
  std::shared_ptr<Trace> trace = std::make_shared<Trace>(clock, clock.now());
  TracePlace top{.trace = trace};
};

TEST_F(TraceTest, SpansNestAndHaveTheirTimes) {
  trace->add("before", clock.now() - 3ms, clock.now());
  {
    const Span outer(top, "outer", "of a test");
    clock.advance(2ms);
    Span inner(outer.inside(), "inner");
    clock.advance(5ms);
    inner.end(false);
    clock.advance(1ms);
  }
  const auto all = records();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].from, -3ms);
  EXPECT_EQ(all[0].to, 0ms);
  EXPECT_EQ(all[1].detail, "of a test");
  EXPECT_EQ(all[1].parent, -1);
  EXPECT_EQ(all[1].to, 8ms);
  EXPECT_TRUE(all[1].ok);
  EXPECT_EQ(all[2].parent, 1);
  EXPECT_EQ(all[2].from, 2ms);
  EXPECT_EQ(all[2].to, 7ms);
  EXPECT_FALSE(all[2].ok);
}

TEST_F(TraceTest, AMovedSpanEndsOnceAndAnOpenOneIsOpen) {
  auto one = std::make_unique<Span>(top, "one");
  Span other = std::move(*one);
  clock.advance(1ms);
  one.reset();
  EXPECT_TRUE(records()[0].open);
  other = Span(top, "two");  // what it was before is over
  EXPECT_FALSE(records()[0].open);
  EXPECT_EQ(records()[0].to, 1ms);
  EXPECT_TRUE(records()[1].open);
  other.end();
  clock.advance(1ms);
  other.end();
  EXPECT_EQ(records()[1].to, 1ms) << "only the first end counts";
}

TEST_F(TraceTest, WhatAnExceptionEndsHasFailed) {
  try {
    const Span span(top, "one");
    throw std::runtime_error("gone");
  } catch (const std::runtime_error&) {
    const Span after(top, "two");
  }
  EXPECT_FALSE(records()[0].ok);
  EXPECT_TRUE(records()[1].ok);
}

TEST_F(TraceTest, WithoutATraceNothingIsRecordedAndBeyondTheLimitItIsCounted) {
  const Span nowhere({}, "nowhere");
  EXPECT_EQ(nowhere.inside().trace, nullptr);
  for (std::size_t i = 0; i < Trace::kLimit + 3; ++i) const Span span(top, "one");
  EXPECT_EQ(records().size(), Trace::kLimit);
  EXPECT_EQ(trace->spans().dropped, 3U);
}

}  // namespace
}  // namespace telltale::runtime
