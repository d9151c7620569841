#include "store/annotations.hpp"

namespace telltale::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, page, chart, start, finish, text, author_id, author_name, created, changed, "
    "removed FROM annotations ";

Annotation read_row(const Row& row) {
  const auto removed = row.maybe_integer(10);
  return {.id = row.text(0),
          .page = row.text(1),
          .chart = row.text(2),
          .from = base::from_unix_ms(row.integer(3)),
          .to = base::from_unix_ms(row.integer(4)),
          .text = row.text(5),
          .author_id = row.text(6),
          .author_name = row.text(7),
          .created = base::from_unix_ms(row.integer(8)),
          .changed = base::from_unix_ms(row.integer(9)),
          .removed = removed ? std::optional(base::from_unix_ms(*removed)) : std::nullopt};
}

}  // namespace

base::Result<void> save_annotation(Connection& db, const Annotation& one) {
  const auto changed = base::unix_ms(one.changed);
  if (auto done = db.execute(
          "INSERT INTO annotations VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET "
          "start=excluded.start, finish=excluded.finish, text=excluded.text, "
          "changed=excluded.changed, removed=excluded.removed",
          {one.id, one.page, one.chart, base::unix_ms(one.from), base::unix_ms(one.to), one.text,
           one.author_id, one.author_name, base::unix_ms(one.created), changed,
           one.removed ? Value(base::unix_ms(*one.removed)) : Value(nullptr)});
      !done)
    return done;
  const auto gone =
      changed - std::chrono::duration_cast<std::chrono::milliseconds>(kRemovedKeptFor).count();
  return db.execute(
      "DELETE FROM annotations WHERE removed<?1 OR id<=(SELECT id FROM annotations ORDER BY id "
      "DESC LIMIT 1 OFFSET ?2)",
      {gone, kAnnotationsKept});
}

base::Result<std::optional<Annotation>> find_annotation(Connection& db, const std::string& id) {
  std::optional<Annotation> out;
  auto done = db.query(std::string(kColumns) + "WHERE id=?", {id},
                       [&](const Row& row) { out = read_row(row); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::vector<Annotation>> list_annotations(Connection& db,
                                                       const AnnotationQuery& query) {
  std::vector<Annotation> out;
  auto done = db.query(
      std::string(kColumns) +
          "WHERE removed IS NULL AND finish>=?1 AND start<=?2 AND (?3='' OR page=?3) AND (?4='' OR "
          "chart=?4 OR chart='') ORDER BY start DESC, id DESC LIMIT ?5",
      {base::unix_ms(query.from), base::unix_ms(query.to), query.page, query.chart,
       static_cast<std::int64_t>(query.limit)},
      [&](const Row& row) { out.push_back(read_row(row)); });
  if (!done) return std::unexpected(done.error());
  return out;
}

}  // namespace telltale::store
