// Lets one party end a task that another runs or awaits. On the task's loop only; copies share it.
// Given to with_timeout (run.hpp) or TaskGroup::spawn.
#pragma once

#include <memory>

#include <boost/asio/cancellation_signal.hpp>

namespace telltale::runtime {

class CancelSource {
 public:
  void cancel() const {
    state_->cancelled = true;
    state_->signal.emit(boost::asio::cancellation_type::all);
  }
  // The same, for having taken too long.
  void expire() const {
    state_->expired = true;
    state_->signal.emit(boost::asio::cancellation_type::all);
  }
  bool cancelled() const noexcept { return state_->cancelled; }
  bool expired() const noexcept { return state_->expired; }

  struct State {
    boost::asio::cancellation_signal signal;
    bool expired = false;
    bool cancelled = false;
  };
  const std::shared_ptr<State>& state() const noexcept { return state_; }

 private:
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace telltale::runtime
