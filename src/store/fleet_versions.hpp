// The history of the fleet's definitions. A version is what one change made of the fleet: its rows
// are the servers that came, changed or went; the whole of a version is the last row of each server
// up to it. Definitions are sealed (vault.hpp), because they hold secrets.
#pragma once

#include <map>

#include "base/json.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct FleetChange {
  std::string name;
  std::string kind;    // added, changed, removed
  std::string origin;  // file, api
  base::JsonObject definition = {};
};

struct FleetVersion {
  std::int64_t version = 0;
  base::WallTime time;
  std::string actor;
  std::string cause;                      // start, file, create, update, delete, restore N
  std::vector<FleetChange> changes = {};  // without the definitions
};

struct KeptDefinition {
  std::string origin;
  base::JsonObject definition;
};
using KeptFleet = std::map<std::string, KeptDefinition>;

runtime::TaskResult<bool> save_fleet_version(Store& store, std::string actor, std::string cause,
                                             std::vector<FleetChange> changes);
// Newest first, those before `before` (0: all).
runtime::TaskResult<std::vector<FleetVersion>> list_fleet_versions(Store& store,
                                                                   std::int64_t before,
                                                                   std::size_t limit);
// The whole fleet at a version; 0: the newest. `not_found` when there is no such version.
runtime::TaskResult<KeptFleet> read_fleet_version(Store& store, std::int64_t version);
base::Result<KeptFleet> last_fleet_version(Store& store);  // start-up only: blocks

}  // namespace telltale::store
