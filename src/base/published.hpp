// Published<T>: an immutable value that one thread replaces and every thread reads; a reader keeps
// what it got for as long as it likes. Any thread. In place of std::atomic<std::shared_ptr>, whose
// load() in libstdc++ 12 gives its lock back with relaxed order: a race with the next store().
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace telltale::base {

template <class T>
class Published {
 public:
  using Pointer = std::shared_ptr<const T>;

  Published() = default;
  explicit Published(Pointer value) : value_(std::move(value)) {}

  Pointer load() const {
    const std::scoped_lock lock(mutex_);
    return value_;
  }
  void store(Pointer value) {
    {
      const std::scoped_lock lock(mutex_);
      value_.swap(value);
    }
    // The old value may be large: it ends outside the lock.
  }
  // Changes a copy, again when another writer came between.
  template <class Change>
  void update(Change change) {
    for (;;) {
      const auto seen = load();
      auto next = std::make_shared<T>(*seen);
      change(*next);
      if (replace(seen, std::move(next))) return;
    }
  }

 private:
  bool replace(const Pointer& seen, Pointer next) {
    const std::scoped_lock lock(mutex_);
    if (value_ != seen) return false;
    value_.swap(next);
    return true;
  }

  mutable std::mutex mutex_;
  Pointer value_;
};

}  // namespace telltale::base
