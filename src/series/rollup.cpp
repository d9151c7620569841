#include "series/rollup.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "series/bits.hpp"

namespace telltale::series {
namespace {

constexpr std::size_t kRollupsRead = 65'536;

// What needs no writing.
enum Flag : std::uint8_t {
  kSameValue = 1,  // least and greatest are the last, so are all: no sketch
  kPlainSum = 2,   // the sum is count times that
  kNoIncrease = 4,
  kIncreaseIsStep = 8,  // from the last of the one before to the last here
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

bool take_rollup(std::string_view& from, Rollup& out, std::int64_t& before_ms, double& before) {
  std::uint64_t step = 0;
  std::uint64_t age = 0;
  if (from.empty()) return false;
  const auto flags = static_cast<std::uint8_t>(from.front());
  from.remove_prefix(1);
  if (!take_varint(from, step) || !take_varint(from, age) || !take_varint(from, out.count) ||
      out.count == 0 || out.count >> 50U != 0 || !take_double(from, before, out.last))
    return false;
  const auto add = [](std::int64_t a, std::uint64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + b);
  };
  out.start_ms = before_ms = add(before_ms, static_cast<std::uint64_t>(unzigzag(step)));
  out.last_ms = add(out.start_ms, age);
  if ((flags & kSameValue) != 0) {
    out.minimum = out.maximum = out.last;
  } else if (!take_double(from, out.last, out.minimum) ||
             !take_double(from, out.last, out.maximum)) {
    return false;
  }
  if ((flags & kPlainSum) != 0)
    out.sum = out.last * static_cast<double>(out.count);
  else if (!take_double(from, out.last * static_cast<double>(out.count), out.sum))
    return false;
  if ((flags & kIncreaseIsStep) != 0)
    out.increase = growth(before, out.last);
  else if ((flags & kNoIncrease) == 0 && !take_double(from, out.last, out.increase))
    return false;
  before = out.last;
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
  sketch.merge(other.sketch);
}

void RollupBlock::append(const Rollup& rollup) {
  std::uint8_t flags = 0;
  const auto plain = rollup.last * static_cast<double>(rollup.count);
  if (is_same(rollup)) flags |= kSameValue;
  if (rollup.sum == plain) flags |= kPlainSum;
  if (rollup.increase == 0)
    flags |= kNoIncrease;
  else if (rollup.increase == growth(before_, rollup.last))
    flags |= kIncreaseIsStep;
  bytes_.push_back(static_cast<char>(flags));
  put_varint(bytes_, zigzag(static_cast<std::int64_t>(static_cast<std::uint64_t>(rollup.start_ms) -
                                                      static_cast<std::uint64_t>(before_ms_))));
  put_varint(bytes_, static_cast<std::uint64_t>(rollup.last_ms) -
                         static_cast<std::uint64_t>(rollup.start_ms));
  put_varint(bytes_, rollup.count);
  put_double(bytes_, rollup.last, before_);
  if ((flags & kSameValue) == 0) {
    put_double(bytes_, rollup.minimum, rollup.last);
    put_double(bytes_, rollup.maximum, rollup.last);
  }
  if ((flags & kPlainSum) == 0) put_double(bytes_, rollup.sum, plain);
  if ((flags & (kNoIncrease | kIncreaseIsStep)) == 0)
    put_double(bytes_, rollup.increase, rollup.last);
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
  ++count_;
}

base::Result<std::vector<Rollup>> decode_rollups(std::string_view bytes, bool with_sketches) {
  const auto broken = [] {
    return base::fail(base::Code::storage, "a block of rollups is broken");
  };
  std::vector<Rollup> out;
  std::int64_t before_ms = 0;
  double before = 0;
  while (!bytes.empty()) {
    if (out.size() == kRollupsRead) return broken();
    const auto flags = static_cast<std::uint8_t>(bytes.front());
    auto& one = out.emplace_back();
    if (!take_rollup(bytes, one, before_ms, before)) return broken();
    if ((flags & kSameValue) != 0) {
      if (with_sketches) one.sketch.add(one.last, one.count);
      continue;
    }
    std::uint64_t size = 0;
    if (!take_varint(bytes, size) || size > bytes.size()) return broken();
    auto sketch = bytes.substr(0, size);
    bytes.remove_prefix(size);
    if (with_sketches && (!Sketch::read(sketch, one.sketch) || !sketch.empty())) return broken();
  }
  return out;
}

}  // namespace telltale::series
