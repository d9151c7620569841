#include "series/block.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>

#include "series/decimal.hpp"

namespace telltale::series {
namespace {

enum class Form : char { gorilla = 1, decimal = 2, fixed = 3 };

// Signed numbers by the size they have: a prefix of ones, closed by a zero, then so many bits.
constexpr std::array<unsigned, 5> kTimeBits{4, 8, 12, 20, 64};
constexpr std::array<unsigned, 7> kNumberBits{3, 6, 10, 14, 20, 32, 64};
constexpr unsigned kWidthBits = 6;  // up to 63: whole numbers are below 2^50

template <std::size_t N>
void put_sized(BitWriter& bits, std::uint64_t value, const std::array<unsigned, N>& sizes) {
  if (value == 0) return bits.put(0, 1);
  for (std::size_t i = 0; i < N; ++i) {
    const bool last = i + 1 == N;
    if (!last && value >> sizes[i] != 0) continue;
    const auto ones = static_cast<unsigned>(i + 1);
    if (last)
      bits.put(~std::uint64_t{0}, ones);
    else
      bits.put(~std::uint64_t{0} << 1U, ones + 1);
    return bits.put(value, sizes[i]);
  }
}

template <std::size_t N>
std::uint64_t take_sized(BitReader& bits, const std::array<unsigned, N>& sizes) {
  const auto ones = bits.ones(N);
  return ones == 0 ? 0 : bits.take(sizes[ones - 1]);
}

std::uint64_t difference(std::int64_t a, std::int64_t b) noexcept {  // wraps, as sums of it do
  return static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b);
}

// Times of either form.
class TimeReader {
 public:
  std::int64_t next(BitReader& bits) {
    if (first_) {
      first_ = false;
      time_ = bits.take(64);
    } else {
      delta_ += static_cast<std::uint64_t>(unzigzag(take_sized(bits, kTimeBits)));
      time_ += delta_;
    }
    return static_cast<std::int64_t>(time_);
  }

 private:
  bool first_ = true;
  std::uint64_t time_ = 0;
  std::uint64_t delta_ = 0;
};

std::string with_head(Form form, std::size_t count, std::string bits) {
  std::string out(1, static_cast<char>(form));
  put_varint(out, count);
  return out + bits;
}

// The values as whole numbers of 10^-digits, if each is one exactly.
std::optional<std::vector<std::int64_t>> all_whole(std::span<const Point> points, int digits) {
  std::vector<std::int64_t> out;
  out.reserve(points.size());
  for (const auto& point : points) {
    const auto number = whole(point.value, digits);
    if (!number) return std::nullopt;
    out.push_back(*number);
  }
  return out;
}

struct Decimals {
  int digits = 0;
  std::vector<std::int64_t> numbers;
};

std::optional<Decimals> decimals_of(std::span<const Point> points) {
  if (points.empty()) return std::nullopt;
  for (int digits = 0; digits <= kDigitsMax; ++digits)
    if (auto numbers = all_whole(points, digits)) return Decimals{digits, std::move(*numbers)};
  return std::nullopt;
}

// The times of either of the next two.
class TimeWriter {
 public:
  void put(BitWriter& bits, std::int64_t time_ms) {
    if (first_) {
      first_ = false;
      bits.put(static_cast<std::uint64_t>(time_ms), 64);
    } else {
      const auto now = difference(time_ms, before_);
      put_sized(bits, zigzag(static_cast<std::int64_t>(now - delta_)), kTimeBits);
      delta_ = now;
    }
    before_ = time_ms;
  }

 private:
  bool first_ = true;
  std::int64_t before_ = 0;
  std::uint64_t delta_ = 0;
};

// Each number's difference, or second difference, by the size it has: for what mostly stays or
// grows evenly.
std::string sized(std::span<const Point> points, const Decimals& of, bool second) {
  BitWriter bits;
  bits.put(static_cast<std::uint64_t>(of.digits), 3);
  bits.put(second ? 1 : 0, 1);
  TimeWriter times;
  std::uint64_t delta = 0;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    times.put(bits, points[i].time_ms);
    const auto now = difference(of.numbers[i], last);
    put_sized(bits, zigzag(static_cast<std::int64_t>(second ? now - delta : now)), kNumberBits);
    delta = now;
    last = of.numbers[i];
  }
  return with_head(Form::decimal, points.size(), bits.bytes());
}

// The numbers, or the differences after the first, as so many bits each above the least of them, in
// units of what divides them all: for what jumps about in a range.
std::string fixed(std::span<const Point> points, const Decimals& of, bool differences) {
  std::vector<std::int64_t> numbers = of.numbers;
  if (differences) std::adjacent_difference(numbers.begin(), numbers.end(), numbers.begin());
  const std::span coded(numbers.begin() + (differences ? 1 : 0), numbers.end());
  const auto least = coded.empty() ? 0 : *std::ranges::min_element(coded);  // of one point
  std::uint64_t unit = 0;
  for (const auto one : coded) unit = std::gcd(unit, difference(one, least));
  unit = std::max<std::uint64_t>(unit, 1);
  std::uint64_t most = 0;
  for (const auto one : coded) most = std::max(most, difference(one, least) / unit);
  const auto width = static_cast<unsigned>(std::bit_width(most));
  BitWriter bits;
  bits.put(static_cast<std::uint64_t>(of.digits), 3);
  bits.put(differences ? 1 : 0, 1);
  put_sized(bits, zigzag(differences ? numbers.front() : 0), kNumberBits);
  put_sized(bits, zigzag(least), kNumberBits);
  put_gamma(bits, unit);
  bits.put(width, kWidthBits);
  TimeWriter times;
  for (std::size_t i = 0; i < points.size(); ++i) {
    times.put(bits, points[i].time_ms);
    if (width > 0 && (!differences || i > 0)) bits.put(difference(numbers[i], least) / unit, width);
  }
  return with_head(Form::fixed, points.size(), bits.bytes());
}

