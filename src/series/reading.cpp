#include "series/reading.hpp"

#include <algorithm>
#include <cmath>

namespace telltale::series {
namespace {

base::Result<void> each_block(store::Connection& db, const Entry& entry, std::size_t level,
                              Span span, const Snapshot& now,
                              const std::function<base::Result<void>(std::string_view)>& take) {
  base::Result<void> result;
  auto read = store::read_blocks(db,
                                 {.series = entry.id,
                                  .resolution_s = kResolutionsMs[level] / 1000,
                                  .from_ms = span.from_ms,
                                  .to_ms = span.to_ms,
                                  .longest_ms = kSpansMs[level]},
                                 [&](const store::SeriesBlock& block) {
                                   const bool in_memory =
                                       block.part >= now.parts_end ||
                                       std::ranges::any_of(now.pieces, [&](const Piece& one) {
                                         return one.part == block.part;
                                       });
                                   if (!in_memory && result) result = take(block.data);
                                 });
  if (!read) return read;
  for (const auto& piece : now.pieces) {
    if (!result) break;
    if (piece.finish_ms >= span.from_ms && piece.start_ms < span.to_ms) result = take(*piece.data);
  }
  return result;
}

base::Result<void> windows(store::Connection& db, const Entry& entry, Span span, std::size_t level,
                           bool with_sketches, const OnRollup& on_rollup) {
  const auto now = entry.series.with([&](const Series& one) { return one.snapshot(level); });
  const auto give = [&](const Rollup& one) {
    if (one.start_ms >= span.from_ms && one.start_ms < span.to_ms) on_rollup(one);
  };
  auto read = each_block(db, entry, level, span, now, [&](std::string_view bytes) {
    return each_rollup(bytes, with_sketches, give);
  });
  if (!read) return read;
  for (const auto& one : now.open) give(one);
  return {};
}

std::int64_t ceiling_to(std::int64_t time_ms, std::int64_t width_ms) {
  return -floor_to(-time_ms, width_ms);
}

}  // namespace

base::Result<std::vector<Point>> read_points(store::Connection& db, const Entry& entry, Span span) {
  std::vector<Point> out;
  const auto now = entry.series.with([](const Series& one) { return one.snapshot(0); });
  auto read =
      each_block(db, entry, 0, span, now, [&](std::string_view bytes) -> base::Result<void> {
        auto decoded = decode_block(bytes);
        if (!decoded) return std::unexpected(decoded.error());
        for (const auto& one : *decoded)
          if (one.time_ms >= span.from_ms && one.time_ms < span.to_ms) out.push_back(one);
        return {};
      });
  if (!read) return std::unexpected(read.error());
  if (!std::ranges::is_sorted(out, {}, &Point::time_ms))
    std::ranges::sort(out, {}, &Point::time_ms);
  return out;
}

base::Result<void> read_rollups(store::Connection& db, const Entry& entry, Span span,
                                std::size_t level, bool with_sketches, const OnRollup& on_rollup) {
  if (span.from_ms >= span.to_ms) return {};
  if (level > 0) {
    const auto width = kResolutionsMs[level];
    const Span inner{ceiling_to(span.from_ms, width), floor_to(span.to_ms, width)};
    if (inner.from_ms >= inner.to_ms)
      return read_rollups(db, entry, span, level - 1, with_sketches, on_rollup);
    for (const auto& [from, to] :
         {Span{span.from_ms, inner.from_ms}, Span{inner.to_ms, span.to_ms}})
      if (auto edge = read_rollups(db, entry, {from, to}, level - 1, with_sketches, on_rollup);
          !edge)
        return edge;
    return windows(db, entry, inner, level, with_sketches, on_rollup);
  }
  // The growth since the point before the range belongs to its first point.
  constexpr std::int64_t kBefore = 600'000;
  auto points = read_points(db, entry, {span.from_ms - kBefore, span.to_ms});
  if (!points) return std::unexpected(points.error());
  std::optional<double> before;
  for (const auto& point : *points) {
    if (!std::isfinite(point.value)) continue;
    const auto grown = before ? growth(*before, point.value) : 0;
    before = point.value;
    if (point.time_ms < span.from_ms) continue;
    Rollup one{.start_ms = point.time_ms,
               .count = 1,
               .sum = point.value,
               .minimum = point.value,
               .maximum = point.value,
               .last = point.value,
               .last_ms = point.time_ms,
               .increase = grown};
    if (with_sketches) one.sketch.add(point.value);
    on_rollup(one);
  }
  return {};
}

}  // namespace telltale::series
