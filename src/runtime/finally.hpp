// What must be cleaned up whatever became of the work before it, a cancellation too: the work, then
// `after` to its end, then the work's value or exception. Open what `after` closes inside `work`:
// in a chain that has been cancelled neither of them would begin.
#pragma once

#include "runtime/uncancelled.hpp"

namespace telltale::runtime {

template <class T>
Task<T> finally(Task<T> work, Task<> after) {
  std::optional<T> out;
  std::exception_ptr failure;
  try {
    out.emplace(co_await std::move(work));
  } catch (...) {
    failure = std::current_exception();
  }
  // A cancelled chain would throw before uncancelled() begins.
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await uncancelled(std::move(after));
  if (failure) std::rethrow_exception(failure);
  co_return std::move(*out);
}

inline Task<> finally(Task<> work, Task<> after) {
  (void)co_await finally<bool>(
      [](Task<> inner) -> Task<bool> {
        co_await std::move(inner);
        co_return true;
      }(std::move(work)),
      std::move(after));
}

}  // namespace telltale::runtime
