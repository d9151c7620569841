#include "series/anomalies.hpp"

#include <algorithm>
#include <cmath>

namespace telltale::series {
namespace {

constexpr double kNormal = 0.6745;  // MAD of a normal distribution, by its standard deviation
constexpr double kTiny = 1e-9;      // spread where everything is 0

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::ranges::max_element(values.begin(), middle)) / 2;
}

}  // namespace

std::vector<Anomaly> find_anomalies(const std::vector<Point>& points, const AnomalyRule& rule) {
  std::vector<Anomaly> out;
  std::vector<Point> before;
  std::vector<double> values;
  for (const auto& point : points) {
    if (!std::isfinite(point.value)) continue;
    if (before.size() > rule.window) before.erase(before.begin());
    if (rule.reach_ms > 0)
      std::erase_if(before,
                    [&](const Point& one) { return one.time_ms < point.time_ms - rule.reach_ms; });
    if (before.size() >= rule.least) {
      values.clear();
      for (const auto& one : before) values.push_back(one.value);
      const auto middle = median(values);
      for (auto& one : values) one = std::abs(one - middle);
      const auto spread =
          std::max({median(values), kNormal * rule.least_spread * std::abs(middle), kTiny});
      const auto score = kNormal * (point.value - middle) / spread;
      if (std::abs(score) >= rule.threshold)
        out.push_back({.point = point, .expected = middle, .score = score});
    }
    before.push_back(point);
  }
  return out;
}

}  // namespace telltale::series
