// Operations about operations, tasks, events and this process itself.
#pragma once

#include <functional>

#include "bus/bus.hpp"
#include "catalog/dispatcher.hpp"

namespace telltale::catalog {

struct SystemParts {
  std::function<base::JsonObject()> process;  // cpu_percent, memory_bytes, fds, threads
  std::function<std::size_t()> websocket_clients;
  std::string version;
};

void declare_operations(Catalog& catalog, Dispatcher& dispatcher, runtime::Runtime& runtime,
                        store::Store& store, bus::Bus& bus, SystemParts parts);

}  // namespace telltale::catalog
