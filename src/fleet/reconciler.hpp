// Reconciler: what is wanted of a server against what is, as a pure state machine. Inputs are facts
// (a session started, ended, a check's outcome) and wishes; the answer is what to do next. It owns
// the circuit breaker and the backoff. Driven by Server, and by the simulation in
// reconciler_test.cpp.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "fleet/backoff.hpp"
#include "fleet/circuit_breaker.hpp"

namespace telltale::fleet {

enum class Desired { running, stopped, disabled };
enum class Phase { idle, waiting, starting, connected, stopping };
enum class HealthStatus {
  healthy,
  degraded,
  disconnected,
  circuit_open,
  starting,
  stopped,
  disabled
};

std::string_view status_name(HealthStatus status) noexcept;
std::string_view desired_name(Desired desired) noexcept;

enum class Action { none, start, stop, check };

struct ReconcilerSettings {
  CircuitSettings circuit;
  base::Duration check_interval = std::chrono::seconds(30);
  std::uint64_t seed = 1;
};

class Reconciler {
 public:
  explicit Reconciler(ReconcilerSettings settings);

  // Wishes. start() of a disabled server enables it again.
  void start(base::SteadyTime now);
  void stop(std::string reason);
  void restart(base::SteadyTime now);

  // Facts.
  void on_started(base::SteadyTime now);
  void on_start_failed(std::string reason, base::SteadyTime now);
  // It waits for a person (an authorization): no failure of the server, and asked again seldom.
  void on_start_refused(std::string reason, base::SteadyTime now);
  void on_ended(std::string reason, base::SteadyTime now);  // the session died by itself
  void on_stopped(base::SteadyTime now);                    // the stop we asked for is done
  void on_check(bool ok, std::string reason, bool degraded, base::SteadyTime now);
  void on_call(bool transport_ok, base::SteadyTime now);

  // The next thing to do; call until none. Each start, stop and check is given once and answered by
  // a fact.
  Action next(base::SteadyTime now);
  std::optional<base::SteadyTime> next_deadline() const;

  HealthStatus status() const;
  const std::string& reason() const noexcept { return reason_; }
  Desired desired() const noexcept { return desired_; }
  Phase phase() const noexcept { return phase_; }
  CircuitBreaker& circuit() noexcept { return circuit_; }
  const CircuitBreaker& circuit() const noexcept { return circuit_; }
  std::uint64_t restarts() const noexcept { return restarts_; }
  std::optional<base::SteadyTime> next_check() const noexcept;
  std::optional<base::SteadyTime> next_start() const noexcept;

 private:
  void failed(base::SteadyTime now);
  void wait_for_start(base::SteadyTime now);
  void disable_if_exhausted();
  base::Duration jittered_interval();

  ReconcilerSettings settings_;
  CircuitBreaker circuit_;
  Backoff backoff_;
  base::Random random_;
  Desired desired_ = Desired::stopped;
  HealthStatus before_stop_ = HealthStatus::stopped;  // shown until the stop is done
  Phase phase_ = Phase::idle;
  bool restart_wanted_ = false;
  bool checking_ = false;
  bool started_once_ = false;
  bool degraded_ = false;
  int failed_checks_ = 0;
  bool confirmed_ = false;  // a check has succeeded since the session started
  std::string reason_ = "not started";
  base::SteadyTime start_at_{};
  base::SteadyTime check_at_{};
  std::uint64_t restarts_ = 0;
};

}  // namespace telltale::fleet
