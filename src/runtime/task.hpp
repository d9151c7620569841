// Task<T>: a coroutine that runs on the loop it is spawned on. Tasks start only through
// TaskGroup::spawn (task_group.hpp) or by being awaited. Cancellation arrives as an exception at
// the next co_await and ends at the task's root; write clean-up as destructors that do not block.
// Take values, not references to temporaries.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.hpp"

namespace telltale::runtime {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<T>;

template <class T>
using TaskResult = Task<base::Result<T>>;

}  // namespace telltale::runtime
