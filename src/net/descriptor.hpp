// Descriptor: one non-blocking file descriptor (socket, pipe, pidfd) on its home loop. It does no
// I/O itself: callers try their system call first and wait for readiness only when it would block,
// so that an idle connection owns no buffer. One waiter per direction. Closes its descriptor on
// destruction; no wait may be pending then.
#pragma once

#include <functional>
#include <optional>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "runtime/deadline.hpp"
#include "runtime/task.hpp"

namespace telltale::net {

enum class Ready { read, write };
enum class WaitResult { ready, timed_out, aborted };

class Descriptor {
 public:
  Descriptor(runtime::Loop& loop, int fd);  // takes fd over and makes it non-blocking
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int fd() noexcept { return resting_ >= 0 ? resting_ : descriptor_.native_handle(); }
  bool is_open() const noexcept { return resting_ >= 0 || descriptor_.is_open(); }
  runtime::Loop& loop() const noexcept { return loop_; }

  // True when ready, false when the deadline passed; throws operation_aborted when the task was
  // cancelled.
  runtime::Task<bool> wait(Ready direction, std::optional<base::SteadyTime> deadline);
  // The same in one coroutine less, and without throwing.
  runtime::Task<WaitResult> wait_result(Ready direction, std::optional<base::SteadyTime> deadline);
  // The same for callbacks; `aborted` after cancel_wait() or close(). When the loop itself ends it
  // is destroyed, not called.
  void async_wait(Ready direction, std::move_only_function<void(bool aborted)> callback);
  void cancel_wait(Ready direction);
  // For who waits without deadlines from now on, perhaps for days: gives back their timers.
  void drop_timers();
  // The loop is not woken by it until the next wait. None may be pending.
  void rest();
  void close();

 private:
  struct Waiter {
    runtime::asio::cancellation_signal signal;
    runtime::Deadline deadline;
    bool expired = false;
  };
  Waiter& waiter(Ready direction) { return waiters_[direction == Ready::read ? 0 : 1]; }

  runtime::Loop& loop_;
  runtime::asio::posix::basic_stream_descriptor<runtime::asio::io_context::executor_type>
      descriptor_;
  Waiter waiters_[2];
  int resting_ = -1;  // the descriptor, while the loop does not watch it

  void watch();
};

// Gives the loop's other tasks a turn.
runtime::Task<> yield_to_loop();

}  // namespace telltale::net
