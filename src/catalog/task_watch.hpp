// TaskWatch: publishes `task` events (docs/websocket.md). A tool call spawns several tasks that
// live for microseconds; two events for each would drown the bus. So it looks at the registry now
// and then: a task still running after kMinimumAge is announced, and its end is published; one that
// failed is published however short it lived. On one loop.
#pragma once

#include <map>

#include "runtime/event.hpp"
#include "runtime/task_registry.hpp"

namespace telltale::catalog {

base::JsonObject task_record(const runtime::TaskInfo& task);

class TaskWatch {
 public:
  static constexpr auto kMinimumAge = std::chrono::milliseconds(500);

  TaskWatch(const runtime::TaskRegistry& tasks, runtime::EventSink& events,
            const base::Clock& clock);
  void look();

 private:
  void publish(const runtime::TaskInfo& task);
  void end(const runtime::TaskInfo& task);

  const runtime::TaskRegistry& tasks_;
  runtime::EventSink& events_;
  const base::Clock& clock_;
  std::map<std::uint64_t, runtime::TaskInfo> announced_;
  std::uint64_t ended_seen_ = 0;
};

}  // namespace telltale::catalog
