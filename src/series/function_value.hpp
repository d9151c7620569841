// What a function makes of the points of a range: of a query's steps, and of an alert's condition.
#pragma once

#include "series/expression.hpp"
#include "series/rollup.hpp"

namespace telltale::series {

// There is at least one point; the range is so many seconds long.
double value_of(Function function, double quantile, const Rollup& total, double seconds);

}  // namespace telltale::series
