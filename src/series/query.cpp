#include "series/query.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "series/function_value.hpp"
#include "series/reading.hpp"

namespace telltale::series {
namespace {

struct Group {
  std::string name;
  LabelList labels;
  std::vector<EntryPtr> entries;
};

// Of several names under one roof only the labels tell: the name then is a label of the group.
std::vector<Group> group(const std::vector<EntryPtr>& entries,
                         const std::optional<std::vector<std::string>>& by) {
  std::map<std::string, Group> groups;
  for (const auto& entry : entries) {
    LabelList labels;
    if (by)
      for (const auto& label : *by) labels.emplace_back(label, entry->label(label));
    else
      labels = entry->label_list();
    auto& one = groups[series_key(*entry->name, labels)];
    if (one.entries.empty()) {
      one.name = *entry->name;
      one.labels = std::move(labels);
    }
    one.entries.push_back(entry);
  }
  std::vector<Group> out;
  out.reserve(groups.size());
  for (auto& [ignored, one] : groups) out.push_back(std::move(one));
  return out;
}

// Cells as wide as the greatest common divisor of step and range; a value is the sum of some.
struct Grid {
  std::int64_t cell_ms;
  std::int64_t from_ms;  // the begin of the first cell
  std::size_t cells;
  std::size_t per_step, per_range;
  std::size_t steps;
  std::int64_t first_step_ms;

