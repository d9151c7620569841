// The engine with a real store: what is answered agrees with a naive model, before and after it was
// written, after a restart, and after kill -9 of a process that wrote.
#include "series/engine.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.hpp"
#include "series/query.hpp"
#include "series/reading.hpp"
#include "store/test_support.hpp"

namespace telltale::series {
namespace {

class Collected final : public runtime::EventSink {
 public:
  void publish(runtime::Event event) override { events.push_back(std::move(event)); }
  std::vector<runtime::Event> events;
};

class EngineTest : public store::StoreTest {
 protected:
  EngineTest() { begin(); }
  ~EngineTest() override { engine_.reset(); }
  void begin() {
    engine_ = std::make_unique<Engine>(
        Engine::Parts{.store = *store_, .events = events_, .clock = clock_}, settings_);
    ASSERT_TRUE(engine_->load());
  }
  // As after a crash: what was not flushed is gone.
  void restart() {
    engine_.reset();
    open();
    begin();
  }
  EntryPtr get(std::string_view name, LabelList labels = {}) {
    auto entry = engine_->get(name, std::move(labels));
    EXPECT_TRUE(entry) << entry.error().detail;
    return *entry;
  }
  void put(const EntryPtr& entry, std::int64_t time_ms, double value) {
    ASSERT_EQ(engine_->append(*entry, {time_ms, value}), Taken::yes);
  }
  std::int64_t now() const { return base::unix_ms(clock_.wall()); }
  Answer ask(const Query& query) {
    auto answer =
        run(engine_->store().read([query](store::Connection& db) { return run_query(db, query); }));
    EXPECT_TRUE(answer) << answer.error().detail;
    return answer ? std::move(*answer) : Answer{};
  }
  void flush_all(bool rollups) {
    const auto done = run(engine_->flush(rollups));
    ASSERT_TRUE(done) << done.error().detail;
  }

