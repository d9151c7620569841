#include "lab/bench/compare.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

namespace telltale::lab {
namespace {

constexpr double kConfidence = 0.95;

std::string percent(double ratio) {
  return fmt::format("{:+.1f} %", (ratio - 1) * 100);
}

}  // namespace

std::string_view speed_name(Speed speed) noexcept {
  switch (speed) {
    case Speed::faster:
      return "faster";
    case Speed::slower:
      return "slower";
    case Speed::cannot_tell:
      return "cannot tell";
  }
  return "cannot tell";
}

Comparison compare(std::span<const double> a, std::span<const double> b, double least) {
  std::vector<double> logs;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (a[i] > 0 && b[i] > 0 && std::isfinite(a[i]) && std::isfinite(b[i]))
      logs.push_back(std::log(b[i] / a[i]));
  Comparison out{.pairs = logs.size()};
  if (logs.empty()) {
    out.why = "nothing was measured";
    return out;
  }
  const auto n = static_cast<double>(logs.size());
  double mean = 0;
  for (const double value : logs) mean += value / n;
  out.ratio = std::exp(mean);
  if (logs.size() < kLeastPairs) {
    out.low = 0;
    out.high = std::numeric_limits<double>::infinity();
    out.why = fmt::format("{} pairs of rounds tell nothing: at least {} are needed", logs.size(),
                          kLeastPairs);
    return out;
  }
  double squares = 0;
  for (const double value : logs) squares += (value - mean) * (value - mean);
  const double error = std::sqrt(squares / (n - 1) / n);
  const boost::math::students_t distribution(n - 1);
  const double reach =
      boost::math::quantile(boost::math::complement(distribution, (1 - kConfidence) / 2)) * error;
  out.low = std::exp(mean - reach);
  out.high = std::exp(mean + reach);
  const auto interval = fmt::format("{} (95 % confidence: {} to {}, {} pairs)", percent(out.ratio),
                                    percent(out.low), percent(out.high), logs.size());
  if (out.high < 1 - least) {
    out.speed = Speed::faster;
    out.why = "less time: " + interval;
  } else if (out.low > 1 + least) {
    out.speed = Speed::slower;
    out.why = "more time: " + interval;
  } else if (out.low >= 1 - least && out.high <= 1 + least) {
    out.why = fmt::format("no difference of {:.1f} % or more: {}", least * 100, interval);
  } else {
    out.why = "the interval reaches both ways, more rounds may tell: " + interval;
  }
  return out;
}

}  // namespace telltale::lab
