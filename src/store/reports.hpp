// Records of the reports that were made; their files lie in a folder (reporting/files.hpp).
#pragma once

#include "base/json.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct ReportRecord {
  std::string id;
  std::string kind;
  std::string title;
  base::JsonObject parameters;
  base::JsonArray files;  // {format, bytes}
  std::string owner_id, owner_name;
  base::WallTime time;
};

base::Result<void> save_report(Connection& db, const ReportRecord& record);
base::Result<std::vector<ReportRecord>> list_reports(Connection& db,
                                                     std::size_t limit);  // newest first
base::Result<std::optional<ReportRecord>> find_report(Connection& db, const std::string& id);
base::Result<void> delete_report(Connection& db, const std::string& id);

}  // namespace telltale::store
