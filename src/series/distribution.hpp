// Distribution: how many values lie between which bounds, step by step: what a heatmap (time by
// value) and a histogram are drawn from. Counts are exact; the bounds are those of the sketches
// (Sketch::bound), so they are the same whatever was selected. Blocking pool, as a query is.
#pragma once

#include "series/query.hpp"

namespace telltale::series {

struct Distribution {
  std::int64_t first_step_ms = 0;
  std::int64_t step_ms = 0;
  std::int32_t first_bin = 0;  // of the first count of each step
  std::size_t bins = 0;        // none where nothing was above zero
  // Of each step; empty where nothing was recorded, which is not the same as nothing but zeros.
  std::vector<std::vector<std::uint64_t>> steps;
  std::uint64_t not_above_zero = 0;  // in no bin
  Rollup total;
};

constexpr std::size_t kDistributionSteps = 1'000;

base::Result<Distribution> run_distribution(store::Connection& db,
                                            const std::vector<EntryPtr>& entries, Span span,
                                            std::int64_t step_ms);

}  // namespace telltale::series
