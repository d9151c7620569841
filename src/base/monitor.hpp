// Monitor<T>: a small value that threads change and wait for: Guarded with a condition. For plain
// threads that block by their nature (codecs, files); a loop never waits on one.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/clock.hpp"

namespace telltale::base {

template <class T>
class Monitor {
 public:
  // Changes the value and wakes all who wait.
  template <class Function>
  decltype(auto) change(Function function) {
    const Wake wake{changed_};  // after the lock is gone
    const std::scoped_lock lock(mutex_);
    return function(value_);
  }
  template <class Function>
  decltype(auto) look(Function function) const {
    const std::scoped_lock lock(mutex_);
    return function(std::as_const(value_));
  }
  // Waits until `ready(value)`, then gives what `take(value)` does.
  template <class Ready, class Take>
  decltype(auto) wait(Ready ready, Take take) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready(std::as_const(value_)); });
    return take(value_);
  }
  // The same, but no longer than `limit`: take() sees whatever is there then.
  template <class Ready, class Take>
  decltype(auto) wait_for(Duration limit, Ready ready, Take take) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return ready(std::as_const(value_)); });
    return take(value_);
  }

 private:
  struct Wake {
    std::condition_variable& changed;
    ~Wake() { changed.notify_all(); }
  };
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  T value_{};
};

}  // namespace telltale::base
