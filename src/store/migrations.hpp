// The schema as numbered steps, applied in order, each in one transaction with the number it
// reaches. A database of a newer Telltale is refused, an older one is backed up first.
#pragma once

#include <string>

#include "store/connection.hpp"

namespace telltale::store {

int newest_schema() noexcept;
base::Result<int> schema_version(Connection& db);
// Up to `target`, which only tests choose.
base::Result<void> migrate(Connection& db, int target = newest_schema());

}  // namespace telltale::store
