// What can be asked of the store itself: store.*, secrets.rotate.
#pragma once

#include "runtime/operation.hpp"
#include "store/store.hpp"

namespace telltale::store {

void declare_operations(runtime::OperationRegistry& registry, Store& store);
void declare_usage_operations(runtime::OperationRegistry& registry, Store& store);
void declare_backup_operations(runtime::OperationRegistry& registry, Store& store);

}  // namespace telltale::store
