// The operations of schedules.
#pragma once

#include "schedule/scheduler.hpp"

namespace telltale::schedule {

void declare_operations(runtime::OperationRegistry& registry, Scheduler& scheduler);

}  // namespace telltale::schedule
