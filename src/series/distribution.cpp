#include "series/distribution.hpp"

#include <algorithm>

#include "series/reading.hpp"

namespace telltale::series {
namespace {

using Bins = std::map<std::int32_t, std::uint64_t>;

std::vector<std::uint64_t> dense(const Bins& bins, std::int32_t first, std::size_t count) {
  std::vector<std::uint64_t> out(count);
  for (const auto& [bin, times] : bins) out[static_cast<std::size_t>(bin - first)] = times;
  return out;
}

}  // namespace

base::Result<Distribution> run_distribution(store::Connection& db,
                                            const std::vector<EntryPtr>& entries, Span span,
                                            std::int64_t step_ms) {
  Distribution out{.first_step_ms = floor_to(span.from_ms, step_ms), .step_ms = step_ms};
  const auto last = floor_to(span.to_ms - 1, step_ms);
  const auto steps = static_cast<std::size_t>((last - out.first_step_ms) / step_ms) + 1;
  if (steps > kDistributionSteps)
    return base::bad_field("/step", "would be over 1000 steps of this range");
  std::vector<Rollup> cells(steps);
  for (const auto& entry : entries) {
    auto read = read_rollups(
        db, *entry, {out.first_step_ms, span.to_ms}, level_for(step_ms, step_ms), true,
        [&](const Rollup& rollup) {
          cells[static_cast<std::size_t>((rollup.start_ms - out.first_step_ms) / step_ms)].merge(
              rollup);
        });
    if (!read) return std::unexpected(read.error());
  }
  Bins all;
  std::vector<Bins> counted(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    cells[i].sketch.count_into(counted[i]);
    for (const auto& [bin, times] : counted[i]) all[bin] += times;
    out.total.merge(cells[i]);
  }
  std::uint64_t above = 0;
  for (const auto& [bin, times] : all) above += times;
  out.not_above_zero = out.total.sketch.count() - above;
  if (!all.empty()) {
    out.first_bin = all.begin()->first;
    out.bins = static_cast<std::size_t>(all.rbegin()->first - out.first_bin) + 1;
  }
  out.steps.resize(steps);
  for (std::size_t i = 0; i < steps; ++i)
    if (cells[i].count > 0) out.steps[i] = dense(counted[i], out.first_bin, out.bins);
  return out;
}

}  // namespace telltale::series
