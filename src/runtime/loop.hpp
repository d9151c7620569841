// Loop: one io_context on one thread, with timers that follow a base::Clock. Everything with a life
// has a home loop and is touched only there; other threads post(). Each loop measures its own lag
// and reports handlers that ran longer than the stall limit, by the name of the task they belonged
// to.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/histogram.hpp"
#include "runtime/task_registry.hpp"

namespace telltale::runtime {

namespace asio = boost::asio;
using Callback = std::move_only_function<void()>;

struct Stall {
  std::string loop;
  std::string task;
  base::Duration duration{};
};

struct LoopStats {
  std::string name;
  std::uint64_t lag_p50_us = 0;
  std::uint64_t lag_p99_us = 0;
  std::uint64_t lag_max_us = 0;
  std::uint64_t stalls = 0;
  std::uint64_t resumes = 0;
};

class Loop {
 public:
  using TimerKey = std::pair<base::SteadyTime, std::uint64_t>;

  Loop(std::string name, const base::Clock& clock, TaskRegistry& tasks);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  const std::string& name() const noexcept { return name_; }
  const base::Clock& clock() const noexcept { return clock_; }
  TaskRegistry& tasks() noexcept { return tasks_; }
  asio::io_context& context() noexcept { return context_; }
  asio::io_context::executor_type executor() noexcept { return context_.get_executor(); }

  // The loop whose context this is.
  static Loop& of(asio::execution_context& context) noexcept {
    return static_cast<Context&>(context).loop;
  }
  // The loop this thread runs, or nullptr on a plain thread.
  static Loop* current() noexcept;
  bool is_current() const noexcept { return current() == this; }

  void post(Callback callback);  // any thread
  void start_thread();           // real loops: runs until stop()
  void stop();                   // any thread; joins unless called on the loop itself

  // Timers: on the loop's own thread only.
  TimerKey schedule_at(base::SteadyTime when, Callback callback);
  void cancel(TimerKey key);

  // Tests and single-threaded programs: runs what is ready, fires what is due; returns how much
  // ran.
  std::size_t run_ready();
  std::optional<base::SteadyTime> next_deadline() const;

  LoopStats stats() const;                                   // any thread
  void on_stall(std::function<void(const Stall&)> handler);  // before start
  static constexpr base::Duration kStallLimit = std::chrono::milliseconds(100);

  // Used by TaskExecutor around every resume of a task.
  class Resume {
   public:
    Resume(Loop& loop, const TaskInfo& task) noexcept;
    ~Resume();
    Resume(const Resume&) = delete;
    Resume& operator=(const Resume&) = delete;

   private:
    Loop& loop_;
    const TaskInfo* outer_;
    base::SteadyTime started_{};
  };
  const TaskInfo* current_task() const noexcept { return task_; }

 private:
  struct Context : asio::io_context {
    explicit Context(Loop& owner) : asio::io_context(1), loop(owner) {}
    Loop& loop;
  };
  struct RealTimer;  // an asio timer armed for the earliest deadline; absent under virtual time
  void arm();
  std::size_t fire_due();
  void measure_lag();
  void report_stall(const TaskInfo& task, base::Duration took);

  std::string name_;
  const base::Clock& clock_;
  TaskRegistry& tasks_;
  Context context_{*this};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::thread thread_;
  std::map<TimerKey, Callback> timers_;
  std::uint64_t next_timer_ = 0;
  std::unique_ptr<RealTimer> real_timer_;
  const TaskInfo* task_ = nullptr;
  std::function<void(const Stall&)> stall_handler_;
  mutable std::mutex stats_mutex_;
  base::Histogram lag_us_;
  std::uint64_t stalls_ = 0;
  std::atomic<std::uint64_t> resumes_{0};
};

}  // namespace telltale::runtime
