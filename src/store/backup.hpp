// A backup: the database as it is at one moment, in one file, made while it is used (SQLite's
// online backup within one read transaction, so that writers go on). The keys are not in it.
// Blocks.
#pragma once

#include "base/describe.hpp"
#include "store/connection.hpp"

namespace telltale::store {

struct BackupReport {
  std::string file;
  std::int64_t bytes = 0;
  std::int64_t schema = 0;
  std::int64_t audit_entries = 0;
};
BOOST_DESCRIBE_STRUCT(BackupReport, (), (file, bytes, schema, audit_entries))

// `to` must not exist; it appears when it is whole and on disk, with mode 0600.
base::Result<BackupReport> back_up(const std::string& from, const std::string& to);
// integrity_check, and a schema that this Telltale knows.
base::Result<void> check_database(Connection& db);

}  // namespace telltale::store
