// Rollup: what is kept of the points of one window of time: count, sum, least, greatest, last, by
// how much a counter grew, and a sketch for quantiles. Two rollups merge into that of both, of one
// series over time or of several series; so a late point is simply one more rollup of its window.
// RollupBlock is a list of them as bytes, written as they come. Not thread-safe.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "series/point.hpp"
#include "series/sketch.hpp"

namespace telltale::series {

struct Rollup {
  std::int64_t start_ms = 0;
  std::uint64_t count = 0;
  double sum = 0;
  double minimum = std::numeric_limits<double>::infinity();
  double maximum = -std::numeric_limits<double>::infinity();
  double last = 0;
  std::int64_t last_ms = std::numeric_limits<std::int64_t>::min();
  double increase = 0;  // of a counter, from the point before to the last one here
  Sketch sketch;

  // `grown`: by how much the counter grew since the point before.
  void add(Point point, double grown);
  void merge(const Rollup& other);
  void merge_numbers(const Rollup& other);  // all but the sketch
  double average() const noexcept { return sum / static_cast<double>(count); }
};

// A counter that is lower than before began anew.
inline double growth(double before, double now) noexcept {
  return now >= before ? now - before : now;
}

class RollupBlock {
 public:
  void append(const Rollup& rollup);
  std::size_t count() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  std::int64_t first_ms() const noexcept { return first_ms_; }  // the earliest start
  std::int64_t last_ms() const noexcept { return newest_ms_; }  // the latest start
  const std::string& bytes() const noexcept { return bytes_; }

 private:
  std::string bytes_;
  std::size_t count_ = 0;
  std::int64_t first_ms_ = 0;
  std::int64_t newest_ms_ = 0;
  std::int64_t before_ms_ = 0;
  double before_ = 0;  // the last value of the one before
  std::uint64_t step_ = 0, age_ = 0, count_before_ = 0;
};

// Any bytes; what is given is the same object each time, so that a month of minutes costs no
// allocation each. `with_sketches` false skips them, for what needs none.
base::Result<void> each_rollup(std::string_view bytes, bool with_sketches,
                               const std::function<void(const Rollup&)>& take);
base::Result<std::vector<Rollup>> decode_rollups(std::string_view bytes, bool with_sketches);

}  // namespace telltale::series
