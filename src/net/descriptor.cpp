#include "net/descriptor.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace telltale::net {

using runtime::Task;
namespace asio = runtime::asio;
using boost::system::error_code;

namespace {

auto kind(Ready direction) {
  return direction == Ready::read ? asio::posix::descriptor_base::wait_read
                                  : asio::posix::descriptor_base::wait_write;
}

}  // namespace

Descriptor::Descriptor(runtime::Loop& loop, int fd) : loop_(loop), descriptor_(loop.executor()) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  error_code error;
  descriptor_.assign(fd, error);
  if (error) ::close(fd);  // epoll refused it: is_open() says so
}

Descriptor::~Descriptor() {
  close();
}

void Descriptor::close() {
  drop_timers();
  error_code ignored;
  descriptor_.close(ignored);
  if (resting_ >= 0) ::close(std::exchange(resting_, -1));
}

void Descriptor::rest() {
  if (resting_ < 0 && descriptor_.is_open()) resting_ = descriptor_.release();
}

void Descriptor::watch() {
  if (resting_ < 0) return;
  const int fd = std::exchange(resting_, -1);
  error_code error;
  descriptor_.assign(fd, error);
  if (error) ::close(fd);  // as in the constructor; the wait that follows is aborted
}

void Descriptor::drop_timers() {
  for (auto& waiter : waiters_) waiter.deadline.cancel(loop_);
}

Task<WaitResult> Descriptor::wait_result(Ready direction,
                                         std::optional<base::SteadyTime> deadline) {
  watch();
  return asio::async_initiate<decltype(asio::use_awaitable), void(WaitResult)>(
      [this, direction, deadline](auto handler) {
        auto& waiter = this->waiter(direction);
        waiter.expired = false;
        const auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected())
          asio::cancellation_slot(slot).assign(
              [&waiter](asio::cancellation_type type) { waiter.signal.emit(type); });
        if (deadline)
          waiter.deadline.set(loop_, *deadline, [&waiter] {
            waiter.expired = true;
            waiter.signal.emit(asio::cancellation_type::all);
          });
        const auto executor = asio::get_associated_executor(handler);
        auto done = [&waiter, handler = std::move(handler)](error_code error) mutable {
          waiter.deadline.clear();
          auto outer = asio::get_associated_cancellation_slot(handler);
          if (outer.is_connected()) outer.clear();
          std::move(handler)(!error           ? WaitResult::ready
                             : waiter.expired ? WaitResult::timed_out
                                              : WaitResult::aborted);
        };
        descriptor_.async_wait(
            kind(direction),
            asio::bind_cancellation_slot(waiter.signal.slot(),
                                         asio::bind_executor(executor, std::move(done))));
      },
      asio::use_awaitable);
}

Task<bool> Descriptor::wait(Ready direction, std::optional<base::SteadyTime> deadline) {
  const auto result = co_await wait_result(direction, deadline);
  if (result == WaitResult::aborted)
    throw boost::system::system_error(asio::error::operation_aborted);
  co_return result == WaitResult::ready;
}

void Descriptor::async_wait(Ready direction, std::move_only_function<void(bool)> callback) {
  watch();
  auto done = [callback = std::move(callback)](error_code error) mutable {
    callback(static_cast<bool>(error));
  };
  descriptor_.async_wait(kind(direction), asio::bind_cancellation_slot(
                                              waiter(direction).signal.slot(), std::move(done)));
}

void Descriptor::cancel_wait(Ready direction) {
  waiter(direction).signal.emit(asio::cancellation_type::all);
}

Task<> yield_to_loop() {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

}  // namespace telltale::net
