// Servers defined through the API, and what is remembered of every server, also of those from the
// fleet file.
#pragma once

#include "base/json.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct ServerRecord {
  std::string name;
  base::JsonObject definition;
  std::string created_by;
};
struct ServerState {
  std::string name;
  std::string desired;  // running, stopped, disabled
  std::string reason;
  std::string era;  // modern, legacy or ""
};

base::Result<std::vector<ServerRecord>> load_servers(Store& store);       // start-up only: blocks
base::Result<std::vector<ServerState>> load_server_states(Store& store);  // start-up only: blocks
runtime::TaskResult<bool> save_server(Store& store, ServerRecord record);
runtime::TaskResult<bool> delete_server(Store& store, std::string name);
void record_server_state(Store& store, ServerState state);

}  // namespace telltale::store
