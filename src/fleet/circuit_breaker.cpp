#include "fleet/circuit_breaker.hpp"

namespace telltale::fleet {

std::string_view circuit_name(CircuitState state) noexcept {
  switch (state) {
    case CircuitState::closed:
      return "closed";
    case CircuitState::open:
      return "open";
    case CircuitState::half_open:
      return "half_open";
  }
  return "closed";
}

void CircuitBreaker::tick(base::SteadyTime now) {
  if (state_ != CircuitState::open || now < opened_at_ + settings_.open_for) return;
  state_ = CircuitState::half_open;
  trials_ = 0;
}

bool CircuitBreaker::allow(base::SteadyTime now) {
  tick(now);
  if (state_ == CircuitState::closed) return true;
  if (state_ == CircuitState::open || trials_ >= settings_.half_open_max_calls) return false;
  ++trials_;
  return true;
}

void CircuitBreaker::on_success() {
  if (state_ == CircuitState::open)
    return;  // the answer to a call from before it opened proves nothing
  reset();
}

void CircuitBreaker::reset() {
  state_ = CircuitState::closed;
  failures_ = 0;
  cycles_ = 0;
  trials_ = 0;
}

void CircuitBreaker::on_failure(base::SteadyTime now) {
  if (state_ == CircuitState::open) return;
  ++failures_;
  if (state_ == CircuitState::half_open) {
    ++cycles_;
    open(now);
  } else if (failures_ >= settings_.failure_threshold) {
    open(now);
  }
}

void CircuitBreaker::open(base::SteadyTime now) {
  state_ = CircuitState::open;
  opened_at_ = now;
  trials_ = 0;
}

std::optional<base::SteadyTime> CircuitBreaker::retry_at() const noexcept {
  if (state_ != CircuitState::open) return std::nullopt;
  return opened_at_ + settings_.open_for;
}

}  // namespace telltale::fleet