bool decode_gorilla(BitReader& bits, std::size_t count, std::vector<Point>& out) {
  TimeReader times;
  std::uint64_t value = 0;
  unsigned leading = 0;
  unsigned length = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto time = times.next(bits);
    if (i == 0) {
      value = bits.take(64);
    } else if (bits.take(1) == 1) {
      if (bits.take(1) == 1) {
        leading = static_cast<unsigned>(bits.take(5));
        length = static_cast<unsigned>(bits.take(6)) + 1;
      }
      if (length == 0 || leading + length > 64) return false;
      value ^= bits.take(length) << (64 - leading - length);
    }
    if (bits.failed()) return false;
    out.push_back({time, std::bit_cast<double>(value)});
  }
  return true;
}

bool decode_decimal(BitReader& bits, std::size_t count, std::vector<Point>& out) {
  const auto digits = static_cast<int>(bits.take(3));
  const bool second = bits.take(1) == 1;
  if (digits > kDigitsMax) return false;
  TimeReader times;
  std::uint64_t number = 0;
  std::uint64_t delta = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto time = times.next(bits);
    const auto step = static_cast<std::uint64_t>(unzigzag(take_sized(bits, kNumberBits)));
    delta = second ? delta + step : step;
    number += delta;
    if (bits.failed()) return false;
    out.push_back({time, from_whole(static_cast<std::int64_t>(number), digits)});
  }
  return true;
}

bool decode_fixed(BitReader& bits, std::size_t count, std::vector<Point>& out) {
  const auto digits = static_cast<int>(bits.take(3));
  const bool differences = bits.take(1) == 1;
  const auto first = static_cast<std::uint64_t>(unzigzag(take_sized(bits, kNumberBits)));
  const auto least = static_cast<std::uint64_t>(unzigzag(take_sized(bits, kNumberBits)));
  const auto unit = take_gamma(bits);
  const auto width = static_cast<unsigned>(bits.take(kWidthBits));
  if (bits.failed() || digits > kDigitsMax) return false;
  TimeReader times;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto time = times.next(bits);
    if (differences && i == 0) {
      number = first;
    } else {
      const auto coded = least + bits.take(width) * unit;
      number = differences ? number + coded : coded;
    }
    if (bits.failed()) return false;
    out.push_back({time, from_whole(static_cast<std::int64_t>(number), digits)});
  }
  return true;
}

}  // namespace

void BlockWriter::append(Point point) {
  put_time(point.time_ms);
  put_value(point.value);
  ++count_;
}

void BlockWriter::put_time(std::int64_t time_ms) {
  if (count_ == 0) {
    bits_.put(static_cast<std::uint64_t>(time_ms), 64);
    first_ms_ = time_ms;
  } else {
    const auto delta = difference(time_ms, last_ms_);
    put_sized(bits_, zigzag(static_cast<std::int64_t>(delta - delta_)), kTimeBits);
    delta_ = delta;
  }
  last_ms_ = time_ms;
}

void BlockWriter::put_value(double value) {
  const auto now = std::bit_cast<std::uint64_t>(value);
  const auto changed = now ^ value_;
  value_ = now;
  if (count_ == 0) return bits_.put(now, 64);
  if (changed == 0) return bits_.put(0, 1);
  const auto leading = std::min(static_cast<unsigned>(std::countl_zero(changed)), 31U);
  const auto trailing = static_cast<unsigned>(std::countr_zero(changed));
  if (leading_ <= leading && trailing_ <= trailing) {  // fits into the window of the last
    bits_.put(0b10, 2);
    return bits_.put(changed >> trailing_, 64 - leading_ - trailing_);
  }
  leading_ = leading;
  trailing_ = trailing;
  const auto length = 64 - leading - trailing;
  bits_.put(0b11, 2);
  bits_.put(leading, 5);
  bits_.put(length - 1, 6);
  bits_.put(changed >> trailing, length);
}

std::string BlockWriter::bytes() const {
  return with_head(Form::gorilla, count_, bits_.bytes());
}

std::string pack_block(std::span<const Point> points) {
  BlockWriter plain;
  for (const auto& point : points) plain.append(point);
  auto out = plain.bytes();
  const auto decimals = decimals_of(points);
  if (!decimals) return out;
  for (auto other : {sized(points, *decimals, false), sized(points, *decimals, true),
                     fixed(points, *decimals, false), fixed(points, *decimals, true)})
    if (other.size() < out.size()) out = std::move(other);
  return out;
}

base::Result<std::vector<Point>> decode_block(std::string_view bytes) {
  const auto broken = [] { return base::fail(base::Code::storage, "a block of points is broken"); };
  if (bytes.empty()) return broken();
  const auto form = static_cast<Form>(bytes.front());
  bytes.remove_prefix(1);
  std::uint64_t count = 0;
  if (!take_varint(bytes, count) || count > kBlockPointsRead || count > bytes.size() * 8 + 1)
    return broken();
  std::vector<Point> out;
  out.reserve(count);
  BitReader bits(bytes);
  const bool whole = form == Form::gorilla   ? decode_gorilla(bits, count, out)
                     : form == Form::decimal ? decode_decimal(bits, count, out)
                     : form == Form::fixed   ? decode_fixed(bits, count, out)
                                             : false;
  if (!whole) return broken();
  return out;
}

}  // namespace telltale::series
