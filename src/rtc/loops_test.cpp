// The engine on real loops and threads: what virtual time on one loop cannot show.
#include "rtc/testing.hpp"
#include "runtime/run.hpp"

namespace telltale::rtc {
namespace {

// What one loop does for the test: callers to the engine, each until it has its frames.
runtime::Task<std::size_t> watch(Engine* engine, CallerPool* pool, int count, int worker) {
  std::vector<std::unique_ptr<Caller>> callers;
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    auto caller = std::make_unique<Caller>(*pool, CallerSettings{.bind = {"127.0.0.1"}});
    auto answer = co_await engine->answer(
        {.sdp = *caller->offer(), .source = "test", .actor = "loop " + std::to_string(worker)});
    if (!answer || !caller->accept(answer->sdp)) break;
    ids.push_back(answer->id);
    callers.push_back(std::move(caller));
  }
  std::size_t good = 0;
  for (auto& caller : callers)
    if (co_await caller->wait_until([](const Caller& at) { return at.video_frames() >= 20; }, 30s))
      ++good;
  // From another loop than most of them live on.
  for (std::size_t i = 0; i < ids.size(); ++i) {
    (void)co_await engine->set_quality(ids[i], i % 2 == 0 ? Quality::high : Quality::low);
    if (i % 2 == 0)
      (void)co_await engine->close(ids[i]);
    else
      callers[i]->close();
  }
  for (auto& caller : callers)
    co_await caller->wait_until([](const Caller& at) { return at.closed(); }, 30s);
  callers.clear();
  co_await pool->stop();
  co_return good;
}

runtime::TaskResult<bool> start(Engine* engine) {
  co_return co_await engine->start();
}
runtime::Task<std::size_t> stop(Engine* engine) {
  co_await engine->stop();
  co_return 0;
}

TEST(Loops, viewers_of_one_source_on_all_workers) {
  runtime::Runtime runtime(3);
  CollectedEvents events;
  auto source = std::make_shared<TestSource>(runtime.loop(2), made_up_media({200'000, 500'000}));
  LiveTestCatalog catalog(source);
  auto engine = Engine::open({.workers = 3, .bind = {"127.0.0.1"}, .poll_interval = 50ms}, runtime,
                             &catalog, events);
  ASSERT_TRUE(engine);
  runtime.start();
  runtime::TaskGroup background(runtime.loop(0), "test");
  const auto run = [&]<class T>(runtime::Loop& loop, runtime::Task<T> task) {
    return std::move(*runtime::run_to_completion(loop, background, "test", std::move(task)));
  };
  ASSERT_TRUE(run(runtime.loop(0), start(engine->get())));
  runtime.loop(2).post([source] { source->start(); });
  constexpr int kEach = 4;
  std::vector<std::unique_ptr<CallerPool>> pools;
  pools.reserve(2);
  for (std::size_t i = 0; i < 2; ++i)
    pools.push_back(std::make_unique<CallerPool>(runtime.loop(i)));
  std::size_t good = 0;
  {
    std::atomic<std::size_t> sum{0};
    std::vector<std::jthread> threads;
    threads.reserve(2);
    for (std::size_t i = 0; i < 2; ++i)
      threads.emplace_back([&, i] {
        sum +=
            run(runtime.loop(i), watch(engine->get(), pools[i].get(), kEach, static_cast<int>(i)));
      });
    while ((*engine)->list().size() < 2UL * kEach && sum == 0)
      (void)(*engine)->counters();  // readers of other threads
    threads.clear();
    good = sum;
  }
  EXPECT_EQ(good, 2U * kEach);
  std::set<std::size_t> workers;
  for (const auto& record : (*engine)->list(true)) workers.insert(record->worker);
  EXPECT_EQ(workers.size(), 3U);
  EXPECT_FALSE(events.of("webrtc_stats").empty());
  run(runtime.loop(0), stop(engine->get()));
  EXPECT_EQ((*engine)->counters().connections, 0U);
  EXPECT_EQ(source->watchers(), 0U);
  source->stop();
  runtime.stop();
  pools.clear();
}

}  // namespace
}  // namespace telltale::rtc
