// TaskGroup: the tasks of one owner on one loop. spawn() names, tracks and starts; stop() cancels
// all and waits until the last has ended. The destructor CHECKs that none is left: an owner that
// forgets to stop is a bug, not a leak. An exception that leaves a task is logged with the task's
// name; cancellation is not an error.
#pragma once

#include <memory>
#include <string>

#include "runtime/cancel_source.hpp"
#include "runtime/loop.hpp"
#include "runtime/task.hpp"

namespace telltale::runtime {

class TaskGroup {
 public:
  TaskGroup(Loop& loop, std::string owner);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  // On the loop's thread, or on any thread before the loop starts. After stop() it refuses and
  // returns false.
  bool spawn(std::string name, Task<> task);
  // A task that `source` can end by itself.
  bool spawn(std::string name, Task<> task, const CancelSource& source);
  // Cancels the tasks running now; the group can still be used.
  void cancel();
  // Cancels and waits; nothing can be spawned after. May be awaited more than once, from the home
  // loop only.
  Task<> stop();
  std::size_t size() const noexcept;
  bool stopped() const noexcept;
  Loop& loop() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace telltale::runtime
