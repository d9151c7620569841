#include "runtime/task_group.hpp"

#include <list>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "base/check.hpp"
#include "base/log.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_executor.hpp"
#include "runtime/uncancelled.hpp"

namespace telltale::runtime {

struct TaskGroup::State : std::enable_shared_from_this<TaskGroup::State> {
  struct Entry {
    std::shared_ptr<const TaskInfo> info;
    asio::cancellation_signal own;
    std::shared_ptr<CancelSource::State> given = {};
    asio::cancellation_signal& signal() { return given ? given->signal : own; }
  };

  State(Loop& home, std::string name) : loop(home), owner(std::move(name)), ended(home) {}

  bool spawn(std::string name, Task<> task, std::shared_ptr<CancelSource::State> given);

  void cancel_all() {
    // A cancelled task may end at once and erase itself: walk by stable iterators one ahead.
    for (auto it = entries.begin(); it != entries.end();) {
      auto& entry = *it++;
      entry.signal().emit(asio::cancellation_type::all);
    }
  }

  void finish(std::list<Entry>::iterator entry, const std::exception_ptr& failure) {
    std::string error;
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const boost::system::system_error& system) {
      if (system.code() != asio::error::operation_aborted) error = system.what();
    } catch (const std::exception& other) {
      error = other.what();
    }
    if (!error.empty())
      base::log(base::LogLevel::error, "runtime", "task {} of {} ended with: {}", entry->info->name,
                owner, error);
    loop.tasks().end(*entry->info, std::move(error));
    entries.erase(entry);
    if (entries.empty()) ended.notify_all();
  }

  Loop& loop;
  std::string owner;
  std::list<Entry> entries;
  Notifier ended;
  bool stopping = false;
};

TaskGroup::TaskGroup(Loop& loop, std::string owner)
    : state_(std::make_shared<State>(loop, std::move(owner))) {}

TaskGroup::~TaskGroup() {
  if (!state_->entries.empty())
    base::log(base::LogLevel::error, "runtime", "{} still owns task {}", state_->owner,
              state_->entries.front().info->name);
  CHECK(state_->entries.empty());
}

bool TaskGroup::spawn(std::string name, Task<> task) {
  return state_->spawn(std::move(name), std::move(task), nullptr);
}

bool TaskGroup::spawn(std::string name, Task<> task, const CancelSource& source) {
  return state_->spawn(std::move(name), std::move(task), source.state());
}

bool TaskGroup::State::spawn(std::string name, Task<> task,
                             std::shared_ptr<CancelSource::State> given) {
  if (stopping) return false;
  auto info = loop.tasks().begin(std::move(name), owner, loop.name());
  const auto entry = entries.emplace(entries.end());
  entry->info = info;
  entry->given = std::move(given);
  TaskExecutor executor(loop.executor(), std::move(info));
  asio::co_spawn(executor, std::move(task),
                 asio::bind_cancellation_slot(
                     entry->signal().slot(),
                     [keep = shared_from_this(), entry](const std::exception_ptr& failure) {
                       keep->finish(entry, failure);
                     }));
  return true;
}

void TaskGroup::cancel() {
  state_->cancel_all();
}

Task<> TaskGroup::stop() {
  return uncancelled([](std::shared_ptr<State> state) -> Task<> {
    state->stopping = true;
    state->cancel_all();
    while (!state->entries.empty()) co_await state->ended.wait();
  }(state_));
}

std::size_t TaskGroup::size() const noexcept {
  return state_->entries.size();
}
bool TaskGroup::stopped() const noexcept {
  return state_->stopping;
}
Loop& TaskGroup::loop() const noexcept {
  return state_->loop;
}

}  // namespace telltale::runtime
