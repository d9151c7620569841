// Runtime: the clock, the loops (one per core), the task registry and the blocking pool of a
// process. The composition root owns one and stops it last.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/loop.hpp"
#include "runtime/task_registry.hpp"

namespace telltale::runtime {

class Runtime {
 public:
  // `loops` 0 means one per core. Threads start with start().
  explicit Runtime(std::size_t loops = 0);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  void start();
  void stop();

  const base::Clock& clock() const noexcept { return clock_; }
  TaskRegistry& tasks() noexcept { return tasks_; }
  BlockingPool& blocking() noexcept { return blocking_; }
  std::size_t size() const noexcept { return loops_.size(); }
  Loop& loop(std::size_t index) const noexcept { return *loops_[index % loops_.size()]; }
  Loop& next_loop() noexcept { return loop(next_++); }  // round robin; composition only

 private:
  base::SystemClock clock_;
  TaskRegistry tasks_;
  BlockingPool blocking_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::size_t next_ = 0;
};

}  // namespace telltale::runtime
