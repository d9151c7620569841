// What this program is: version, compiler, the machine it was built for and runs on. The licences
// of what it is made of are a file of the dashboard (licences.json, web/scripts/licences.mjs).
#pragma once

#include <string>

#include "runtime/operation.hpp"
#include "store/store.hpp"

namespace telltale::app {

void declare_about(runtime::OperationRegistry& registry, store::Store& store, std::string version);

}  // namespace telltale::app
