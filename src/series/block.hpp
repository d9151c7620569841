// Blocks of points, compressed. While it grows a block is written as Gorilla does (Pelkonen et al.,
// VLDB 2015, section 4.1): delta of deltas for times, XOR for values, a bit each when nothing
// changes; times are in milliseconds here, so the ranges of the deltas differ from the paper's. A
// block that is full is packed: where all its values are decimals of few digits, as most gauges
// and counters are, it holds whole numbers of 10^-k, these or their differences, each by its size
// or all with the same number of bits, whichever is smallest.
// Not thread-safe; owned by a Series.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "series/bits.hpp"
#include "series/point.hpp"

namespace telltale::series {

constexpr std::size_t kBlockPointsMax = 512;  // that we write
constexpr std::size_t kBlockPointsRead = 65'536;

class BlockWriter {
 public:
  void append(Point point);
  std::size_t count() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  std::int64_t first_ms() const noexcept { return first_ms_; }
  std::int64_t last_ms() const noexcept { return last_ms_; }
  std::string bytes() const;  // a block as decode_block reads it
  std::size_t size() const noexcept { return bits_.size(); }

 private:
  void put_time(std::int64_t time_ms);
  void put_value(double value);

  BitWriter bits_;
  std::size_t count_ = 0;
  std::int64_t first_ms_ = 0;
  std::int64_t last_ms_ = 0;
  std::uint64_t delta_ = 0;
  std::uint64_t value_ = 0;
  unsigned leading_ = 65;  // of the window of the last XOR; 65: there is none
  unsigned trailing_ = 0;
};

// The smallest of the forms.
std::string pack_block(std::span<const Point> points);
// Any bytes; an error where they are no block.
base::Result<std::vector<Point>> decode_block(std::string_view bytes);

}  // namespace telltale::series
