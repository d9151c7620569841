#include "runtime/sync.hpp"

#include <list>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

namespace telltale::runtime {
namespace {

using boost::system::error_code;
using Handler = asio::any_completion_handler<void(error_code)>;

// One suspended wait: completes exactly once, by notify, by timer or by cancellation, always
// through a post so that whoever notifies never runs the waiter inside its own call.
struct Wait {
  explicit Wait(Loop& home) : loop(home) {}
  void complete(error_code error) {
    if (!handler) return;
    if (timer) loop.cancel(*timer);
    auto slot = asio::get_associated_cancellation_slot(*handler);
    if (slot.is_connected()) slot.clear();
    Handler done(std::move(*handler));
    handler.reset();
    asio::post(loop.executor(),
               [done = std::move(done), error]() mutable { std::move(done)(error); });
  }
  Loop& loop;
  std::optional<Handler>
      handler;  // optional: 1.81's move assignment of any_completion_handler recurses for ever
  std::optional<Loop::TimerKey> timer;
};

void arm(const std::shared_ptr<Wait>& wait, Handler handler,
         std::optional<base::SteadyTime> deadline) {
  wait->handler.emplace(std::move(handler));
  auto slot = asio::get_associated_cancellation_slot(*wait->handler);
  if (slot.is_connected())
    slot.assign([weak = std::weak_ptr(wait)](asio::cancellation_type) {
      if (const auto alive = weak.lock()) alive->complete(asio::error::operation_aborted);
    });
  if (deadline)
    wait->timer = wait->loop.schedule_at(*deadline, [weak = std::weak_ptr(wait)] {
      if (const auto alive = weak.lock()) {
        alive->timer.reset();
        alive->complete(asio::error::timed_out);
      }
    });
}

}  // namespace

struct Notifier::State {
  explicit State(Loop& home) : loop(home) {}
  Loop& loop;
  std::list<std::shared_ptr<Wait>> waits;

  static Task<error_code> wait(std::shared_ptr<State> state,
                               std::optional<base::SteadyTime> deadline) {
    auto wait = std::make_shared<Wait>(state->loop);
    state->waits.push_back(wait);
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await asio::async_initiate<decltype(token), void(error_code)>(
        [wait, deadline](auto handler) { arm(wait, Handler(std::move(handler)), deadline); },
        token);
    state->waits.remove(wait);
    co_return error;
  }
};

Notifier::Notifier(Loop& loop) : state_(std::make_shared<State>(loop)) {}
Notifier::~Notifier() = default;
Loop& Notifier::loop() const noexcept {
  return state_->loop;
}

Task<> Notifier::wait() {
  const auto error = co_await State::wait(state_, std::nullopt);
  if (error) throw boost::system::system_error(error);
}

Task<bool> Notifier::wait_for(base::Duration limit) {
  const auto error = co_await State::wait(state_, state_->loop.clock().now() + limit);
  if (error == asio::error::timed_out) co_return false;
  if (error) throw boost::system::system_error(error);
  co_return true;
}

void Notifier::notify_all() {
  for (const auto& wait : state_->waits) wait->complete({});
}

Task<> sleep_for(base::Duration duration) {
  auto* const loop = Loop::current();
  CHECK(loop != nullptr);
  Notifier never(*loop);
  co_await never.wait_for(duration);
}

Task<> sleep_until(base::SteadyTime when) {
  auto* const loop = Loop::current();
  CHECK(loop != nullptr);
  Notifier never(*loop);
  const auto left = when - loop->clock().now();
  if (left > base::Duration::zero()) co_await never.wait_for(left);
}

}  // namespace telltale::runtime
