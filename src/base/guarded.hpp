// Guarded<T>: a small value that several threads change, reached only under its lock. For what is
// rare and short (failed logins), never on a hot path and never across an await.
#pragma once

#include <mutex>
#include <utility>

namespace telltale::base {

template <class T>
class Guarded {
 public:
  template <class Function>
  decltype(auto) with(Function function) {
    const std::scoped_lock lock(mutex_);
    return function(value_);
  }
  template <class Function>
  decltype(auto) with(Function function) const {
    const std::scoped_lock lock(mutex_);
    return function(std::as_const(value_));
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace telltale::base
