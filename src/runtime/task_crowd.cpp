#include "runtime/task_crowd.hpp"

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

struct TaskCrowd::State {
  State(Loop& home, std::string what, std::string whose)
      : loop(home), name(std::move(what)), owner(std::move(whose)), ended(home) {}

  void cancel_all() {
    // A cancelled task may end at once and erase itself: walk by stable iterators one ahead.
    for (auto it = signals.begin(); it != signals.end();)
      (it++)->emit(asio::cancellation_type::all);
  }

  void finish(std::list<asio::cancellation_signal>::iterator signal,
              const std::exception_ptr& failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      if (error.code() != asio::error::operation_aborted) complain(error.what());
    } catch (const std::exception& error) {
      complain(error.what());
    }
    signals.erase(signal);
    if (signals.empty()) ended.notify_all();
  }
  void complain(const char* why) const {
    base::log(base::LogLevel::error, "runtime", "a task {} of {} ended with: {}", name, owner, why);
  }

  Loop& loop;
  const std::string name;
  const std::string owner;
  std::shared_ptr<const TaskInfo> record;  // of them all, once there was one
  std::list<asio::cancellation_signal> signals;
  Notifier ended;
  bool stopping = false;
};

TaskCrowd::TaskCrowd(Loop& loop, std::string name, std::string owner)
    : state_(std::make_shared<State>(loop, std::move(name), std::move(owner))) {}

TaskCrowd::~TaskCrowd() {
  CHECK(state_->signals.empty());
  if (state_->record) state_->loop.tasks().end(*state_->record, "");
}

bool TaskCrowd::spawn(Task<> task) {
  auto& state = *state_;
  if (state.stopping) return false;
  if (!state.record)
    state.record = state.loop.tasks().begin(state.name, state.owner, state.loop.name());
  const auto signal = state.signals.emplace(state.signals.end());
  TaskExecutor executor(state.loop.executor(), state.record);
  asio::co_spawn(executor, std::move(task),
                 asio::bind_cancellation_slot(
                     signal->slot(), [keep = state_, signal](const std::exception_ptr& failure) {
                       keep->finish(signal, failure);
                     }));
  return true;
}

Task<> TaskCrowd::wait() {
  return [](std::shared_ptr<State> state) -> Task<> {
    while (!state->signals.empty()) co_await state->ended.wait();
  }(state_);
}

Task<> TaskCrowd::stop() {
  return uncancelled([](std::shared_ptr<State> state) -> Task<> {
    state->stopping = true;
    state->cancel_all();
    while (!state->signals.empty()) co_await state->ended.wait();
    if (state->record) state->loop.tasks().end(*std::exchange(state->record, nullptr), "");
  }(state_));
}

}  // namespace telltale::runtime
