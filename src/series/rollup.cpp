#include "series/rollup.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>
#include <optional>

#include "series/bits.hpp"
#include "series/decimal.hpp"

namespace telltale::series {
namespace {

constexpr std::size_t kRollupsRead = 65'536;

// What needs no writing.
enum Flag : std::uint8_t {
  kSameValue = 1,  // least and greatest are the last, so are all: no sketch
  kPlainSum = 2,   // the sum is count times that
  kNoIncrease = 4,
  kIncreaseIsStep = 8,  // from the last of the one before to the last here
  kPacked = 16,         // decimals where they can be, and a sketch in bits; without: as at first
  kSameTimes = 32,      // as far from the one before, as old a last point and as many as that has
};
constexpr std::uint8_t kDoubles = 7;  // instead of the number of digits
constexpr unsigned kDigitsBits = 3;   // above them in their byte: how often 2 divides the numbers
constexpr unsigned kHalvingsMax = 31;

// What the next one is written in terms of.
struct Before {
  std::int64_t start_ms = 0;
  std::uint64_t step = 0;
  std::uint64_t age = 0;
  std::uint64_t count = 0;
  double last = 0;
};

// Bytes that are not zero, and how many zeros are before them.
void put_double(std::string& out, double value, double near) {
  const auto bits = std::bit_cast<std::uint64_t>(value) ^ std::bit_cast<std::uint64_t>(near);
  if (bits == 0) return out.push_back(0);
  const auto leading = static_cast<unsigned>(std::countl_zero(bits)) / 8;
  const auto trailing = static_cast<unsigned>(std::countr_zero(bits)) / 8;
  const auto length = 8 - leading - trailing;
  out.push_back(static_cast<char>(leading << 4U | length));
  for (unsigned i = 0; i < length; ++i)
    out.push_back(static_cast<char>(bits >> (8 * (7 - leading - i))));
}

bool take_double(std::string_view& from, double near, double& value) {
  if (from.empty()) return false;
  const auto head = static_cast<std::uint8_t>(from.front());
  from.remove_prefix(1);
  const unsigned leading = head >> 4U;
  const unsigned length = head & 15U;
  if (leading + length > 8 || from.size() < length) return false;
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < length; ++i)
    bits |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(from[i]))
            << (8 * (7 - leading - i));
  from.remove_prefix(length);
  value = std::bit_cast<double>(bits ^ std::bit_cast<std::uint64_t>(near));
  return true;
}

std::uint64_t difference(std::int64_t a, std::int64_t b) noexcept {  // wraps, as sums of it do
  return static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b);
}
std::int64_t sum_of(std::int64_t a, std::uint64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + b);
}

// A rollup's numbers as whole ones of 10^-digits.
struct Wholes {
  int digits = 0;
  unsigned halvings = 0;  // they were, so that what is counted in pages is small
  std::int64_t last = 0, minimum = 0, maximum = 0, sum = 0, increase = 0;
};

unsigned common_halvings(std::initializer_list<std::int64_t> numbers) {
  unsigned out = kHalvingsMax;
  for (const auto one : numbers)
    out = std::min(out, static_cast<unsigned>(std::countr_zero(static_cast<std::uint64_t>(one))));
  return out;
}

// Sums of decimals are off in their last bits: the decimal they stand for is nearer to the truth.
std::optional<std::int64_t> nearly_whole(double value, int digits) {
  const double scaled = std::nearbyint(value * kPowers[static_cast<std::size_t>(digits)]);
  if (!(std::abs(scaled) < kWholeMax)) return std::nullopt;
  const auto number = static_cast<std::int64_t>(scaled);
  if (std::abs(from_whole(number, digits) - value) > std::abs(value) * 0x1p-46) return std::nullopt;
  return number;
}

std::optional<Wholes> wholes_of(const Rollup& rollup) {
  for (int digits = 0; digits <= kDigitsMax; ++digits) {
    const auto last = whole(rollup.last, digits);
    const auto minimum = whole(rollup.minimum, digits);
    const auto maximum = whole(rollup.maximum, digits);
    if (!last || !minimum || !maximum) continue;
    const auto sum = nearly_whole(rollup.sum, digits);
    const auto increase = nearly_whole(rollup.increase, digits);
    const bool small =
        std::abs(static_cast<double>(*last)) * static_cast<double>(rollup.count) < kWholeMax;
    if (!sum || !increase || !small || *minimum > *last || *maximum < *last) return std::nullopt;
    const auto halvings = common_halvings({*last, *minimum, *maximum, *sum, *increase});
    return Wholes{digits,
                  halvings,
                  *last >> halvings,
                  *minimum >> halvings,
                  *maximum >> halvings,
                  *sum >> halvings,
                  *increase >> halvings};
  }
  return std::nullopt;
}

