// Series: what is in memory of one series: the block that grows, what was full and is not on disk
// yet, late points, and the windows of the three rollups. A point that is older than the newest is
// late: it is taken when it is kLateMs older at most (less, where kBlocksInMemoryMax blocks are
// less). A point is a duplicate when time and value are known already; another value at a known
// time is another point. Not thread-safe: an Entry (index.hpp) guards it.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "series/block.hpp"
#include "series/rollup.hpp"

namespace telltale::series {

// Raw is level 0; a level's windows divide the next one's.
constexpr std::array<std::int64_t, 4> kResolutionsMs{0, 10'000, 60'000, 3'600'000};
// How much time one block of a level may span, so that a range finds all that touch it.
constexpr std::array<std::int64_t, 4> kSpansMs{6LL * 3'600'000, 6LL * 3'600'000, 48LL * 3'600'000,
                                               60LL * 24 * 3'600'000};
constexpr std::int64_t kLateMs = 600'000;
constexpr std::size_t kLatePointsMax = 256;     // in a block of their own
constexpr std::size_t kBlocksInMemoryMax = 64;  // that are on disk, for late points
constexpr std::size_t kPointsOfOneMoment = 1'024;

inline std::int64_t floor_to(std::int64_t time_ms, std::int64_t width_ms) noexcept {
  const auto rest = time_ms % width_ms;
  return time_ms - (rest < 0 ? rest + width_ms : rest);
}

enum class Taken { yes, duplicate, too_old, too_many };

// One block as it is now, in memory.
struct Piece {
  std::size_t level = 0;
  std::int64_t part = 0;
  std::int64_t start_ms = 0;
  std::int64_t finish_ms = 0;
  std::size_t count = 0;
  bool closed = true;  // will not grow
  std::shared_ptr<const std::string> data;
};

struct Snapshot {
  std::vector<Piece> pieces;
  // Of rollups: parts from here on that are on disk are not of this moment.
  std::int64_t parts_end = std::numeric_limits<std::int64_t>::max();
  std::vector<Rollup> open;  // windows that are not closed yet, of this level and the finer ones
};

class Series {
 public:
  // After a restart: continues behind what is on disk. Rollups first, coarsest first, then points.
  struct Stored {
    std::array<std::int64_t, 4> next_part{};
    std::vector<Rollup> minutes, tens;  // closed windows that the next level has not taken
    std::vector<Piece> blocks;          // of points, by time; the last kLateMs at least
    std::int64_t replay_from_ms = 0;    // points from here on are in no closed window of 10 s
  };
  void restore(const Stored& stored);

  Taken append(Point point);
  bool empty() const noexcept { return !any_; }
  std::int64_t newest_ms() const noexcept { return newest_ms_; }
  double last_value() const noexcept { return last_value_; }

  Snapshot snapshot(std::size_t level) const;
  // What is to be written: closed blocks, and those that have grown since they were.
  void collect(bool with_rollups, std::vector<Piece>& out) const;
  void written(const Piece& piece);  // as collect gave it
  bool needs_rollups() const noexcept { return late_windows_; }
  std::size_t closed() const noexcept { return closed_; }  // blocks that wait for the disk

 private:
  struct Kept {
    Piece piece;
    bool written = false;
  };
  struct Level {
    std::vector<Rollup> open;  // none or one: the window that is filled
    RollupBlock block;
    std::int64_t part = 0;
    std::size_t written = 0;  // of the block's windows
    std::deque<Kept> kept;
  };
  Taken append_late(Point point);
  bool is_known(Point point) const;
  void close_points();
  void close_late();
  void forget_old();
  void roll_up(Point point, double grown);
  void feed(std::size_t level, const Rollup& rollup);
  void close_window(std::size_t level);
  void add_window(std::size_t level, const Rollup& rollup);
  void roll_up_late(Point point);
  void keep(std::size_t level, Piece piece);
  Piece growing_points() const;
  Piece growing_late() const;
  Piece growing_windows(std::size_t level) const;

  bool any_ = false;
  std::int64_t newest_ms_ = 0;
  // Every point at or after this moment is in memory.
  std::int64_t known_from_ms_ = std::numeric_limits<std::int64_t>::min();
  bool has_last_ = false;
  double last_value_ = 0;  // the newest that is finite
  std::vector<double> at_newest_;
  BlockWriter open_;
  std::int64_t open_part_ = 0;
  std::size_t open_written_ = 0;
  std::vector<Point> late_;  // by time
  std::int64_t late_part_ = -1;
  std::size_t late_written_ = 0;
  std::int64_t next_part_ = 1;
  std::deque<Kept> kept_;
  std::array<Level, 4> levels_;  // the first is not used
  bool late_windows_ = false;    // in a block of rollups since it was written
  std::size_t closed_ = 0;
};

}  // namespace telltale::series
