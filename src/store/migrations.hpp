// The schema as numbered steps, applied in order, each in one transaction with the number it
// reaches. A database of a newer Telltale is refused, an older one is backed up first.
#pragma once

#include <string>

#include "store/connection.hpp"

namespace telltale::store {

int newest_schema() noexcept;
base::Result<int> schema_version(Connection& db);
base::Result<void> migrate(Connection& db);

}  // namespace telltale::store
