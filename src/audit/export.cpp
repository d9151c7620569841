#include "audit/export.hpp"

#include <utility>

#include "base/csv.hpp"

namespace telltale::audit {
namespace {

constexpr std::size_t kSlice = 500;  // entries read at a time
constexpr std::string_view kColumns =
    "seq,time,actor,address,action,subject,outcome,detail,arguments,operation_id,hash\r\n";

}  // namespace

Export::Export(Query query, ExportFormat format, std::int64_t end)
    : query_(std::move(query)), format_(format), end_(end) {
  query_.limit = kSlice;
}

std::string Export::row(const Record& record) {
  const bool first = !std::exchange(any_, true);
  if (format_ == ExportFormat::ndjson) return base::write_json(describe(record)) + "\n";
  if (format_ == ExportFormat::json)
    return (first ? "\n" : ",\n") + base::write_json(describe(record));
  const auto& entry = record.entry;
  auto out = std::to_string(record.seq) + "," + base::format_rfc3339(record.time);
  for (const auto* const text :
       {&entry.actor, &entry.address, &entry.action, &entry.subject, &entry.outcome, &entry.detail})
    out.append(",").append(base::csv_text_cell(*text));
  out.append(",").append(base::csv_text_cell(base::write_json(entry.arguments)));
  out.append(",").append(base::csv_text_cell(entry.operation_id));
  return out.append(",").append(record.hash).append("\r\n");
}

base::Result<std::string> Export::next(store::Connection& db) {
  std::string out;
  if (!std::exchange(begun_, true))
    out = format_ == ExportFormat::csv ? kColumns : format_ == ExportFormat::json ? "[" : "";
  if (done_) return out;
  auto records = list_onwards(db, query_, after_, end_);
  if (!records) return std::unexpected(records.error());
  for (const auto& record : *records) out += row(record);
  if (records->size() == kSlice) {
    after_ = records->back().seq;
    return out;
  }
  done_ = true;
  if (format_ == ExportFormat::json) out += any_ ? "\n]\n" : "]\n";
  return out;
}

std::string_view media_type(ExportFormat format) {
  return format == ExportFormat::csv      ? "text/csv; charset=utf-8"
         : format == ExportFormat::ndjson ? "application/x-ndjson"
                                          : "application/json";
}

}  // namespace telltale::audit
