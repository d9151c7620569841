// What is done for the whole house while it runs: every few seconds its figures go out as
// `system_metrics`, now and then what is too old goes.
#pragma once

#include <functional>

#include "base/json.hpp"
#include "bus/bus.hpp"
#include "fleet/registry.hpp"
#include "runtime/runtime.hpp"
#include "store/store.hpp"

namespace telltale::app {

struct HouseParts {
  runtime::Runtime& runtime;
  bus::Bus& bus;
  store::Store& store;
  const fleet::Registry& fleet;
  std::function<std::size_t()> websocket_clients;
  std::function<runtime::TaskResult<bool>()> forget_old_runs;  // the lab's
};

// Of this process: pid, cpu_percent, memory_bytes, fds, threads.
base::JsonObject process_figures();

// Goes on until it is cancelled.
runtime::Task<> keep_house(HouseParts parts);

}  // namespace telltale::app
