#include "fleet/health_window.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace telltale::fleet {

void HealthWindow::add(Check check) {
  checks_.push(check);
  if (checks_.size() < kLeast) return;
  const double slack = degraded_ ? 0.8 : 1.0;
  degraded_ = quantile(0.95).value_or(0) > objective_ms_ * slack ||
              error_rate() > error_rate_limit_ * slack;
}

std::optional<double> HealthWindow::quantile(double fraction) const {
  std::vector<double> good;
  for (std::size_t i = 0; i < checks_.size(); ++i)
    if (checks_[i].ok) good.push_back(checks_[i].ms);
  if (good.empty()) return std::nullopt;
  std::ranges::sort(good);
  const auto rank = static_cast<std::size_t>(fraction * static_cast<double>(good.size()));
  return good[std::min(rank, good.size() - 1)];
}

double HealthWindow::error_rate() const {
  if (checks_.empty()) return 0;
  int failed = 0;
  for (std::size_t i = 0; i < checks_.size(); ++i) failed += checks_[i].ok ? 0 : 1;
  return static_cast<double>(failed) / static_cast<double>(checks_.size());
}

int HealthWindow::failed_in_a_row() const {
  int out = 0;
  for (std::size_t i = checks_.size(); i > 0 && !checks_[i - 1].ok; --i) ++out;
  return out;
}

std::string HealthWindow::why_degraded() const {
  const auto p95 = quantile(0.95).value_or(0);
  if (p95 > objective_ms_ * 0.8)
    return fmt::format("p95 of the last {} checks is {:.0f} ms; the objective is {:.0f} ms",
                       checks_.size(), p95, objective_ms_);
  return fmt::format("{:.0f} % of the last {} checks failed; the limit is {:.0f} %",
                     error_rate() * 100, checks_.size(), error_rate_limit_ * 100);
}

}  // namespace telltale::fleet
