// Clean-up that must finish although the one who waits for it has been cancelled. Asio's
// reset_cancellation_state would not do: it changes the whole chain of coroutines up to the task's
// root, for good, and so would make every caller deaf to its own cancellation. This runs the work
// beside the chain: a cancellation that comes meanwhile is noticed after it. Who has caught a
// cancellation already must say `co_await asio::this_coro::throw_if_cancelled(false)` first: in a
// cancelled chain Asio throws before the awaited coroutine begins.
#pragma once

#include <exception>
#include <optional>
#include <type_traits>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include "runtime/task.hpp"

namespace telltale::runtime {

inline Task<> uncancelled(Task<> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  std::exception_ptr failure;
  try {
    co_await asio::co_spawn(
        co_await asio::this_coro::executor, std::move(task),
        asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(true);
  if (failure) std::rethrow_exception(failure);
}

template <class T>
Task<T> uncancelled(Task<T> task) {
  std::optional<T> out;
  co_await uncancelled([](Task<T> inner, std::optional<T>* result) -> Task<> {
    result->emplace(co_await std::move(inner));
  }(std::move(task), &out));
  co_return std::move(*out);
}

}  // namespace telltale::runtime
