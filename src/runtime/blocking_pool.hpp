// BlockingPool: a few threads for work that blocks (SQLite reads, password hashing, DNS, files).
// run() is awaited on a loop; the function runs on a pool thread and its result comes back to that
// loop. The queue is bounded: when it is full, run() answers `unavailable` at once. Work that has
// begun is not cancelled, its result is dropped.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/post.hpp>

#include "base/check.hpp"
#include "runtime/loop.hpp"
#include "runtime/task.hpp"

namespace telltale::runtime {

class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads = 4, std::size_t queue_limit = 1024);
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;
  ~BlockingPool();

  template <class Function, class T = std::invoke_result_t<Function>>
  Task<T> run(Function function) {
    auto* const loop = Loop::current();
    CHECK(loop != nullptr);
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable),
                                            void(std::exception_ptr, T)>(
        [this, loop](auto handler, Function body) {
          auto shared = std::make_shared<asio::any_completion_handler<void(std::exception_ptr, T)>>(
              std::move(handler));
          submit([loop, shared, body = std::move(body)]() mutable {
            std::exception_ptr failure;
            T value{};
            try {
              value = body();
            } catch (...) {
              failure = std::current_exception();
            }
            loop->post([shared, failure, value = std::move(value)]() mutable {
              std::move (*shared)(failure, std::move(value));
            });
          });
        },
        asio::use_awaitable, std::move(function));
  }
  // False when the queue is full. The function must not throw.
  bool submit(std::move_only_function<void()> function);
  void stop();  // finishes what is queued, joins
  std::size_t queued() const;

 private:
  void work();

  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace telltale::runtime
