// Engine: all metrics of this Telltale. Points are taken on any thread, in memory; a task on the
// engine's loop writes them to the store every kFlush and at the end, so a crash loses at most the
// last kFlush and the second a commit takes. Old blocks go by their resolution's retention. New
// points of each series are published at most once a second, while somebody listens (`metrics`
// events). Owned by the composition root; stop() before its store closes.
#pragma once

#include <atomic>
#include <functional>

#include "runtime/event.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"
#include "series/index.hpp"
#include "store/series_blocks.hpp"
#include "store/store.hpp"

namespace telltale::series {

struct EngineSettings {
  IndexLimits limits = {};
  base::Duration flush = std::chrono::seconds(10);
  base::Duration rollup_flush = std::chrono::minutes(5);
  // Of points, and of the rollups of 10 s, 1 min and 1 h.
  std::array<std::chrono::hours, 4> retention{
      std::chrono::hours(24 * 7), std::chrono::hours(24 * 14), std::chrono::hours(24 * 60),
      std::chrono::hours(24 * 730)};
};

struct EngineStats {
  std::size_t series = 0;
  std::uint64_t points = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t refused = 0;  // too late, or beyond a limit
  std::uint64_t blocks_written = 0;
  std::uint64_t bytes_written = 0;
};

class Engine {
 public:
  struct Parts {
    store::Store& store;
    runtime::EventSink& events;
    const base::Clock& clock;
    std::function<bool()> listened = {};  // whether anybody may want `metrics` events
  };
  Engine(Parts parts, EngineSettings settings = {});
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  base::Result<void> load();        // before any loop runs: blocks
  void start(runtime::Loop& loop);  // on that loop, or before it runs
  runtime::Task<> stop();           // on that loop: writes what is in memory

  base::Result<EntryPtr> get(std::string_view name, LabelList labels, std::string_view unit = "",
                             const std::string& pointer = "") {
    return index_.get(name, std::move(labels), unit, pointer);
  }
  Taken append(const Entry& entry, Point point);
  const Index& index() const noexcept { return index_; }
  const EngineSettings& settings() const noexcept { return settings_; }
  store::Store& store() noexcept { return parts_.store; }
  const base::Clock& clock() const noexcept { return parts_.clock; }
  EngineStats stats() const;

  // How many there were; they are gone from the disk when it returns.
  runtime::TaskResult<std::size_t> remove(std::vector<EntryPtr> entries);
  // Everything taken before is on disk when it returns. Not beside itself: the task's, stop()'s.
  runtime::TaskResult<bool> flush(bool with_rollups);
  runtime::TaskResult<bool> forget_old();
  void publish_new();

 private:
  struct Batch;
  static runtime::Task<> keep_house(Engine* self);
  static runtime::TaskResult<bool> flush_now(Engine* self, bool with_rollups);
  static runtime::TaskResult<std::size_t> remove_now(Engine* self, std::vector<EntryPtr> entries);
  static runtime::TaskResult<bool> forget_now(Engine* self);
  base::Result<void> load_one(store::Connection& db, const Entry& entry);

  Parts parts_;
  const EngineSettings settings_;
  Index index_;
  std::unique_ptr<runtime::TaskGroup> tasks_;
  std::atomic<std::uint64_t> points_{0}, duplicates_{0}, refused_{0}, blocks_{0}, bytes_{0};
  std::atomic<std::size_t> waiting_{0};  // series with closed blocks
};

}  // namespace telltale::series
