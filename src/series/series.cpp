#include "series/series.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/check.hpp"

namespace telltale::series {
namespace {

// In one block: some of them are to fit into a page of the database, which else stays half empty.
constexpr std::array<std::size_t, 4> kWindowsMax{0, 30, 20, 24};

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

Rollup only(Point point, double grown) {
  Rollup out{.start_ms = point.time_ms};
  out.add(point, grown);
  return out;
}

Piece piece_of_points(std::int64_t part, std::string data, const std::vector<Point>& points) {
  return {.level = 0,
          .part = part,
          .start_ms = points.front().time_ms,
          .finish_ms = points.back().time_ms,
          .count = points.size(),
          .data = std::make_shared<const std::string>(std::move(data))};
}

}  // namespace

void Series::restore(const Stored& stored) {
  next_part_ = stored.next_part[0] + 1;
  open_part_ = stored.next_part[0];
  for (std::size_t level = 1; level < levels_.size(); ++level)
    levels_[level].part = stored.next_part[level];
  for (const auto& one : stored.minutes) feed(3, one);
  for (const auto& one : stored.tens) feed(2, one);
  std::vector<Point> points;
  for (const auto& block : stored.blocks) {
    kept_.push_back({.piece = block, .written = true});
    const auto decoded = decode_block(*block.data);
    if (decoded) points.insert(points.end(), decoded->begin(), decoded->end());
  }
  if (!std::ranges::is_sorted(points, {}, &Point::time_ms))
    std::ranges::sort(points, {}, &Point::time_ms);
  for (const auto& point : points) {
    if (!any_ || point.time_ms > newest_ms_) at_newest_.clear();
    at_newest_.push_back(point.value);
    newest_ms_ = point.time_ms;
    any_ = true;
    if (!std::isfinite(point.value)) continue;
    const auto grown = has_last_ ? growth(last_value_, point.value) : 0;
    last_value_ = point.value;
    has_last_ = true;
    if (point.time_ms >= stored.replay_from_ms) roll_up(point, grown);
  }
  forget_old();
}

Taken Series::append(Point point) {
  if (any_ && point.time_ms < newest_ms_) return append_late(point);
  if (any_ && point.time_ms == newest_ms_) {
    if (std::ranges::any_of(at_newest_, [&](double one) { return same_bits(one, point.value); }))
      return Taken::duplicate;
    if (at_newest_.size() >= kPointsOfOneMoment) return Taken::too_many;
  } else {
    at_newest_.clear();
  }
  if (!open_.empty() &&
      (open_.count() >= kBlockPointsMax || point.time_ms - open_.first_ms() >= kSpansMs[0]))
    close_points();
  any_ = true;
  newest_ms_ = point.time_ms;
  at_newest_.push_back(point.value);
  open_.append(point);
  if (!std::isfinite(point.value)) return Taken::yes;
  const auto grown = has_last_ ? growth(last_value_, point.value) : 0;
  last_value_ = point.value;
  has_last_ = true;
  roll_up(point, grown);
  return Taken::yes;
}

Taken Series::append_late(Point point) {
  if (point.time_ms < std::max(known_from_ms_, newest_ms_ - kLateMs)) return Taken::too_old;
  if (is_known(point)) return Taken::duplicate;
  if (!late_.empty() && (late_.size() >= kLatePointsMax ||
                         std::abs(point.time_ms - late_.front().time_ms) >= kSpansMs[0] ||
                         std::abs(late_.back().time_ms - point.time_ms) >= kSpansMs[0]))
    close_late();
  if (late_.empty()) {
    late_part_ = next_part_++;
    late_written_ = 0;
  }
  late_.insert(std::ranges::upper_bound(late_, point.time_ms, {}, &Point::time_ms), point);
  if (std::isfinite(point.value)) roll_up_late(point);
  return Taken::yes;
}

bool Series::is_known(Point point) const {
  const auto has = [&](const std::vector<Point>& points) {
    return std::ranges::any_of(points, [&](const Point& one) {
      return one.time_ms == point.time_ms && same_bits(one.value, point.value);
    });
  };
  const auto in = [&](std::string_view bytes) {
    const auto points = decode_block(bytes);
    return points && has(*points);
  };
  if (has(late_)) return true;
  if (!open_.empty() && point.time_ms >= open_.first_ms() && in(open_.bytes())) return true;
  return std::ranges::any_of(kept_, [&](const Kept& one) {
    return one.piece.start_ms <= point.time_ms && point.time_ms <= one.piece.finish_ms &&
           in(*one.piece.data);
  });
}

void Series::close_points() {
  const auto points = decode_block(open_.bytes());
  CHECK(points);
  keep(0, piece_of_points(open_part_, pack_block(*points), *points));
  open_ = {};
  open_part_ = next_part_++;
  open_written_ = 0;
  forget_old();
}

void Series::close_late() {
  keep(0, piece_of_points(late_part_, pack_block(late_), late_));
  late_.clear();
}

void Series::keep(std::size_t level, Piece piece) {
  (level == 0 ? kept_ : levels_[level].kept).push_back({.piece = std::move(piece)});
  ++closed_;
}

// Of what is on disk only that stays which a late point may belong to.
void Series::forget_old() {
  std::size_t on_disk = 0;
  for (const auto& one : kept_) on_disk += one.written ? 1 : 0;
  std::erase_if(kept_, [&](const Kept& one) {
    if (!one.written ||
        (one.piece.finish_ms >= newest_ms_ - kLateMs && on_disk <= kBlocksInMemoryMax))
      return false;
    --on_disk;
    known_from_ms_ = std::max(known_from_ms_, one.piece.finish_ms + 1);
    return true;
  });
}

void Series::roll_up(Point point, double grown) {
  auto& level = levels_[1];
  const auto start = floor_to(point.time_ms, kResolutionsMs[1]);
  if (!level.open.empty() && level.open.front().start_ms != start) close_window(1);
  if (level.open.empty()) level.open.push_back({.start_ms = start});
  level.open.front().add(point, grown);
}

// A closed window of the level below.
void Series::feed(std::size_t at, const Rollup& rollup) {
  auto& level = levels_[at];
  const auto start = floor_to(rollup.start_ms, kResolutionsMs[at]);
  if (!level.open.empty() && level.open.front().start_ms != start) close_window(at);
  if (level.open.empty()) level.open.push_back({.start_ms = start});
  level.open.front().merge(rollup);
}

void Series::close_window(std::size_t at) {
  auto& level = levels_[at];
  const auto closed = std::move(level.open.front());
  level.open.clear();
  add_window(at, closed);
  if (at + 1 < levels_.size()) feed(at + 1, closed);
}

void Series::add_window(std::size_t at, const Rollup& rollup) {
  auto& level = levels_[at];
  const auto spans = [&](std::int64_t from, std::int64_t to) {
    return to + kResolutionsMs[at] - from > kSpansMs[at];
  };
  if (!level.block.empty() &&
      (level.block.count() >= kWindowsMax[at] || spans(level.block.first_ms(), rollup.start_ms) ||
       spans(rollup.start_ms, level.block.last_ms()))) {
    auto piece = growing_windows(at);
    piece.closed = true;
    keep(at, std::move(piece));
    level.block = {};
    ++level.part;
    level.written = 0;
  }
  level.block.append(rollup);
}

// Into the window it belongs to where that is open; else it is one more rollup of that window.
void Series::roll_up_late(Point point) {
  auto one = only(point, 0);
  for (std::size_t at = 1; at < levels_.size(); ++at) {
    auto& level = levels_[at];
    one.start_ms = floor_to(point.time_ms, kResolutionsMs[at]);
    if (!level.open.empty() && level.open.front().start_ms == one.start_ms)
      return level.open.front().merge(one);
    if (at > 1 && (level.open.empty() || level.open.front().start_ms < one.start_ms))
      return feed(at, one);
    add_window(at, one);
    late_windows_ = true;
  }
}

Piece Series::growing_points() const {
  return {.level = 0,
          .part = open_part_,
          .start_ms = open_.first_ms(),
          .finish_ms = open_.last_ms(),
          .count = open_.count(),
          .closed = false,
          .data = std::make_shared<const std::string>(open_.bytes())};
}

Piece Series::growing_late() const {
  auto out = piece_of_points(late_part_, pack_block(late_), late_);
  out.closed = false;
  return out;
}

Piece Series::growing_windows(std::size_t at) const {
  const auto& level = levels_[at];
  return {.level = at,
          .part = level.part,
          .start_ms = level.block.first_ms(),
          .finish_ms = level.block.last_ms(),
          .count = level.block.count(),
          .closed = false,
          .data = std::make_shared<const std::string>(level.block.bytes())};
}

Snapshot Series::snapshot(std::size_t at) const {
  Snapshot out;
  const auto& kept = at == 0 ? kept_ : levels_[at].kept;
  for (const auto& one : kept) out.pieces.push_back(one.piece);
  if (at == 0) {
    if (!open_.empty()) out.pieces.push_back(growing_points());
    if (!late_.empty()) out.pieces.push_back(growing_late());
    return out;
  }
  if (!levels_[at].block.empty()) out.pieces.push_back(growing_windows(at));
  out.parts_end = levels_[at].part;
  for (std::size_t level = 1; level <= at; ++level)
    out.open.insert(out.open.end(), levels_[level].open.begin(), levels_[level].open.end());
  return out;
}

void Series::collect(bool with_rollups, std::vector<Piece>& out) const {
  for (const auto& one : kept_)
    if (!one.written) out.push_back(one.piece);
  if (open_.count() != open_written_) out.push_back(growing_points());
  if (!late_.empty() && late_.size() != late_written_) out.push_back(growing_late());
  for (std::size_t at = 1; at < levels_.size(); ++at) {
    const auto& level = levels_[at];
    for (const auto& one : level.kept)
      if (!one.written) out.push_back(one.piece);
    if (with_rollups && level.block.count() != level.written) out.push_back(growing_windows(at));
  }
}

void Series::written(const Piece& piece) {
  auto& kept = piece.level == 0 ? kept_ : levels_[piece.level].kept;
  if (piece.closed) {
    const auto found = std::ranges::find_if(
        kept, [&](const Kept& one) { return one.piece.part == piece.part && !one.written; });
    if (found == kept.end()) return;
    --closed_;
    found->written = true;
    if (piece.level == 0)
      forget_old();
    else
      kept.erase(found);
    return;
  }
  if (piece.level > 0) {
    if (levels_[piece.level].part == piece.part) levels_[piece.level].written = piece.count;
    late_windows_ = false;
  } else if (piece.part == open_part_) {
    open_written_ = piece.count;
  } else if (piece.part == late_part_) {
    late_written_ = piece.count;
  }
}

}  // namespace telltale::series
