#include "catalog/task_watch.hpp"

namespace telltale::catalog {

base::JsonObject task_record(const runtime::TaskInfo& task) {
  using base::Json;
  return {{"task_id", std::to_string(task.id)},
          {"name", task.name},
          {"loop", task.loop},
          {"owner", task.owner},
          {"created_at", base::format_rfc3339(task.created_at)},
          {"completed", task.completed_at.has_value()},
          {"completed_at",
           task.completed_at ? Json(base::format_rfc3339(*task.completed_at)) : Json(nullptr)},
          {"error", task.error.empty() ? Json(nullptr) : Json(task.error)}};
}

TaskWatch::TaskWatch(const runtime::TaskRegistry& tasks, runtime::EventSink& events,
                     const base::Clock& clock)
    : tasks_(tasks), events_(events), clock_(clock) {}

void TaskWatch::look() {
  std::map<std::uint64_t, runtime::TaskInfo> running;
  for (auto& task : tasks_.running()) running.emplace(task.id, std::move(task));
  for (const auto& task : tasks_.ended_since(ended_seen_)) {
    running.erase(task.id);
    end(task);
  }
  for (const auto& [id, task] : running) {
    if (clock_.wall() - task.created_at < kMinimumAge || announced_.contains(id)) continue;
    publish(task);
    announced_.emplace(id, task);
  }
  // The registry forgets the ends of a busy moment; what was announced still gets its own.
  for (auto it = announced_.begin(); it != announced_.end();) {
    if (running.contains(it->first)) {
      ++it;
      continue;
    }
    it->second.completed_at = clock_.wall();
    publish(it->second);
    it = announced_.erase(it);
  }
}

void TaskWatch::end(const runtime::TaskInfo& task) {
  if (announced_.erase(task.id) > 0 || !task.error.empty()) publish(task);
}

void TaskWatch::publish(const runtime::TaskInfo& task) {
  events_.publish(
      {.type = "task",
       .channel = "operations",
       .subject = std::to_string(task.id),
       .severity = task.error.empty() ? runtime::Severity::info : runtime::Severity::error,
       .data = task_record(task)});
}

}  // namespace telltale::catalog
