// TaskCrowd: very many tasks of one kind on one loop (the connections of a server). As TaskGroup,
// but all of them are one record in the TaskRegistry, from the first on: thousands would bury the
// tasks somebody looks for, and each would cost its record.
#pragma once

#include <memory>
#include <string>

#include "runtime/loop.hpp"
#include "runtime/task.hpp"

namespace telltale::runtime {

class TaskCrowd {
 public:
  TaskCrowd(Loop& loop, std::string name, std::string owner);
  TaskCrowd(const TaskCrowd&) = delete;
  TaskCrowd& operator=(const TaskCrowd&) = delete;
  ~TaskCrowd();

  // On the loop's thread. After stop() it refuses and returns false.
  bool spawn(Task<> task);
  Task<> wait();  // until none runs
  // Cancels and waits; nothing can be spawned after.
  Task<> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace telltale::runtime
