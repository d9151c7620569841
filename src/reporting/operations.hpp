// The operations of reports.
#pragma once

#include "reporting/desk.hpp"

namespace telltale::reporting {

void declare_operations(runtime::OperationRegistry& registry, Desk& desk);

}  // namespace telltale::reporting
