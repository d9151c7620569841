// Query: figures of selected series over a range of time, from points or from the coarsest rollups
// that give the same answer. Each value covers [time + step - range, time + step) and is labelled
// with the time its step begins; steps are whole multiples of their width since 1970. Runs on the
// blocking pool, on one connection of the store; series go on growing meanwhile.
#pragma once

#include <cmath>

#include "series/engine.hpp"
#include "series/expression.hpp"

namespace telltale::series {

struct Query {
  std::vector<EntryPtr> entries;
  Function function = Function::avg;
  double quantile = 0;
  Span span;
  std::int64_t step_ms = 0;
  std::int64_t range_ms = 0;
  std::optional<std::vector<std::string>> by;  // none: each series by itself
};

struct Curve {
  std::string name;
  LabelList labels;
  std::vector<Point> points;
};

struct Answer {
  std::vector<Curve> curves;
  std::size_t level = 0;  // what it was read from
};

struct Figures {  // of a whole range at once
  std::string name;
  LabelList labels;
  Rollup total;
};

struct Raw {
  EntryPtr entry;
  Point point;
};

constexpr std::size_t kStepsMax = 11'000;
constexpr std::size_t kCurvesMax = 2'000;
constexpr std::size_t kCellsMax = 2'000'000;  // steps of all curves

// The coarsest whose windows fit into steps and ranges.
std::size_t level_for(std::int64_t step_ms, std::int64_t range_ms) noexcept;
// A step for a chart: about 300 of them, of a width that people use.
std::int64_t step_for(std::int64_t span_ms) noexcept;

base::Result<Answer> run_query(store::Connection& db, const Query& query);
base::Result<std::vector<Figures>> summarize(store::Connection& db,
                                             const std::vector<EntryPtr>& entries, Span span,
                                             const std::optional<std::vector<std::string>>& by);
// The newest points first, at most `limit` of them.
base::Result<std::vector<Raw>> newest_points(store::Connection& db,
                                             const std::vector<EntryPtr>& entries, Span span,
                                             std::size_t limit);

}  // namespace telltale::series
