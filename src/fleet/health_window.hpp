// The last checks of one server: quantiles, error rate, and whether it is degraded against its
// objectives. No I/O.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/ring.hpp"

namespace telltale::fleet {

struct Check {
  base::WallTime time;
  double ms = 0;
  bool ok = false;
};

class HealthWindow {
 public:
  HealthWindow(double latency_objective_ms, double error_rate_limit)
      : objective_ms_(latency_objective_ms), error_rate_limit_(error_rate_limit) {}

  void add(Check check);
  void clear() {
    degraded_ = false;
    checks_.clear();
  }
  std::optional<double> quantile(double fraction) const;  // of the good ones
  double error_rate() const;
  int failed_in_a_row() const;
  // With hysteresis: becomes degraded over the limit, good again under 80 % of it.
  bool degraded() const noexcept { return degraded_; }
  std::string why_degraded() const;
  const base::Ring<Check>& checks() const noexcept { return checks_; }

 private:
  static constexpr std::size_t kLeast = 5;  // too few checks prove nothing
  double objective_ms_;
  double error_rate_limit_;
  base::Ring<Check> checks_{60};
  bool degraded_ = false;
};

}  // namespace telltale::fleet
