// Transmission and stream sequence numbers that wrap (RFC 9260 section 1.6) made numbers that do
// not: the one place that knows about wrapping. A wire value is taken as the nearest to a
// reference; references begin one full circle up, so that nothing goes below zero.
#pragma once

#include <cstdint>

namespace telltale::rtc::sctp {

using Tsn = std::uint64_t;  // unwrapped
using Ssn = std::uint64_t;  // unwrapped

constexpr Tsn first_tsn(std::uint32_t wire) noexcept {
  return (std::uint64_t{1} << 32U) + wire;
}
constexpr Tsn unwrap_tsn(Tsn reference, std::uint32_t wire) noexcept {
  const auto step = static_cast<std::int32_t>(wire - static_cast<std::uint32_t>(reference));
  return reference + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
}
constexpr std::uint32_t wire_tsn(Tsn tsn) noexcept {
  return static_cast<std::uint32_t>(tsn);
}

inline constexpr Ssn kFirstSsn = std::uint64_t{1} << 16U;
constexpr Ssn unwrap_ssn(Ssn reference, std::uint16_t wire) noexcept {
  const auto step = static_cast<std::int16_t>(
      static_cast<std::uint16_t>(wire - static_cast<std::uint16_t>(reference)));
  return reference + static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
}

}  // namespace telltale::rtc::sctp
