// Crossing borders: run a task on another loop and await it here (call_on), bound it in time
// (with_timeout), or wait for it from a plain thread (run_to_completion). Cancellation passes
// through call_on and with_timeout to the inner task.
#pragma once

#include <future>
#include <optional>
#include <type_traits>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/check.hpp"
#include "runtime/cancel_source.hpp"
#include "runtime/loop.hpp"
#include "runtime/task.hpp"
#include "runtime/task_executor.hpp"
#include "runtime/task_group.hpp"

namespace telltale::runtime {

namespace run_detail {

template <class T>
struct Completion {
  using Signature = void(std::exception_ptr, T);
};
template <>
struct Completion<void> {
  using Signature = void(std::exception_ptr);
};

// Where a result waits between the loop that made it and the loop that asked for it.
template <class T>
struct Call {
  asio::cancellation_signal signal;  // touched on the inner loop only
  // Built in place and never assigned: 1.81's move assignment of any_completion_handler recurses
  // for ever.
  asio::any_completion_handler<typename Completion<T>::Signature> handler;
  template <class Handler>
  explicit Call(Handler&& completion) : handler(std::forward<Handler>(completion)) {}
};

template <class T>
void start(Loop& origin, Loop& target, std::shared_ptr<Call<T>> call, Task<T> task) {
  auto slot = asio::get_associated_cancellation_slot(call->handler);
  if (slot.is_connected())
    slot.assign([call, &target](asio::cancellation_type) {
      target.post([call] { call->signal.emit(asio::cancellation_type::all); });
    });
  const auto* current = origin.current_task();
  static const auto kUnnamed = std::make_shared<const TaskInfo>();
  TaskExecutor executor(target.executor(),
                        current == nullptr ? kUnnamed : current->shared_from_this());
  auto finish = [call, &origin](std::exception_ptr failure, auto... value) {
    origin.post([call, failure, ... value = std::move(value)]() mutable {
      auto inner_slot = asio::get_associated_cancellation_slot(call->handler);
      if (inner_slot.is_connected()) inner_slot.clear();
      auto handler = std::move(call->handler);
      std::move(handler)(failure, std::move(value)...);
    });
  };
  // The slot is connected on the target loop, where the signal lives.
  target.post([executor, task = std::move(task), call, finish = std::move(finish)]() mutable {
    asio::co_spawn(executor, std::move(task),
                   asio::bind_cancellation_slot(call->signal.slot(), std::move(finish)));
  });
}

template <class T>
Task<T> cross(Loop& origin, Loop& target, Task<T> task) {
  using Signature = typename Completion<T>::Signature;
  return asio::async_initiate<decltype(asio::use_awaitable), Signature>(
      [&origin, &target](auto handler, Task<T> inner) {
        auto call = std::make_shared<Call<T>>(std::move(handler));
        start<T>(origin, target, std::move(call), std::move(inner));
      },
      asio::use_awaitable, std::move(task));
}

}  // namespace run_detail

// Runs `task` on `target` and gives its result here. On the target itself it is a plain await.
template <class T>
// NOLINTNEXTLINE(cppcoreguidelines-avoid-reference-coroutine-parameters): loops outlive all tasks
Task<T> call_on(Loop& target, Task<T> task) {
  auto* const origin = Loop::current();
  CHECK(origin != nullptr);
  if (origin == &target) co_return co_await std::move(task);
  co_return co_await run_detail::cross<T>(*origin, target, std::move(task));
}

// The task's result; deadline_exceeded with `what` once `limit` has passed, or `cancelled` once the
// source said so. In both cases the task has been cancelled and has ended.
template <class T>
TaskResult<T> with_timeout(base::Duration limit, std::string what, TaskResult<T> task,
                           CancelSource source = {}) {
  auto* const loop = Loop::current();
  CHECK(loop != nullptr);
  const auto state = source.state();
  if (state->cancelled) co_return base::fail(base::Code::cancelled, "cancelled");
  const auto timer = loop->schedule_at(loop->clock().now() + limit, [source] { source.expire(); });
  auto outer = co_await asio::this_coro::cancellation_state;
  auto outer_slot = outer.slot();
  if (outer_slot.is_connected())
    outer_slot.assign([state](asio::cancellation_type type) { state->signal.emit(type); });
  std::exception_ptr failure;
  base::Result<T> result = base::fail(base::Code::deadline_exceeded, std::move(what));
  try {
    auto inner = co_await asio::co_spawn(
        co_await asio::this_coro::executor, std::move(task),
        asio::bind_cancellation_slot(state->signal.slot(), asio::use_awaitable));
    result = std::move(inner);
  } catch (const boost::system::system_error& error) {
    const bool ours =
        (state->expired || state->cancelled) && error.code() == asio::error::operation_aborted;
    if (!ours)
      failure = std::current_exception();
    else if (state->cancelled)
      result = base::fail(base::Code::cancelled, "cancelled");
  } catch (...) {
    failure = std::current_exception();
  }
  loop->cancel(timer);
  if (outer_slot.is_connected()) outer_slot.clear();
  if (failure) std::rethrow_exception(failure);
  co_return result;
}

// From a plain thread: blocks until `task` has run on `loop`. On a loop thread blocking would
// deadlock, so the task goes on in `background` instead and the answer is empty: the caller hands
// out whatever names that work (an operation's id).
template <class T>
std::optional<T> run_to_completion(Loop& loop, TaskGroup& background, std::string name,
                                   Task<T> task) {
  if (Loop::current() != nullptr) {
    background.spawn(std::move(name),
                     [](Task<T> inner) -> Task<> { co_await std::move(inner); }(std::move(task)));
    return std::nullopt;
  }
  std::promise<T> promise;
  auto future = promise.get_future();
  asio::co_spawn(loop.executor(), std::move(task), [&promise](std::exception_ptr failure, T value) {
    if (failure)
      promise.set_exception(failure);
    else
      promise.set_value(std::move(value));
  });
  return future.get();
}

}  // namespace telltale::runtime
