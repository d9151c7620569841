#include "fleet/reconciler.hpp"

#include <algorithm>

namespace telltale::fleet {
namespace {

constexpr base::Duration kRefusedRetry = std::chrono::minutes(10);

}  // namespace

std::string_view status_name(HealthStatus status) noexcept {
  switch (status) {
    case HealthStatus::healthy:
      return "healthy";
    case HealthStatus::degraded:
      return "degraded";
    case HealthStatus::disconnected:
      return "disconnected";
    case HealthStatus::circuit_open:
      return "circuit_open";
    case HealthStatus::starting:
      return "starting";
    case HealthStatus::stopped:
      return "stopped";
    case HealthStatus::disabled:
      return "disabled";
  }
  return "stopped";
}

std::string_view desired_name(Desired desired) noexcept {
  return desired == Desired::running   ? "running"
         : desired == Desired::stopped ? "stopped"
                                       : "disabled";
}

Reconciler::Reconciler(ReconcilerSettings settings)
    : settings_(settings),
      circuit_(settings.circuit),
      backoff_(settings.seed),
      random_(settings.seed ^ 0x5bd1e995U) {}

void Reconciler::start(base::SteadyTime now) {
  if (desired_ == Desired::running && phase_ != Phase::waiting && phase_ != Phase::idle) return;
  desired_ = Desired::running;
  circuit_.reset();
  backoff_.reset();
  start_at_ = now;
  reason_ = "starting";
  if (phase_ == Phase::idle) phase_ = Phase::waiting;
}

void Reconciler::stop(std::string reason) {
  if (desired_ != Desired::stopped) before_stop_ = status();
  desired_ = Desired::stopped;
  restart_wanted_ = false;
  reason_ = std::move(reason);
  if (phase_ == Phase::waiting) phase_ = Phase::idle;
}

void Reconciler::restart(base::SteadyTime now) {
  const bool was_up =
      phase_ == Phase::connected || phase_ == Phase::starting || phase_ == Phase::stopping;
  desired_ = Desired::running;
  circuit_.reset();
  backoff_.reset();
  start_at_ = now;
  reason_ = "restarting as asked";
  restart_wanted_ = was_up;
  if (phase_ == Phase::idle) phase_ = Phase::waiting;
}

void Reconciler::on_started(base::SteadyTime now) {
  if (phase_ != Phase::starting) return;
  phase_ = Phase::connected;
  confirmed_ = false;
  degraded_ = false;
  failed_checks_ = 0;
  check_at_ = now;
  reason_ = "connected, first check under way";
}

void Reconciler::on_start_failed(std::string reason, base::SteadyTime now) {
  if (phase_ != Phase::starting) return;
  phase_ = Phase::idle;
  reason_ = std::move(reason);
  failed(now);
}

void Reconciler::on_start_refused(std::string reason, base::SteadyTime now) {
  if (phase_ != Phase::starting) return;
  phase_ = Phase::waiting;
  reason_ = std::move(reason);
  circuit_.on_success();  // it answers
  start_at_ = now + kRefusedRetry;
}

void Reconciler::on_ended(std::string reason, base::SteadyTime now) {
  if (phase_ != Phase::connected) return;  // while stopping, on_stopped follows
  phase_ = Phase::idle;
  checking_ = false;
  reason_ = std::move(reason);
  failed(now);
}

void Reconciler::on_stopped(base::SteadyTime now) {
  if (phase_ != Phase::stopping) return;
  phase_ = Phase::idle;
  checking_ = false;
  restart_wanted_ = false;
  if (desired_ == Desired::running) {
    phase_ = Phase::waiting;
    start_at_ = std::max(start_at_, now);
  }
}

void Reconciler::failed(base::SteadyTime now) {
  circuit_.on_failure(now);
  disable_if_exhausted();
  if (desired_ == Desired::running) wait_for_start(now);
}

void Reconciler::wait_for_start(base::SteadyTime now) {
  phase_ = Phase::waiting;
  start_at_ = now + backoff_.next();
}

void Reconciler::disable_if_exhausted() {
  if (desired_ != Desired::running || !circuit_.exhausted()) return;
  desired_ = Desired::disabled;
  reason_ = "disabled after " + std::to_string(circuit_.failure_cycles()) +
            " failed circuit cycles; the last failure: " + reason_;
}

void Reconciler::on_check(bool ok, std::string reason, bool degraded, base::SteadyTime now) {
  if (phase_ != Phase::connected || !checking_) return;
  checking_ = false;
  check_at_ = now + jittered_interval();
  degraded_ = degraded;
  reason_ = std::move(reason);
  if (ok) {
    confirmed_ = true;
    failed_checks_ = 0;
    circuit_.on_success();
    backoff_.reset();
    return;
  }
  ++failed_checks_;
  check_at_ = now + std::min<base::Duration>(settings_.check_interval, std::chrono::seconds(5));
  circuit_.on_failure(now);
  disable_if_exhausted();
  // A session that answers nothing any more is made anew once the circuit lets us try again.
  if (circuit_.state() == CircuitState::open && desired_ == Desired::running)
    restart_wanted_ = true;
}

void Reconciler::on_call(bool transport_ok, base::SteadyTime now) {
  if (transport_ok) return circuit_.on_success();
  circuit_.on_failure(now);
  disable_if_exhausted();
}

Action Reconciler::next(base::SteadyTime now) {
  circuit_.tick(now);
  const bool up = phase_ == Phase::connected || phase_ == Phase::starting;
  if (up && (desired_ != Desired::running || restart_wanted_)) {
    phase_ = Phase::stopping;
    return Action::stop;
  }
  if (phase_ == Phase::waiting && desired_ != Desired::running) phase_ = Phase::idle;
  if (phase_ == Phase::waiting && now >= start_at_ && circuit_.allow(now)) {
    phase_ = Phase::starting;
    restart_wanted_ = false;
    if (std::exchange(started_once_, true)) ++restarts_;
    return Action::start;
  }
  if (phase_ == Phase::connected && !checking_ && now >= check_at_ &&
      circuit_.state() != CircuitState::open) {
    checking_ = true;
    return Action::check;
  }
  return Action::none;
}

std::optional<base::SteadyTime> Reconciler::next_deadline() const {
  std::optional<base::SteadyTime> out;
  if (phase_ == Phase::waiting) out = std::max(start_at_, circuit_.retry_at().value_or(start_at_));
  if (phase_ == Phase::connected && !checking_)
    out = std::max(check_at_, circuit_.retry_at().value_or(check_at_));
  return out;
}

std::optional<base::SteadyTime> Reconciler::next_check() const noexcept {
  if (phase_ != Phase::connected) return std::nullopt;
  return check_at_;
}

std::optional<base::SteadyTime> Reconciler::next_start() const noexcept {
  if (phase_ != Phase::waiting) return std::nullopt;
  return std::max(start_at_, circuit_.retry_at().value_or(start_at_));
}

base::Duration Reconciler::jittered_interval() {
  const double factor = 0.9 + 0.2 * random_.uniform();
  return base::Duration(static_cast<base::Duration::rep>(
      static_cast<double>(settings_.check_interval.count()) * factor));
}

HealthStatus Reconciler::status() const {
  if (desired_ == Desired::disabled) return HealthStatus::disabled;
  // It is stopped when nothing of it is left, not when it was asked to.
  if (desired_ == Desired::stopped)
    return phase_ == Phase::idle || phase_ == Phase::waiting ? HealthStatus::stopped : before_stop_;
  if (circuit_.state() == CircuitState::open) return HealthStatus::circuit_open;
  switch (phase_) {
    case Phase::starting:
      return HealthStatus::starting;
    case Phase::connected:
      if (failed_checks_ >= 3) return HealthStatus::disconnected;
      if (failed_checks_ > 0 || degraded_) return HealthStatus::degraded;
      return confirmed_ ? HealthStatus::healthy : HealthStatus::starting;
    case Phase::stopping:
      return HealthStatus::starting;  // a restart: it will run again
    case Phase::idle:
    case Phase::waiting:
      break;
  }
  return started_once_ ? HealthStatus::disconnected : HealthStatus::starting;
}

}  // namespace telltale::fleet
