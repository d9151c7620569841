// Lengths of time as options give them: a number of seconds or milliseconds, rounded towards zero
// to a nanosecond. The number is within what an option may be (±9e9 s); beyond it the result is
// undefined.
#pragma once

#include "base/clock.hpp"

namespace telltale::base {

constexpr Duration from_seconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}
constexpr Duration from_ms(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(value));
}

}  // namespace telltale::base
