// The executor a task runs on: its loop's io_context executor, plus the task's name around every
// resume. That is how a stall is blamed on the task that caused it. An Asio executor in the shape
// of asio::strand, small enough to live inside any_io_executor: a larger one would be allocated at
// every copy with another property, some twenty times for each task.
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>

#include "runtime/loop.hpp"

namespace telltale::runtime {

template <class Inner>
class TaskExecutor {
 public:
  // `inner` is that of a Loop.
  TaskExecutor(Inner inner, std::shared_ptr<const TaskInfo> task) noexcept
      : inner_(std::move(inner)), task_(std::move(task)) {}

  template <class Property>
    requires asio::can_query<const Inner&, Property>::value
  auto query(const Property& property) const
      noexcept(asio::is_nothrow_query<const Inner&, Property>::value) -> decltype(auto) {
    return asio::query(inner_, property);
  }
  template <class Property>
    requires asio::can_require<const Inner&, Property>::value
  auto require(const Property& property) const {
    return wrap(asio::require(inner_, property));
  }
  template <class Property>
    requires asio::can_prefer<const Inner&, Property>::value
  auto prefer(const Property& property) const {
    return wrap(asio::prefer(inner_, property));
  }

  template <class Function>
  void execute(Function&& function) const {
    auto* const loop = &Loop::of(asio::query(inner_, asio::execution::context));
    inner_.execute([loop, task = task_, body = std::forward<Function>(function)]() mutable {
      const Loop::Resume resume(*loop, *task);
      std::move(body)();
    });
  }

  friend bool operator==(const TaskExecutor& a, const TaskExecutor& b) noexcept {
    return a.inner_ == b.inner_ && a.task_ == b.task_;
  }

 private:
  template <class Other>
  TaskExecutor<std::decay_t<Other>> wrap(Other&& other) const {
    return {std::forward<Other>(other), task_};
  }

  Inner inner_;
  std::shared_ptr<const TaskInfo> task_;
};

static_assert(sizeof(TaskExecutor<asio::io_context::executor_type>) <= 3 * sizeof(void*));

}  // namespace telltale::runtime
