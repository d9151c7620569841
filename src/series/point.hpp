// Point: what was measured, and when. Times are milliseconds since 1970; values any double, though
// what is not finite stays out of rollups and answers.
#pragma once

#include <cstdint>

namespace telltale::series {

struct Point {
  std::int64_t time_ms = 0;
  double value = 0;
};

// [from, to) in milliseconds.
struct Span {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
};

}  // namespace telltale::series
