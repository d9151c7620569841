// What can be asked of the audit: audit.list, audit.verify.
#pragma once

#include "audit/log.hpp"
#include "runtime/operation.hpp"

namespace telltale::audit {

void declare_operations(runtime::OperationRegistry& registry, Log& log);

}  // namespace telltale::audit