// The last of the one before, which may have had other digits.
std::int64_t base_of(double before, int digits, unsigned halvings) {
  return whole(before, digits).value_or(0) >> halvings;
}

void put_numbers(std::string& out, const Rollup& rollup, std::uint8_t flags, double before) {
  const auto plain = rollup.last * static_cast<double>(rollup.count);
  const bool with_increase = (flags & (kNoIncrease | kIncreaseIsStep)) == 0;
  if (const auto numbers = wholes_of(rollup)) {
    out.push_back(static_cast<char>(static_cast<unsigned>(numbers->digits) | numbers->halvings
                                                                                 << kDigitsBits));
    put_varint(out, zigzag(numbers->last - base_of(before, numbers->digits, numbers->halvings)));
    if ((flags & kSameValue) == 0) {
      put_varint(out, difference(numbers->last, numbers->minimum));
      put_varint(out, difference(numbers->maximum, numbers->last));
    }
    if ((flags & kPlainSum) == 0)
      put_varint(out,
                 zigzag(numbers->sum - numbers->last * static_cast<std::int64_t>(rollup.count)));
    if (with_increase) put_varint(out, zigzag(numbers->increase));
    return;
  }
  out.push_back(static_cast<char>(kDoubles));
  put_double(out, rollup.last, before);
  if ((flags & kSameValue) == 0) {
    put_double(out, rollup.minimum, rollup.last);
    put_double(out, rollup.maximum, rollup.last);
  }
  if ((flags & kPlainSum) == 0) put_double(out, rollup.sum, plain);
  if (with_increase) put_double(out, rollup.increase, rollup.last);
}

bool take_doubles(std::string_view& from, std::uint8_t flags, double before, Rollup& out) {
  if (!take_double(from, before, out.last)) return false;
  out.minimum = out.maximum = out.last;
  if ((flags & kSameValue) == 0 &&
      (!take_double(from, out.last, out.minimum) || !take_double(from, out.last, out.maximum)))
    return false;
  out.sum = out.last * static_cast<double>(out.count);
  if ((flags & kPlainSum) == 0 && !take_double(from, out.sum, out.sum)) return false;
  return (flags & (kNoIncrease | kIncreaseIsStep)) != 0 ||
         take_double(from, out.last, out.increase);
}

bool take_wholes(std::string_view& from, std::uint8_t flags, unsigned head, double before,
                 Rollup& out) {
  const auto digits = static_cast<int>(head & ((1U << kDigitsBits) - 1));
  const auto halvings = head >> kDigitsBits;
  const auto number = [&](std::uint64_t halved) {
    return from_whole(static_cast<std::int64_t>(halved << halvings), digits);
  };
  const auto take = [&](std::uint64_t& value) {
    if (!take_varint(from, value)) return false;
    value = static_cast<std::uint64_t>(unzigzag(value));
    return true;
  };
  std::uint64_t last = 0;
  if (!take(last)) return false;
  last += static_cast<std::uint64_t>(base_of(before, digits, halvings));
  out.minimum = out.maximum = out.last = number(last);
  std::uint64_t below = 0;
  std::uint64_t above = 0;
  if ((flags & kSameValue) == 0) {
    if (!take_varint(from, below) || !take_varint(from, above)) return false;
    out.minimum = number(last - below);
    out.maximum = number(last + above);
  }
  out.sum = out.last * static_cast<double>(out.count);
  std::uint64_t more = 0;
  if ((flags & kPlainSum) == 0) {
    if (!take(more)) return false;
    out.sum = number(last * out.count + more);
  }
  if ((flags & (kNoIncrease | kIncreaseIsStep)) != 0) return true;
  if (!take(more)) return false;
  out.increase = number(more);
  return true;
}

bool take_times(std::string_view& from, std::uint8_t flags, Before& before, Rollup& out) {
  if ((flags & kSameTimes) == 0 &&
      (!take_varint(from, before.step) || !take_varint(from, before.age) ||
       !take_varint(from, before.count)))
    return false;
  if (before.count == 0 || before.count >> 50U != 0) return false;
  out.count = before.count;
  out.start_ms = before.start_ms =
      sum_of(before.start_ms, static_cast<std::uint64_t>(unzigzag(before.step)));
  out.last_ms = sum_of(out.start_ms, before.age);
  return true;
}

