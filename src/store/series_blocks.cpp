#include "store/series_blocks.hpp"

#include <limits>

namespace telltale::store {
namespace {

// Bytes are bound as text and made a blob there, untouched: Value has no kind for blobs. A block
// that has grown goes to the end of the table: where it was, it would split full pages into half
// full ones.
constexpr std::string_view kPut =
    "INSERT OR REPLACE INTO series_blocks(series, resolution, part, start, finish, count, data) "
    "VALUES(?,?,?,?,?,?,CAST(? AS BLOB))";

SeriesBlock block_of(const Row& row, std::int64_t series, std::int64_t resolution_s) {
  return {.series = series,
          .resolution_s = resolution_s,
          .part = row.integer(0),
          .start_ms = row.integer(1),
          .finish_ms = row.integer(2),
          .count = row.integer(3),
          .data = row.text(4)};
}

}  // namespace

base::Result<void> add_series(Connection& db, const SeriesRow& row) {
  return db.execute("INSERT OR IGNORE INTO series VALUES(?,?,?,?)",
                    {row.id, row.name, row.labels, row.unit});
}

base::Result<void> put_block(Connection& db, const SeriesBlock& block) {
  return db.execute(kPut, {block.series, block.resolution_s, block.part, block.start_ms,
                           block.finish_ms, block.count, block.data});
}

base::Result<void> remove_series(Connection& db, std::int64_t id) {
  if (auto done = db.execute("DELETE FROM series_blocks WHERE series=?", {id}); !done) return done;
  return db.execute("DELETE FROM series WHERE id=?", {id});
}

base::Result<std::vector<SeriesRow>> all_series(Connection& db) {
  std::vector<SeriesRow> out;
  auto done =
      db.query("SELECT id, name, labels, unit FROM series ORDER BY id", {}, [&](const Row& row) {
        out.push_back({.id = row.integer(0),
                       .name = row.text(1),
                       .labels = row.text(2),
                       .unit = row.text(3)});
      });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<SeriesBlock>> last_blocks(Connection& db, std::int64_t series,
                                                   std::int64_t resolution_s, std::size_t limit) {
  std::vector<SeriesBlock> out;
  auto done = db.query(
      "SELECT part, start, finish, count, data FROM series_blocks WHERE series=? AND resolution=? "
      "ORDER BY part DESC LIMIT ?",
      {series, resolution_s, static_cast<std::int64_t>(limit)},
      [&](const Row& row) { out.push_back(block_of(row, series, resolution_s)); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<void> read_blocks(Connection& db, const BlockRange& range,
                               const std::function<void(const SeriesBlock&)>& on_block) {
  constexpr auto kEver = std::numeric_limits<std::int64_t>::min();
  const auto first =
      range.from_ms < kEver + range.longest_ms ? kEver : range.from_ms - range.longest_ms;
  return db.query(
      "SELECT part, start, finish, count, data FROM series_blocks WHERE series=?1 AND "
      "resolution=?2 AND start>=?3 AND start<?4 AND finish>=?5 ORDER BY start",
      {range.series, range.resolution_s, first, range.to_ms, range.from_ms},
      [&](const Row& row) { on_block(block_of(row, range.series, range.resolution_s)); });
}

base::Result<std::int64_t> forget_blocks(Connection& db, std::int64_t resolution_s,
                                         std::int64_t before_ms, std::size_t limit) {
  auto done = db.execute(
      "DELETE FROM series_blocks WHERE id IN (SELECT id FROM series_blocks WHERE resolution=? AND "
      "finish<? LIMIT ?)",
      {resolution_s, before_ms, static_cast<std::int64_t>(limit)});
  if (!done) return std::unexpected(done.error());
  return db.changes();
}

base::Result<std::vector<std::int64_t>> empty_series(Connection& db) {
  std::vector<std::int64_t> out;
  auto done = db.query(
      "SELECT id FROM series s WHERE NOT EXISTS (SELECT 1 FROM series_blocks WHERE series=s.id)",
      {}, [&](const Row& row) { out.push_back(row.integer(0)); });
  if (!done) return std::unexpected(done.error());
  return out;
}

}  // namespace telltale::store
