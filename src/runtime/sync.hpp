// What tasks of one loop wait on. None of these is thread-safe: touch them on their home loop only.
// Every wait is cancellable (it throws operation_aborted, which ends the task).
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "base/check.hpp"
#include "runtime/loop.hpp"
#include "runtime/task.hpp"

namespace telltale::runtime {

// Condition-variable like: wait() returns after the next notify. Check your condition in a loop.
class Notifier {
 public:
  explicit Notifier(Loop& loop);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  Task<> wait();
  // False when `limit` passed first.
  Task<bool> wait_for(base::Duration limit);
  void notify_all();
  Loop& loop() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// A value that arrives once. Copies share it.
template <class T>
class OneShot {
 public:
  explicit OneShot(Loop& loop) : state_(std::make_shared<State>(loop)) {}

  // The first set wins and returns true.
  bool set(T value) const {
    if (state_->value) return false;
    state_->value.emplace(std::move(value));
    state_->notifier.notify_all();
    return true;
  }
  bool is_set() const noexcept { return state_->value.has_value(); }
  const T& value() const {
    CHECK(state_->value);
    return *state_->value;
  }
  Task<T> wait() const { return wait_on(state_); }
  // Empty when `limit` passed first.
  Task<std::optional<T>> wait_for(base::Duration limit) const { return wait_on(state_, limit); }

 private:
  struct State {
    explicit State(Loop& loop) : notifier(loop) {}
    Notifier notifier;
    std::optional<T> value;
  };
  static Task<T> wait_on(std::shared_ptr<State> state) {
    while (!state->value) co_await state->notifier.wait();
    co_return *state->value;
  }
  static Task<std::optional<T>> wait_on(std::shared_ptr<State> state, base::Duration limit) {
    const auto deadline = state->notifier.loop().clock().now() + limit;
    while (!state->value) {
      const auto left = deadline - state->notifier.loop().clock().now();
      if (left <= base::Duration::zero() || !co_await state->notifier.wait_for(left)) break;
    }
    co_return state->value;
  }
  std::shared_ptr<State> state_;
};

// A bounded queue: push refuses when full, pop waits. close() lets pop drain, then answer nothing.
template <class T>
class Mailbox {
 public:
  Mailbox(Loop& loop, std::size_t capacity) : state_(std::make_shared<State>(loop, capacity)) {}

  bool push(T value) const {
    if (state_->closed || state_->items.size() >= state_->capacity) return false;
    state_->items.push_back(std::move(value));
    state_->notifier.notify_all();
    return true;
  }
  void close() const {
    state_->closed = true;
    state_->notifier.notify_all();
  }
  std::size_t size() const noexcept { return state_->items.size(); }
  bool closed() const noexcept { return state_->closed; }
  Task<std::optional<T>> pop() const { return pop_from(state_); }

 private:
  struct State {
    State(Loop& loop, std::size_t limit) : notifier(loop), capacity(limit) {}
    Notifier notifier;
    std::size_t capacity;
    std::deque<T> items;
    bool closed = false;
  };
  static Task<std::optional<T>> pop_from(std::shared_ptr<State> state) {
    while (state->items.empty() && !state->closed) co_await state->notifier.wait();
    if (state->items.empty()) co_return std::nullopt;
    std::optional<T> out(std::move(state->items.front()));
    state->items.pop_front();
    co_return out;
  }
  std::shared_ptr<State> state_;
};

// Sleeps on the current loop by its clock.
Task<> sleep_for(base::Duration duration);
Task<> sleep_until(base::SteadyTime when);

}  // namespace telltale::runtime
