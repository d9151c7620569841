#include "runtime/task_registry.hpp"

#include <algorithm>

namespace telltale::runtime {

TaskRegistry::TaskRegistry(const base::Clock& clock, std::size_t keep_ended)
    : clock_(clock), ended_(keep_ended) {}

std::shared_ptr<const TaskInfo> TaskRegistry::begin(std::string name, std::string owner,
                                                    std::string loop) {
  auto task = std::make_shared<TaskInfo>();
  task->id = ++started_;
  task->name = std::move(name);
  task->owner = std::move(owner);
  task->loop = std::move(loop);
  task->created_at = clock_.wall();
  const std::lock_guard lock(mutex_);
  running_.emplace(task->id, task);
  return task;
}

void TaskRegistry::end(const TaskInfo& task, std::string error) {
  TaskInfo done = task;
  done.completed_at = clock_.wall();
  done.error = std::move(error);
  const std::lock_guard lock(mutex_);
  running_.erase(task.id);
  ended_.push(std::move(done));
  ++ended_total_;
}

std::vector<TaskInfo> TaskRegistry::running() const {
  std::vector<TaskInfo> out;
  const std::lock_guard lock(mutex_);
  out.reserve(running_.size());
  for (const auto& [id, task] : running_) out.push_back(*task);
  std::ranges::sort(out, {}, &TaskInfo::id);
  return out;
}

std::vector<TaskInfo> TaskRegistry::ended() const {
  std::vector<TaskInfo> out;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = ended_.size(); i > 0; --i) out.push_back(ended_[i - 1]);
  return out;
}

std::vector<TaskInfo> TaskRegistry::ended_since(std::uint64_t& cursor) const {
  std::vector<TaskInfo> out;
  const std::lock_guard lock(mutex_);
  const auto fresh = std::min<std::uint64_t>(ended_total_ - cursor, ended_.size());
  for (auto i = ended_.size() - fresh; i < ended_.size(); ++i) out.push_back(ended_[i]);
  cursor = ended_total_;
  return out;
}

std::size_t TaskRegistry::running_count() const {
  const std::lock_guard lock(mutex_);
  return running_.size();
}

}  // namespace telltale::runtime