  EngineSettings settings_;
  Collected events_;
  std::unique_ptr<Engine> engine_;
};

// The figures of windows [time + step - range, time + step) from the points themselves.
std::vector<Point> naive(const std::vector<Point>& points, const Query& query) {
  std::vector<Point> out;
  for (auto at = floor_to(query.span.from_ms, query.step_ms); at < query.span.to_ms;
       at += query.step_ms) {
    const Span window{at + query.step_ms - query.range_ms,
                      std::min(at + query.step_ms, query.span.to_ms)};
    Rollup total;
    for (std::size_t i = 0; i < points.size(); ++i)
      if (points[i].time_ms >= window.from_ms && points[i].time_ms < window.to_ms)
        total.add(points[i], i == 0 ? 0 : growth(points[i - 1].value, points[i].value));
    if (total.count == 0) continue;
    const auto seconds = static_cast<double>(window.to_ms - window.from_ms) / 1000;
    const double value = query.function == Function::avg        ? total.average()
                         : query.function == Function::sum      ? total.sum
                         : query.function == Function::min      ? total.minimum
                         : query.function == Function::max      ? total.maximum
                         : query.function == Function::count    ? static_cast<double>(total.count)
                         : query.function == Function::rate     ? total.increase / seconds
                         : query.function == Function::increase ? total.increase
                         : query.function == Function::last
                             ? total.last
                             : *total.sketch.quantile(query.quantile);
    out.push_back({at, value});
  }
  return out;
}

TEST_F(EngineTest, AnswersAsANaiveModelDoesFromPointsAndRollupsBeforeAndAfterARestart) {
  base::Random random(42);
  const auto start = now() - 6 * 3'600'000L;
  std::vector<Point> points;
  double counter = 0;
  for (auto time = start; time < now();
       time += 4'000 + static_cast<std::int64_t>(random.below(3'000))) {
    counter = random.chance(0.002) ? 0 : counter + static_cast<double>(random.below(20));
    points.push_back({time, counter});
  }
  std::size_t next = 0;
  const auto feed_until = [&](std::size_t end) {
    const auto entry = get("calls", {{"tool", "a"}});
    for (; next < end; ++next) put(entry, points[next].time_ms, points[next].value);
  };
  const auto check = [&](const char* when) {
    const std::vector<Point> known(points.begin(),
                                   points.begin() + static_cast<std::ptrdiff_t>(next));
    for (int i = 0; i < 60; ++i) {
      constexpr std::int64_t kSteps[] = {5'000, 7'000, 10'000, 60'000, 300'000, 3'600'000};
      Query query{.entries = {get("calls", {{"tool", "a"}})},
                  .function = static_cast<Function>(random.below(9)),
                  .quantile = 0.9};
      query.step_ms = kSteps[random.below(std::size(kSteps))];
      query.range_ms = query.step_ms * static_cast<std::int64_t>(random.below(3) + 1);
      query.span.from_ms = start + static_cast<std::int64_t>(random.below(5 * 3'600'000UL));
      query.span.to_ms =
          query.span.from_ms + 1 + static_cast<std::int64_t>(random.below(3'600'000));
      const auto want = naive(known, query);
      const auto got = ask(query);
      ASSERT_EQ(got.curves.size(), 1U);
      const auto& curve = got.curves.front().points;
      ASSERT_EQ(curve.size(), want.size()) << when << " level " << got.level;
      for (std::size_t k = 0; k < want.size(); ++k) {
        ASSERT_EQ(curve[k].time_ms, want[k].time_ms);
        ASSERT_NEAR(curve[k].value, want[k].value, 1e-9 * std::abs(want[k].value) + 1e-9)
            << when << " function " << static_cast<int>(query.function) << " step " << query.step_ms
            << " range " << query.range_ms << " level " << got.level;
      }
    }
  };
  feed_until(points.size() / 3);
  check("in memory");
  flush_all(true);
  check("written");
  feed_until(points.size() / 2);
  flush_all(false);
  check("written in part");
  restart();
  check("after a restart");
  feed_until(points.size());
  check("grown after it");
  flush_all(true);
  restart();
  check("at the end");
}

TEST_F(EngineTest, WhatWasNotFlushedIsAllThatIsLost) {
  const auto entry = get("up");
  put(entry, now(), 1);
  flush_all(false);
  put(entry, now() + 5'000, 2);
  restart();
  auto points = run(engine_->store().read([&, again = get("up")](store::Connection& db) {
    return read_points(db, *again, {0, now() + 100'000});
  }));
  ASSERT_TRUE(points);
  ASSERT_EQ(points->size(), 1U);
  EXPECT_EQ(engine_->append(*get("up"), {now(), 1}), Taken::duplicate) << "known from the disk";
  EXPECT_EQ(engine_->append(*get("up"), {now() - 60'000, 3}), Taken::yes) << "late";
}

TEST_F(EngineTest, GroupsAndPoolsSeries) {
  const auto at = floor_to(now(), 60'000) - 120'000;
  for (const auto* const tool : {"a", "b"})
    for (const auto* const server : {"x", "y"}) {
      const auto entry = get("ms", {{"tool", tool}, {"server", server}});
      for (int i = 0; i < 10; ++i) put(entry, at + i * 1'000L, *tool == 'a' ? i : 100 + i);
    }
  Query query{.entries = engine_->index().find("ms"), .function = Function::sum};
  query.span = {at, at + 60'000};
  query.step_ms = query.range_ms = 60'000;
  EXPECT_EQ(ask(query).curves.size(), 4U);
  query.by = {{"tool"}};
  const auto by_tool = ask(query);
  ASSERT_EQ(by_tool.curves.size(), 2U);
  EXPECT_EQ(by_tool.curves[0].labels, (LabelList{{"tool", "a"}}));
  EXPECT_EQ(by_tool.curves[0].points.front().value, 90);
  EXPECT_EQ(by_tool.curves[1].points.front().value, 2'090);
  query.by.emplace();
  query.function = Function::count;
  const auto all = ask(query);
  ASSERT_EQ(all.curves.size(), 1U);
  EXPECT_EQ(all.curves[0].points.front().value, 40);
}

TEST_F(EngineTest, RefusesWhatIsBeyondALimitAndSaysWhich) {
  settings_.limits = {.series = 3, .per_name = 2, .labels = 2};
  begin();
  get("a", {{"x", "1"}});
  get("a", {{"x", "2"}});
  auto third = engine_->get("a", {{"x", "3"}}, "", "/series/2");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, base::Code::conflict);
  EXPECT_NE(third.error().detail.find("/series/2: would be one more than the 2 series"),
            std::string::npos);
  get("b");
  EXPECT_FALSE(engine_->get("c", {}));
  EXPECT_TRUE(engine_->get("a", {{"x", "1"}})) << "those there are go on";
  const std::pair<std::string_view, LabelList> bad[] = {
      {"", {}},
      {"1a", {}},
      {"a-b", {}},
      {std::string_view(), {}},
      {"ok", {{"1", "x"}}},
      {"ok", {{"a", ""}}},
      {"ok", {{"a", "\xff"}}},
      {"ok", {{"a", std::string(257, 'x')}}},
      {"ok", {{"a", "1"}, {"b", "2"}, {"c", "3"}}}};
  for (const auto& [name, labels] : bad) {
    const auto got = engine_->get(name, labels);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, base::Code::invalid_argument) << name;
  }
}

TEST_F(EngineTest, DeletedSeriesAreGoneAndMayComeAgain) {
  const auto entry = get("a");
  put(entry, now(), 1);
  flush_all(true);
  EXPECT_EQ(run(engine_->remove({entry})).value_or(0), 1U);
  EXPECT_EQ(count("SELECT count(*) FROM series_blocks"), 0);
  engine_->append(*entry, {now() + 1, 2});  // by somebody who held it
  const auto again = get("a");
  EXPECT_NE(again->id, entry->id);
  put(again, now() + 2, 3);
  flush_all(true);
  EXPECT_EQ(count("SELECT count(*) FROM series"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM series_blocks"), 1);
}

TEST_F(EngineTest, EachResolutionGoesAfterItsTimeAndTheSeriesWithTheLast) {
  const auto entry = get("a");
  for (int i = 0; i < 2'000; ++i) put(entry, now() - 7'200'000 + i * 3'600L, i);
  flush_all(true);
  ASSERT_TRUE(run(engine_->forget_old()));
  EXPECT_GT(count("SELECT count(*) FROM series_blocks WHERE resolution=0"), 0);
  clock_.advance(std::chrono::hours(24 * 8));
  ASSERT_TRUE(run(engine_->forget_old()));
  EXPECT_EQ(count("SELECT count(*) FROM series_blocks WHERE resolution=0"), 0);
  EXPECT_GT(count("SELECT count(*) FROM series_blocks WHERE resolution=10"), 0);
  clock_.advance(std::chrono::hours(24 * 800));
  ASSERT_TRUE(run(engine_->forget_old()));
  EXPECT_EQ(count("SELECT count(*) FROM series_blocks"), 0);
  EXPECT_EQ(engine_->index().size(), 0U);
}

TEST_F(EngineTest, PublishesWhatIsNewByNameAndServerOnce) {
  put(get("ms", {{"server", "x"}, {"tool", "a"}}), now(), 1);
  put(get("ms", {{"server", "x"}, {"tool", "b"}}), now(), 2);
  put(get("ms", {{"server", "y"}}), now(), 3);
  put(get("cpu"), now(), 4);
  engine_->publish_new();
  ASSERT_EQ(events_.events.size(), 3U);
  EXPECT_EQ(base::string_or(events_.events[1].data, "server"), "x");
  EXPECT_EQ(base::find_array(events_.events[1].data, "points")->size(), 2U);
  events_.events.clear();
  engine_->publish_new();
  EXPECT_TRUE(events_.events.empty());
}

// A process that writes a second's points and flushes tells each flush; then it is killed.
TEST(EngineKilled, KeepsWhatWasFlushed) {
  store::TempFolder folder;
  int pipes[2] = {};
  ASSERT_EQ(::pipe(pipes), 0);
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    base::VirtualClock clock;
    runtime::Runtime runtime(1);
    runtime.start();
    auto store = store::Store::open({.path = folder.file("t.db")}, clock, runtime.blocking());
    Collected events;
    Engine engine({.store = **store, .events = events, .clock = clock});
    if (!engine.load()) ::_exit(1);
    runtime::TaskGroup none(runtime.loop(0), "none");
    const auto entry = *engine.get("n", {});
    for (std::int64_t i = 0;; ++i) {
      engine.append(*entry, {i * 100, static_cast<double>(i)});
      if (i % 10 != 9) continue;
      const auto done =
          runtime::run_to_completion(runtime.loop(0), none, "flush", engine.flush(i % 50 == 49));
      if (!done || !*done || ::write(pipes[1], &i, sizeof i) != sizeof i) ::_exit(1);
    }
  }
  ::close(pipes[1]);
  std::int64_t told = -1;
  while (told < 400) ASSERT_EQ(::read(pipes[0], &told, sizeof told), ssize_t{sizeof told});
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (std::int64_t more = 0; ::read(pipes[0], &more, sizeof more) == ssize_t{sizeof more};)
    told = more;
  ::close(pipes[0]);

  base::VirtualClock clock;
  runtime::Runtime runtime(1);
  runtime.start();
  {
    auto store = store::Store::open({.path = folder.file("t.db")}, clock, runtime.blocking());
    ASSERT_TRUE(store) << store.error().detail;
    Collected events;
    Engine engine({.store = **store, .events = events, .clock = clock});
    ASSERT_TRUE(engine.load());
    const auto entry = *engine.get("n", {});
    ASSERT_TRUE((*store)->write_now([&](store::Connection& db) -> base::Result<void> {
      auto points = read_points(db, *entry, {0, 1'000'000'000});
      if (!points) return std::unexpected(points.error());
      EXPECT_GE(points->size(), static_cast<std::size_t>(told) + 1);
      for (std::size_t i = 0; i < points->size(); ++i) {
        EXPECT_EQ((*points)[i].time_ms, static_cast<std::int64_t>(i) * 100);
        EXPECT_EQ((*points)[i].value, static_cast<double>(i));
      }
      // Rollups and points tell the same, whatever of them was on disk.
      auto figures = summarize(db, {entry}, {0, 1'000'000'000}, std::vector<std::string>());
      if (!figures) return std::unexpected(figures.error());
      EXPECT_EQ(figures->front().total.count, points->size());
      EXPECT_EQ(figures->front().total.increase, static_cast<double>(points->size() - 1));
      return {};
    }));
  }
  runtime.stop();
}

}  // namespace
}  // namespace telltale::series
