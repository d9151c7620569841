// For tests: one loop under virtual time, on the test's own thread. run(task) drives it, jumping
// the clock to the next deadline whenever nothing is ready, until the task has ended; advance()
// moves time by hand.
#pragma once

#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::runtime {

class TestLoop {
 public:
  TestLoop() : tasks_(clock_), loop_("test", clock_, tasks_) {}

  Loop& loop() noexcept { return loop_; }
  base::VirtualClock& clock() noexcept { return clock_; }
  TaskRegistry& tasks() noexcept { return tasks_; }
  void settle() { loop_.run_ready(); }

  void advance(base::Duration by) {
    const auto until = clock_.now() + by;
    settle();
    for (auto next = loop_.next_deadline(); next && *next <= until; next = loop_.next_deadline()) {
      if (*next > clock_.now()) clock_.advance(*next - clock_.now());
      settle();
    }
    clock_.advance(until - clock_.now());
    settle();
  }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> out;
    drive([](Task<T> inner, std::optional<T>* result) -> Task<> {
      result->emplace(co_await std::move(inner));
    }(std::move(task), &out));
    return std::move(*out);
  }
  void run(Task<> task) { drive(std::move(task)); }

 private:
  void drive(Task<> task) {
    bool done = false;
    std::exception_ptr failure;
    asio::co_spawn(loop_.executor(), std::move(task), [&](const std::exception_ptr& error) {
      done = true;
      failure = error;
    });
    settle();
    while (!done) {
      const auto next = loop_.next_deadline();
      CHECK(next);  // nothing is ready and nothing is scheduled: the task would wait for ever
      if (*next > clock_.now()) clock_.advance(*next - clock_.now());
      settle();
    }
    if (failure) std::rethrow_exception(failure);
  }

  base::VirtualClock clock_;
  TaskRegistry tasks_;
  Loop loop_;
};

}  // namespace telltale::runtime
