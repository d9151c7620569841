// Every task that runs, and the last ones that ended: what GET /api/tasks shows, and what a
// shutdown that hangs can name. One per process. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/ring.hpp"

namespace telltale::runtime {

struct TaskInfo : std::enable_shared_from_this<TaskInfo> {
  std::uint64_t id = 0;
  std::string name;
  std::string owner;  // an operation id, or the part that spawned it
  std::string loop;
  base::WallTime created_at;
  std::optional<base::WallTime> completed_at = {};
  std::string error = {};
};

class TaskRegistry {
 public:
  explicit TaskRegistry(const base::Clock& clock, std::size_t keep_ended = 200);
  TaskRegistry(const TaskRegistry&) = delete;
  TaskRegistry& operator=(const TaskRegistry&) = delete;

  std::shared_ptr<const TaskInfo> begin(std::string name, std::string owner, std::string loop);
  void end(const TaskInfo& task, std::string error);

  std::vector<TaskInfo> running() const;
  std::vector<TaskInfo> ended() const;  // newest first
  // Those that ended after the first `cursor` ones, oldest first, as far as they are still kept;
  // moves the cursor on.
  std::vector<TaskInfo> ended_since(std::uint64_t& cursor) const;
  std::size_t running_count() const;
  std::uint64_t started_total() const noexcept { return started_.load(std::memory_order_relaxed); }

 private:
  const base::Clock& clock_;
  std::atomic<std::uint64_t> started_{0};
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<const TaskInfo>> running_;
  base::Ring<TaskInfo> ended_;
  std::uint64_t ended_total_ = 0;
};

}  // namespace telltale::runtime
