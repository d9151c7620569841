// Doubles as whole numbers of 10^-digits, as most gauges and counters are.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

namespace telltale::series {

constexpr int kDigitsMax = 6;
constexpr std::array<double, kDigitsMax + 1> kPowers{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
constexpr double kWholeMax = 1e15;  // every whole number below is a double

// The number whose quotient by 10^digits is exactly `value`, if there is one.
inline std::optional<std::int64_t> whole(double value, int digits) noexcept {
  const double power = kPowers[static_cast<std::size_t>(digits)];
  const double scaled = std::nearbyint(value * power);
  if (!(std::abs(scaled) < kWholeMax) || scaled / power != value ||
      (value == 0 && std::signbit(value)))
    return std::nullopt;
  return static_cast<std::int64_t>(scaled);
}

inline double from_whole(std::int64_t number, int digits) noexcept {
  return static_cast<double>(number) / kPowers[static_cast<std::size_t>(digits)];
}

}  // namespace telltale::series
