#include "lab/compare/speed.hpp"

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

namespace {

std::vector<double> logs_of(std::span<const double> values) {
  std::vector<double> out;
  for (const double value : values)
    if (value > 0 && std::isfinite(value)) out.push_back(std::log(value));
  return out;
}

struct Moments {
  double n = 0, mean = 0, variance = 0;  // of a sample
};

Moments moments_of(const std::vector<double>& values) {
  Moments out{.n = static_cast<double>(values.size())};
  for (const double value : values) out.mean += value / out.n;
  for (const double value : values)
    out.variance += (value - out.mean) * (value - out.mean) / (out.n - 1);
  return out;
}

Comparison too_few(std::size_t pairs, double log_ratio) {
  return {.pairs = pairs,
          .ratio = std::exp(log_ratio),
          .low = 0,
          .high = std::numeric_limits<double>::infinity(),
          .why = fmt::format("{} rounds tell nothing: at least {} are needed", pairs, kLeastPairs)};
}

// The verdict on a difference of logs with its standard error.
Comparison judge(std::size_t pairs, double mean, double error, double freedom, double least) {
  Comparison out{.pairs = pairs, .ratio = std::exp(mean)};
  double reach = 0;
  if (error > 0) {
    const boost::math::students_t distribution(freedom);
    reach =
        boost::math::quantile(boost::math::complement(distribution, (1 - kConfidence) / 2)) * error;
  }
  out.low = std::exp(mean - reach);
  out.high = std::exp(mean + reach);
  const auto interval = fmt::format("{} (95 % confidence: {} to {}, {} rounds)", percent(out.ratio),
                                    percent(out.low), percent(out.high), pairs);
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

}  // namespace

Comparison compare(std::span<const double> a, std::span<const double> b, double least) {
  std::vector<double> logs;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (a[i] > 0 && b[i] > 0 && std::isfinite(a[i]) && std::isfinite(b[i]))
      logs.push_back(std::log(b[i] / a[i]));
  if (logs.empty()) return {.why = "nothing was measured"};
  const auto all = moments_of(logs);
  if (logs.size() < kLeastPairs) return too_few(logs.size(), all.mean);
  return judge(logs.size(), all.mean, std::sqrt(all.variance / all.n), all.n - 1, least);
}

Comparison compare_apart(std::span<const double> a, std::span<const double> b, double least) {
  const auto first = logs_of(a);
  const auto second = logs_of(b);
  if (first.empty() || second.empty()) return {.why = "nothing was measured"};
  const auto one = moments_of(first);
  const auto other = moments_of(second);
  const auto rounds = std::min(first.size(), second.size());
  if (rounds < kLeastPairs) return too_few(rounds, other.mean - one.mean);
  const double p = one.variance / one.n;
  const double q = other.variance / other.n;
  // Welch–Satterthwaite
  const double freedom =
      p + q > 0 ? (p + q) * (p + q) / (p * p / (one.n - 1) + q * q / (other.n - 1)) : 1;
  return judge(rounds, other.mean - one.mean, std::sqrt(p + q), freedom, least);
}

}  // namespace telltale::lab
