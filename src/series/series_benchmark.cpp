// What metrics cost: a point in memory with its rollups, a point kept in SQLite, its bytes there,
// and a chart of 30 days.
#include <cmath>
#include <filesystem>

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include "base/check.hpp"
#include "base/random.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"
#include "series/engine.hpp"
#include "series/query.hpp"

namespace telltale::series {
namespace {

constexpr std::int64_t kStart = 1'800'000'000'000;

class NoEvents final : public runtime::EventSink {
 public:
  void publish(runtime::Event) override {}
};

// An engine on a store of its own.
class Place {
 public:
  Place() {
    std::string name = (std::filesystem::temp_directory_path() / "telltale-bench-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    runtime_.start();
    auto store =
        store::Store::open({.path = folder_ + "/t.db"}, runtime_.clock(), runtime_.blocking());
    CHECK(store);
    store_ = std::move(*store);
    engine_ = std::make_unique<Engine>(
        Engine::Parts{.store = *store_, .events = events_, .clock = runtime_.clock()});
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    engine_.reset();
    store_.reset();
    runtime_.stop();
    std::filesystem::remove_all(folder_);
  }
  Engine& engine() { return *engine_; }
  template <class T>
  T run(runtime::Task<T> task) {
    return std::move(
        *runtime::run_to_completion(runtime_.loop(0), none_, "bench", std::move(task)));
  }
  void flush(bool rollups) { CHECK(run(engine_->flush(rollups))); }
  double bytes() const {
    double out = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_))
      if (file.path().extension() == ".db") out += static_cast<double>(file.file_size());
    return out;
  }
  void checkpoint() { store_->close(); }

 private:
  std::string folder_;
  runtime::Runtime runtime_{1};
  std::unique_ptr<store::Store> store_;
  NoEvents events_;
  std::unique_ptr<Engine> engine_;
  runtime::TaskGroup none_{runtime_.loop(0), "none"};
};

std::vector<EntryPtr> thousand(Engine& engine) {
  std::vector<EntryPtr> out;
  out.reserve(1'000);
  for (int i = 0; i < 1'000; ++i)
    out.push_back(*engine.get("tool_duration_ms", {{"server", "s" + std::to_string(i % 20)},
                                                   {"tool", "t" + std::to_string(i)}}));
  return out;
}

// Gauges and counters as Telltale has them, one of four kinds by the series.
class Values {
 public:
  explicit Values(std::size_t count) : state_(count, 0) {}
  double next(std::size_t series) {
    auto& state = state_[series];
    switch (series % 4) {
      case 0:  // a counter
        return state += static_cast<double>(random_.below(20));
      case 1:  // percent with a digit
        return static_cast<double>(random_.below(1'000)) / 10;
      case 2:  // memory in pages
        return state += 4'096.0 * (static_cast<double>(random_.below(16)) - 7);
      default:  // mostly what it was
        return state = random_.chance(0.05) ? static_cast<double>(random_.below(3)) : state;
    }
  }

 private:
  base::Random random_{1};
  std::vector<double> state_;
};

void in_memory(benchmark::State& state) {
  Place place;
  const auto entries = thousand(place.engine());
  Values values(entries.size());
  std::vector<double> ready(entries.size() * 64);
  for (std::size_t i = 0; i < ready.size(); ++i) ready[i] = values.next(i % entries.size());
  std::int64_t time = kStart;
  std::size_t at = 0;
  for ([[maybe_unused]] auto _ : state) {
    for (const auto& entry : entries) {
      place.engine().append(*entry, {time, ready[at]});
      if (++at == ready.size()) at = 0;
    }
    time += 1'000;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(entries.size()));
}
// Bounded: what is not written stays in memory.
BENCHMARK(in_memory)->Iterations(5'000)->Unit(benchmark::kMicrosecond);

void stored(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    Place place;
    const auto entries = thousand(place.engine());
    Values values(entries.size());
    constexpr std::int64_t kRounds = 8'192;  // two hours and more: one block in sixteen still grows
    for (std::int64_t round = 0; round < kRounds; ++round) {
      for (std::size_t i = 0; i < entries.size(); ++i)
        place.engine().append(*entries[i], {kStart + round * 1'000, values.next(i)});
      if (round % 256 == 255) place.flush(round + 1 == kRounds);
    }
    state.SetItemsProcessed(kRounds * 1'000);
    const auto stats = place.engine().stats();
    place.checkpoint();
    state.counters["bytes_a_point"] =
        static_cast<double>(stats.bytes_written) / static_cast<double>(stats.points);
    state.counters["file_bytes_a_point"] = place.bytes() / static_cast<double>(stats.points);
  }
}
BENCHMARK(stored)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

void chart_of_30_days(benchmark::State& state) {
  constexpr std::int64_t kSpan = 30LL * 86'400'000;
  Place place;
  const auto entry = *place.engine().get("ms", {});
  base::Random random(2);
  for (std::int64_t at = 0; at < kSpan; at += 5'000) {
    place.engine().append(*entry, {kStart + at, std::floor(random.uniform() * 1e5) / 1000});
    if (at % 86'400'000 == 0) place.flush(true);
  }
  place.flush(true);
  Query query{.entries = {entry}};
  query.span = {kStart, kStart + kSpan};
  query.step_ms = query.range_ms = state.range(0);
  query.function = state.range(1) == 0 ? Function::avg : Function::quantile;
  query.quantile = 0.99;
  for ([[maybe_unused]] auto _ : state) {
    auto answer = place.run(place.engine().store().read(
        [query](store::Connection& db) { return run_query(db, query); }));
    CHECK(answer &&
          answer->curves.front().points.size() == static_cast<std::size_t>(kSpan / query.step_ms));
  }
}
BENCHMARK(chart_of_30_days)
    ->Args({3'600'000, 0})
    ->Args({3'600'000, 1})
    ->Args({7'200'000, 0})
    ->Args({1'800'000, 0})
    ->Args({1'800'000, 1})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace telltale::series
