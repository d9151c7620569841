// Putting a backup in place of the database of a stopped Telltale. What was there is kept in
// backups/. The audit's second file gets a signed head of kind "restore": that the chain ends
// earlier now is no cut by a stranger. Blocks; no loops are needed.
#pragma once

#include "base/describe.hpp"

namespace telltale::audit {

struct RestoreReport {
  std::int64_t schema = 0;
  std::int64_t audit_seq = 0;  // the last entry of the audit as it is now
  std::string replaced;        // where the former database is; "" when there was none
};
BOOST_DESCRIBE_STRUCT(RestoreReport, (), (schema, audit_seq, replaced))

// `conflict` while a Telltale runs on this folder; `storage` when the file is no whole database of
// ours: then nothing has changed.
base::Result<RestoreReport> restore(const std::string& folder, const std::string& file);

}  // namespace telltale::audit
