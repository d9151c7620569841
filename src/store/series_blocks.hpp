// Metrics on disk: a row per series, and a row per block of its points or rollups
// (series/block.hpp, series/rollup.hpp say what is in one; here they are bytes). A block that still
// grows is written again under its part. Used inside Store::write_later, Store::read and write_now.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace telltale::store {

struct SeriesRow {
  std::int64_t id = 0;
  std::string name;
  std::string labels;  // JSON object, keys sorted
  std::string unit;
};

struct SeriesBlock {
  std::int64_t series = 0;
  std::int64_t resolution_s = 0;  // 0: points
  std::int64_t part = 0;          // of this series and resolution, in the order they were begun
  std::int64_t start_ms = 0;      // of the earliest in it
  std::int64_t finish_ms = 0;     // of the latest
  std::int64_t count = 0;
  std::string data = {};
};

base::Result<void> add_series(Connection& db, const SeriesRow& row);
base::Result<void> put_block(Connection& db, const SeriesBlock& block);
base::Result<void> remove_series(Connection& db, std::int64_t id);
base::Result<std::vector<SeriesRow>> all_series(Connection& db);
// The newest parts, the last first.
base::Result<std::vector<SeriesBlock>> last_blocks(Connection& db, std::int64_t series,
                                                   std::int64_t resolution_s, std::size_t limit);

struct BlockRange {
  std::int64_t series = 0;
  std::int64_t resolution_s = 0;
  std::int64_t from_ms = 0;  // [from, to)
  std::int64_t to_ms = 0;
  std::int64_t longest_ms = 0;  // no block spans more
};
// By their start.
base::Result<void> read_blocks(Connection& db, const BlockRange& range,
                               const std::function<void(const SeriesBlock&)>& on_block);
// Deletes at most `limit` blocks that end before then; how many.
base::Result<std::int64_t> forget_blocks(Connection& db, std::int64_t resolution_s,
                                         std::int64_t before_ms, std::size_t limit);
// The ids of series of which nothing is left.
base::Result<std::vector<std::int64_t>> empty_series(Connection& db);

}  // namespace telltale::store
