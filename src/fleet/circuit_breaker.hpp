// Circuit breaker of one server, without I/O. Closed: failures in a row are counted,
// `failure_threshold` of them open it. Open: calls fail at once until `open_for` has passed.
// Half-open: at most `half_open_max_calls` trials; a success closes it, a failure is one failed
// cycle and opens it again; `max_failure_cycles` of those in a row and the server is to be
// disabled.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace telltale::fleet {

enum class CircuitState { closed, open, half_open };
std::string_view circuit_name(CircuitState state) noexcept;

struct CircuitSettings {
  int failure_threshold = 5;
  base::Duration open_for = std::chrono::seconds(60);
  int half_open_max_calls = 3;
  int max_failure_cycles = 3;
  bool auto_disable = true;
};

class CircuitBreaker {
 public:
  explicit CircuitBreaker(CircuitSettings settings) : settings_(settings) {}

  // Whether a call may go now; in half-open it takes one of the trial places.
  bool allow(base::SteadyTime now);
  void on_success();
  void on_failure(base::SteadyTime now);
  // Open long enough: half-open from here.
  void tick(base::SteadyTime now);
  void reset();

  CircuitState state() const noexcept { return state_; }
  int failure_count() const noexcept { return failures_; }
  int failure_cycles() const noexcept { return cycles_; }
  int half_open_calls() const noexcept { return trials_; }
  bool exhausted() const noexcept {
    return settings_.auto_disable && cycles_ >= settings_.max_failure_cycles;
  }
  std::optional<base::SteadyTime> retry_at() const noexcept;  // while open
  const CircuitSettings& settings() const noexcept { return settings_; }

 private:
  void open(base::SteadyTime now);

  CircuitSettings settings_;
  CircuitState state_ = CircuitState::closed;
  int failures_ = 0;
  int cycles_ = 0;
  int trials_ = 0;
  base::SteadyTime opened_at_{};
};

}  // namespace telltale::fleet
