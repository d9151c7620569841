// Everything that can be asked of the fleet (docs/api.md, Servers).
#pragma once

#include "fleet/discovery.hpp"
#include "fleet/registry.hpp"
#include "runtime/operation.hpp"

namespace telltale::fleet {

void declare_operations(runtime::OperationRegistry& registry, Registry& fleet, store::Store& store);
void declare_read_operations(runtime::OperationRegistry& registry, Registry& fleet,
                             store::Store& store);
void declare_change_operations(runtime::OperationRegistry& registry, Registry& fleet);

// The last messages with a server (docs/lab/recordings.md).
runtime::TaskResult<base::JsonObject> recording_of(const Registry* fleet, std::string id);

void declare_log_operations(runtime::OperationRegistry& registry, Registry& fleet,
                            store::Store& store);
void declare_version_operations(runtime::OperationRegistry& registry, Registry& fleet,
                                store::Store& store);
base::JsonObject log_line(const store::LogRecord& line);

void declare_authorization_operations(runtime::OperationRegistry& registry, Registry& fleet);
// What other programs of this machine know (docs/configuration.md, Found configurations).
void declare_discovery_operations(runtime::OperationRegistry& registry, Registry& fleet,
                                  runtime::BlockingPool& blocking, DiscoverySettings settings);
void declare_tap_operations(runtime::OperationRegistry& registry, runtime::EventSink& events);

}  // namespace telltale::fleet
