// Numbers that wrap (sequence numbers of 16 bits, timestamps of 32, transport-wide numbers) made
// numbers that do not: the one place that knows about wrapping (RFC 1982 arithmetic). Each value
// is taken as the nearest to the last one; starts at the first value and may go below zero.
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

namespace telltale::rtc::rtp {

template <class Number>
class Unwrapper {
 public:
  static_assert(std::is_unsigned_v<Number>);

  std::int64_t unwrap(Number value) noexcept {
    const auto next = peek(value);
    last_ = next;
    return next;
  }
  // What unwrap would say, without learning from it.
  std::int64_t peek(Number value) const noexcept {
    if (!last_) return value;
    using Signed = std::make_signed_t<Number>;
    const auto step = static_cast<Signed>(static_cast<Number>(value - static_cast<Number>(*last_)));
    return *last_ + step;
  }
  std::optional<std::int64_t> last() const noexcept { return last_; }

 private:
  std::optional<std::int64_t> last_;
};

using SequenceUnwrapper = Unwrapper<std::uint16_t>;
using TimestampUnwrapper = Unwrapper<std::uint32_t>;

// Is `a` later than `b`, the shorter way round?
constexpr bool is_newer(std::uint16_t a, std::uint16_t b) noexcept {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b)) > 0;
}

}  // namespace telltale::rtc::rtp
