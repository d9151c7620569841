// Absence: what came once is missed after its window, what never came only so long after the rule
// began to look; and both together in a rehearsal.
#include <gtest/gtest.h>

#include "alert/metric_reading.hpp"
#include "alert/rehearsal.hpp"
#include "series/engine.hpp"
#include "store/test_support.hpp"

namespace telltale::alert {
namespace {

class NoEvents final : public runtime::EventSink {
 public:
  void publish(runtime::Event) override {}
};

class AbsenceTest : public store::StoreTest {
 protected:
  AbsenceTest() {
    engine_ = std::make_unique<series::Engine>(
        series::Engine::Parts{.store = *store_, .events = events_, .clock = clock_},
        series::EngineSettings{});
    EXPECT_TRUE(engine_->load());
    began_ = now();
  }
  ~AbsenceTest() override { engine_.reset(); }

  std::int64_t now() const { return base::unix_ms(clock_.wall()); }
  void after(base::Duration time) { clock_.advance(time); }
  void comes(const std::string& server) {
    auto entry = engine_->get("beats", {{"server", server}});
    ASSERT_TRUE(entry) << entry.error().detail;
    ASSERT_EQ(engine_->append(**entry, {now(), 1}), series::Taken::yes);
  }
  // What a rule that began to look at `since_ms` sees now.
  std::vector<Observation> seen(const std::string& query, std::int64_t since_ms) {
    auto condition = compile({.kind = "absence", .query = query, .window_s = 60});
    EXPECT_TRUE(condition) << condition.error().detail;
    auto out = run(engine_->store().read([this, condition, since_ms](store::Connection& db) {
      return observe(db, engine_->index(), *condition, {since_ms, now()});
    }));
    EXPECT_TRUE(out) << out.error().detail;
    return out ? *out : std::vector<Observation>();
  }

  NoEvents events_;
  std::unique_ptr<series::Engine> engine_;
  std::int64_t began_ = 0;
};

using namespace std::chrono_literals;

TEST_F(AbsenceTest, WhatNeverCameIsMissedAWindowAfterTheRuleBegan) {
  ASSERT_EQ(seen("beats", began_).size(), 1U);
  EXPECT_FALSE(seen("beats", began_).front().active) << "the rule was made just now";
  after(59'999ms);
  EXPECT_FALSE(seen("beats", began_).front().active);
  after(1ms);
  EXPECT_TRUE(seen("beats", began_).front().active);
  EXPECT_EQ(seen("beats", began_).front().value, 60);
  EXPECT_FALSE(seen("beats", now()).front().active) << "one that is made now waits anew";
}

TEST_F(AbsenceTest, WhatCameIsMissedAWindowAfterItsLastPoint) {
  after(1h);
  comes("a");
  const auto fresh = seen("last(beats[1m]) by (server)", began_);
  ASSERT_EQ(fresh.size(), 1U);
  EXPECT_EQ(fresh.front().labels, (Labels{{"server", "a"}}));
  EXPECT_FALSE(fresh.front().active) << "it has come, however old the rule";
  after(30s);
  comes("b");
  after(30s);
  const auto later = seen("last(beats[1m]) by (server)", now());
  ASSERT_EQ(later.size(), 2U);
  EXPECT_TRUE(later.front().active) << "it was seen: also a new rule misses it";
  EXPECT_FALSE(later.back().active);
  after(24h);
  for (const auto& one : seen("last(beats[1m]) by (server)", began_))
    EXPECT_FALSE(one.active) << "silent for a day: gone for good";
}

TEST_F(AbsenceTest, ARehearsalWaitsToo) {
  auto condition = compile({.kind = "absence", .query = "beats", .window_s = 600});
  ASSERT_TRUE(condition) << condition.error().detail;
  const series::Span span{now() - 3'600'000, now()};
  auto told = run(engine_->store().read([&](store::Connection& db) {
    return rehearse(db, engine_->index(), std::make_shared<const Condition>(*condition),
                    {.for_ms = 0}, span, [](const Labels&) { return true; });
  }));
  ASSERT_TRUE(told) << told.error().detail;
  ASSERT_EQ(told->episodes.size(), 1U);
  EXPECT_GE(told->episodes.front().from_ms, span.from_ms + 600'000);
  EXPECT_LE(told->episodes.front().from_ms, span.from_ms + 600'000 + told->step_ms);
}

}  // namespace
}  // namespace telltale::alert
