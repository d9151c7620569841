// What can be asked of metrics: metrics.record, .list (and query), .summary, .distribution, .names,
// .delete, and the analytics of tool calls (docs/metrics-api.md).
#pragma once

#include "runtime/operation.hpp"
#include "series/engine.hpp"

namespace telltale::series {

void declare_operations(runtime::OperationRegistry& registry, Engine& engine);
void declare_distribution(runtime::OperationRegistry& registry, Engine& engine);
void declare_write_operations(runtime::OperationRegistry& registry, Engine& engine);
void declare_analytics(runtime::OperationRegistry& registry, store::Store& store);
void declare_reliability(runtime::OperationRegistry& registry, store::Store& store);

}  // namespace telltale::series
