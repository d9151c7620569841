// What can be asked of the reports: webrtc.reports.*, under /api/webrtc/reports.
#pragma once

#include "monitor/reporter.hpp"
#include "runtime/operation.hpp"

namespace telltale::monitor {

// The reporter outlives the catalog.
void declare_report_operations(runtime::OperationRegistry& registry, Reporter& reporter);

}  // namespace telltale::monitor