bool take_rollup(std::string_view& from, Rollup& out, Before& before) {
  if (from.empty()) return false;
  const auto flags = static_cast<std::uint8_t>(from.front());
  from.remove_prefix(1);
  if (!take_times(from, flags, before, out)) return false;
  unsigned head = kDoubles;
  if ((flags & kPacked) != 0) {
    if (from.empty()) return false;
    head = static_cast<std::uint8_t>(from.front());
    from.remove_prefix(1);
  }
  const bool taken = (head & kDoubles) == kDoubles
                         ? take_doubles(from, flags, before.last, out)
                         : take_wholes(from, flags, head, before.last, out);
  if (!taken) return false;
  if ((flags & kIncreaseIsStep) != 0) out.increase = growth(before.last, out.last);
  before.last = out.last;
  return true;
}

bool is_same(const Rollup& rollup) {
  return rollup.minimum == rollup.maximum && rollup.last == rollup.minimum &&
         std::signbit(rollup.last) == std::signbit(rollup.minimum);
}

}  // namespace

void Rollup::add(Point point, double grown) {
  ++count;
  sum += point.value;
  minimum = std::min(minimum, point.value);
  maximum = std::max(maximum, point.value);
  if (point.time_ms >= last_ms) {
    last = point.value;
    last_ms = point.time_ms;
  }
  increase += grown;
  sketch.add(point.value);
}

void Rollup::merge(const Rollup& other) {
  merge_numbers(other);
  sketch.merge(other.sketch);
}

void Rollup::merge_numbers(const Rollup& other) {
  if (other.count == 0) return;
  count += other.count;
  sum += other.sum;
  minimum = std::min(minimum, other.minimum);
  maximum = std::max(maximum, other.maximum);
  if (other.last_ms >= last_ms) {
    last = other.last;
    last_ms = other.last_ms;
  }
  increase += other.increase;
}

void RollupBlock::append(const Rollup& rollup) {
  std::uint8_t flags = kPacked;
  if (is_same(rollup)) flags |= kSameValue;
  if (rollup.sum == rollup.last * static_cast<double>(rollup.count)) flags |= kPlainSum;
  if (rollup.increase == 0)
    flags |= kNoIncrease;
  else if (rollup.increase == growth(before_, rollup.last))
    flags |= kIncreaseIsStep;
  const auto step = zigzag(static_cast<std::int64_t>(difference(rollup.start_ms, before_ms_)));
  const auto age = difference(rollup.last_ms, rollup.start_ms);
  if (count_ > 0 && step == step_ && age == age_ && rollup.count == count_before_)
    flags |= kSameTimes;
  bytes_.push_back(static_cast<char>(flags));
  if ((flags & kSameTimes) == 0) {
    put_varint(bytes_, step);
    put_varint(bytes_, age);
    put_varint(bytes_, rollup.count);
  }
  put_numbers(bytes_, rollup, flags, before_);
  if ((flags & kSameValue) == 0) {
    std::string sketch;
    rollup.sketch.write(sketch);
    put_varint(bytes_, sketch.size());
    bytes_ += sketch;
  }
  first_ms_ = count_ == 0 ? rollup.start_ms : std::min(first_ms_, rollup.start_ms);
  newest_ms_ = count_ == 0 ? rollup.start_ms : std::max(newest_ms_, rollup.start_ms);
  before_ms_ = rollup.start_ms;
  before_ = rollup.last;
  step_ = step;
  age_ = age;
  count_before_ = rollup.count;
  ++count_;
}

base::Result<void> each_rollup(std::string_view bytes, bool with_sketches,
                               const std::function<void(const Rollup&)>& take) {
  const auto broken = [] {
    return base::fail(base::Code::storage, "a block of rollups is broken");
  };
  Rollup one;
  Before before;
  for (std::size_t count = 0; !bytes.empty(); ++count) {
    if (count == kRollupsRead) return broken();
    const auto flags = static_cast<std::uint8_t>(bytes.front());
    one.increase = 0;
    if (!take_rollup(bytes, one, before)) return broken();
    if ((flags & kSameValue) != 0) {
      one.sketch.clear();
      if (with_sketches) one.sketch.add(one.last, one.count);
      take(one);
      continue;
    }
    std::uint64_t size = 0;
    if (!take_varint(bytes, size) || size > bytes.size()) return broken();
    auto sketch = bytes.substr(0, size);
    bytes.remove_prefix(size);
    if (with_sketches) {
      const bool read = (flags & kPacked) != 0 ? Sketch::read(sketch, one.sketch)
                                               : Sketch::read_varints(sketch, one.sketch);
      if (!read || !sketch.empty()) return broken();
    }
    take(one);
  }
  return {};
}

base::Result<std::vector<Rollup>> decode_rollups(std::string_view bytes, bool with_sketches) {
  std::vector<Rollup> out;
  auto read =
      each_rollup(bytes, with_sketches, [&](const Rollup& rollup) { out.push_back(rollup); });
  if (!read) return std::unexpected(read.error());
  return out;
}

}  // namespace telltale::series
