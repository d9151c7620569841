// Reading one series: its points or rollups in a range of time, from the disk and from memory
// together, each exactly once. Blocking pool.
#pragma once

#include <functional>

#include "series/engine.hpp"

namespace telltale::series {

using OnPoint = std::function<void(const Point&)>;
using OnRollup = std::function<void(const Rollup&)>;

// By time.
base::Result<std::vector<Point>> read_points(store::Connection& db, const Entry& entry, Span span);
// Windows of that level; of a point alone where the range begins or ends within a window.
base::Result<void> read_rollups(store::Connection& db, const Entry& entry, Span span,
                                std::size_t level, bool with_sketches, const OnRollup& on_rollup);

}  // namespace telltale::series
