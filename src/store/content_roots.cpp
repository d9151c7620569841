#include "store/content_roots.hpp"

#include "base/encoding.hpp"

namespace telltale::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT cid, name, size, blocks, block_bytes, pinned, added_by, added_at FROM content_roots ";

ContentRoot read_row(const Row& row) {
  return {.cid = row.text(0),
          .name = row.text(1),
          .size = row.integer(2),
          .blocks = row.integer(3),
          .block_bytes = row.integer(4),
          .pinned = row.integer(5) != 0,
          .added_by = row.text(6),
          .added_at = base::from_unix_ms(row.integer(7))};
}

}  // namespace

base::Result<void> save_content_root(Connection& db, const ContentRoot& root,
                                     const std::string& hashes, bool* was_pinned) {
  const auto earlier = find_content_root(db, root.cid);
  if (!earlier) return std::unexpected(earlier.error());
  *was_pinned = *earlier && (*earlier)->pinned;
  return db.execute(
      "INSERT INTO content_roots VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(cid) DO UPDATE SET "
      "pinned=max(pinned, excluded.pinned), "
      "name=CASE WHEN excluded.name='' THEN name ELSE excluded.name END",
      {root.cid, root.name, root.size, root.blocks, root.block_bytes,
       std::int64_t{root.pinned ? 1 : 0}, root.added_by, base::unix_ms(root.added_at),
       base::base64_encode(hashes)});
}

base::Result<std::optional<ContentRoot>> find_content_root(Connection& db, const std::string& cid) {
  std::optional<ContentRoot> out;
  auto done = db.query(std::string(kColumns) + "WHERE cid=?", {cid},
                       [&](const Row& row) { out = read_row(row); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<ContentRoot>> list_content_roots(Connection& db, const std::string& after,
                                                          std::size_t limit) {
  std::vector<ContentRoot> out;
  auto done = db.query(std::string(kColumns) + "WHERE cid>? ORDER BY cid LIMIT ?",
                       {after, static_cast<std::int64_t>(limit)},
                       [&](const Row& row) { out.push_back(read_row(row)); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::string> content_hashes(Connection& db, const std::string& cid) {
  std::string text;
  auto done = db.query("SELECT hashes FROM content_roots WHERE cid=?", {cid},
                       [&](const Row& row) { text = row.text(0); });
  if (!done) return std::unexpected(done.error());
  return base::base64_decode(text);
}

base::Result<void> unpin_content_root(Connection& db, const std::string& cid) {
  return db.execute("UPDATE content_roots SET pinned=0 WHERE cid=?", {cid});
}

base::Result<void> delete_content_root(Connection& db, const std::string& cid) {
  return db.execute("DELETE FROM content_roots WHERE cid=?", {cid});
}

base::Result<std::int64_t> delete_unpinned_content(Connection& db) {
  if (auto done = db.execute("DELETE FROM content_roots WHERE pinned=0"); !done)
    return std::unexpected(done.error());
  return db.changes();
}

base::Result<void> each_pinned(Connection& db,
                               const std::function<void(const std::string& hashes)>& told) {
  base::Result<void> read;
  auto done = db.query("SELECT hashes FROM content_roots WHERE pinned=1", {}, [&](const Row& row) {
    const auto hashes = base::base64_decode(row.text(0));
    if (hashes)
      told(*hashes);
    else
      read = std::unexpected(hashes.error());
  });
  return done ? read : done;
}

}  // namespace telltale::store
