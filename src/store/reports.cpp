#include "store/reports.hpp"

namespace telltale::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, kind, title, parameters, files, owner_id, owner_name, time FROM reports ";

ReportRecord read_row(const Row& row) {
  auto parameters = base::parse_json(row.text(3));
  auto files = base::parse_json(row.text(4));
  return {.id = row.text(0),
          .kind = row.text(1),
          .title = row.text(2),
          .parameters = parameters && parameters->is_object() ? std::move(parameters->as_object())
                                                              : base::JsonObject(),
          .files = files && files->is_array() ? std::move(files->as_array()) : base::JsonArray(),
          .owner_id = row.text(5),
          .owner_name = row.text(6),
          .time = base::from_unix_ms(row.integer(7))};
}

}  // namespace

base::Result<void> save_report(Connection& db, const ReportRecord& record) {
  return db.execute("INSERT INTO reports VALUES(?,?,?,?,?,?,?,?)",
                    {record.id, record.kind, record.title, base::write_json(record.parameters),
                     base::write_json(base::Json(record.files)), record.owner_id, record.owner_name,
                     base::unix_ms(record.time)});
}

base::Result<std::vector<ReportRecord>> list_reports(Connection& db, std::size_t limit) {
  std::vector<ReportRecord> out;
  auto done = db.query(std::string(kColumns) + "ORDER BY id DESC LIMIT ?",
                       {static_cast<std::int64_t>(limit)},
                       [&](const Row& row) { out.push_back(read_row(row)); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<std::optional<ReportRecord>> find_report(Connection& db, const std::string& id) {
  std::optional<ReportRecord> out;
  auto done = db.query(std::string(kColumns) + "WHERE id=?", {id},
                       [&](const Row& row) { out = read_row(row); });
  if (!done) return std::unexpected(done.error());
  return out;
}

base::Result<void> delete_report(Connection& db, const std::string& id) {
  return db.execute("DELETE FROM reports WHERE id=?", {id});
}

}  // namespace telltale::store