  explicit Grid(const Query& query)
      : cell_ms(std::gcd(query.step_ms, query.range_ms)),
        per_step(static_cast<std::size_t>(query.step_ms / cell_ms)),
        per_range(static_cast<std::size_t>(query.range_ms / cell_ms)),
        first_step_ms(floor_to(query.span.from_ms, query.step_ms)) {
    const auto last = floor_to(query.span.to_ms - 1, query.step_ms);
    steps = static_cast<std::size_t>((last - first_step_ms) / query.step_ms) + 1;
    from_ms = first_step_ms + query.step_ms - query.range_ms;
    cells = per_range + (steps - 1) * per_step;
  }
};

Curve curve_of(const Query& query, const Grid& grid, const std::vector<Rollup>& cells,
               const Group& of) {
  Curve out{.name = of.name, .labels = of.labels};
  for (std::size_t step = 0; step < grid.steps; ++step) {
    const auto first = step * grid.per_step;
    Rollup total;
    if (grid.per_range == 1) {
      if (cells[first].count == 0) continue;
    } else {
      for (std::size_t i = first; i < first + grid.per_range; ++i) total.merge(cells[i]);
      if (total.count == 0) continue;
    }
    const auto begin = grid.first_step_ms + static_cast<std::int64_t>(step) * query.step_ms;
    const auto until = std::min(begin + query.step_ms, query.span.to_ms);
    const auto covered = until - (begin + query.step_ms - query.range_ms);
    out.points.push_back(
        {begin, value_of(query.function, query.quantile, grid.per_range == 1 ? cells[first] : total,
                         static_cast<double>(std::max<std::int64_t>(covered, 1)) / 1000)});
  }
  return out;
}

}  // namespace

std::size_t level_for(std::int64_t step_ms, std::int64_t range_ms) noexcept {
  const auto cell = std::gcd(step_ms, range_ms);
  for (std::size_t level = kResolutionsMs.size() - 1; level > 0; --level)
    if (cell % kResolutionsMs[level] == 0) return level;
  return 0;
}

std::int64_t step_for(std::int64_t span_ms) noexcept {
  constexpr std::array<std::int64_t, 15> kWidths{
      1'000,   5'000,     10'000,    30'000,    60'000,     120'000,    300'000,   600'000,
      900'000, 1'800'000, 3'600'000, 7'200'000, 21'600'000, 43'200'000, 86'400'000};
  for (const auto width : kWidths)
    if (span_ms / width <= 300) return width;
  return (span_ms / 300 / 86'400'000 + 1) * 86'400'000;
}

base::Result<Answer> run_query(store::Connection& db, const Query& query) {
  const Grid grid(query);
  const auto groups = group(query.entries, query.by);
  if (groups.size() > kCurvesMax)
    return base::fail(base::Code::invalid_argument,
                      "would be " + std::to_string(groups.size()) + " curves, at most " +
                          std::to_string(kCurvesMax) + ": group by fewer labels, or select less");
  if (grid.cells * std::max<std::size_t>(groups.size(), 1) > kCellsMax ||
      grid.steps * grid.per_range > kCellsMax)
    return base::bad_field("/step", "is too small for this range and so many curves");
  Answer out{.level = level_for(query.step_ms, query.range_ms)};
  const bool sketches = query.function == Function::quantile;
  std::vector<Rollup> cells;
  SketchSum sum;
  for (const auto& one : groups) {
    cells.assign(grid.cells, {});
    // To the end of the last cell would be what has not been asked for.
    const Span span{grid.from_ms,
                    std::min(grid.from_ms + static_cast<std::int64_t>(grid.cells) * grid.cell_ms,
                             query.span.to_ms)};
    // Mostly in order of time: the sketches of a cell are summed up until another one's turn.
    std::size_t current = 0;
    for (const auto& entry : one.entries) {
      auto read = read_rollups(db, *entry, span, out.level, sketches, [&](const Rollup& rollup) {
        const auto cell = static_cast<std::size_t>((rollup.start_ms - grid.from_ms) / grid.cell_ms);
        cells[cell].merge_numbers(rollup);
        if (!sketches) return;
        if (cell != current) sum.move_to(cells[std::exchange(current, cell)].sketch);
        sum.add(rollup.sketch);
      });
      if (!read) return std::unexpected(read.error());
    }
    sum.move_to(cells[current].sketch);
    out.curves.push_back(curve_of(query, grid, cells, one));
  }
  return out;
}

base::Result<std::vector<Figures>> summarize(store::Connection& db,
                                             const std::vector<EntryPtr>& entries, Span span,
                                             const std::optional<std::vector<std::string>>& by) {
  const auto length = span.to_ms - span.from_ms;
  const std::size_t level = length > 48 * kResolutionsMs[3]   ? 3
                            : length > 60 * kResolutionsMs[2] ? 2
                            : length > 30 * kResolutionsMs[1] ? 1
                                                              : 0;
  std::vector<Figures> out;
  const auto groups = group(entries, by);
  if (groups.size() > kCurvesMax)
    return base::fail(base::Code::invalid_argument,
                      "would be " + std::to_string(groups.size()) + " summaries, at most " +
                          std::to_string(kCurvesMax) + ": group by fewer labels, or select less");
  for (const auto& one : groups) {
    auto& figures = out.emplace_back(Figures{.name = one.name, .labels = one.labels, .total = {}});
    for (const auto& entry : one.entries) {
      auto read = read_rollups(db, *entry, span, level, true,
                               [&](const Rollup& rollup) { figures.total.merge(rollup); });
      if (!read) return std::unexpected(read.error());
    }
  }
  return out;
}

base::Result<std::vector<Raw>> newest_points(store::Connection& db,
                                             const std::vector<EntryPtr>& entries, Span span,
                                             std::size_t limit) {
  std::vector<Raw> out;
  const auto newer = [](const Raw& a, const Raw& b) {
    if (a.point.time_ms != b.point.time_ms) return a.point.time_ms > b.point.time_ms;
    return a.entry->id != b.entry->id ? a.entry->id < b.entry->id : a.point.value > b.point.value;
  };
  std::int64_t from = span.from_ms;  // nothing older can be among the newest any more
  for (const auto& entry : entries) {
    auto points = read_points(db, *entry, {from, span.to_ms});
    if (!points) return std::unexpected(points.error());
    std::erase_if(*points, [](const Point& one) { return !std::isfinite(one.value); });
    // Of one moment by value, so that every page has the same order.
    std::ranges::sort(*points, {},
                      [](const Point& one) { return std::pair(one.time_ms, one.value); });
    const auto skipped = points->size() > limit ? points->size() - limit : 0;
    for (std::size_t i = skipped; i < points->size(); ++i) out.push_back({entry, (*points)[i]});
    if (out.size() <= limit) continue;
    std::ranges::sort(out, newer);
    out.resize(limit);
    from = std::max(from, out.back().point.time_ms);
  }
  std::ranges::sort(out, newer);
  return out;
}

}  // namespace telltale::series
