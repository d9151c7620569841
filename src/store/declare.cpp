#include "store/declare.hpp"

namespace telltale::store {
namespace {

runtime::TaskResult<base::JsonObject> rotate(Store* store) {
  auto rotation = co_await store->rotate_secrets();
  if (!rotation) co_return std::unexpected(rotation.error());
  co_return base::JsonObject{{"values", rotation->values},
                             {"master_key_too", rotation->master_too}};
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Store& store) {
  declare_usage_operations(registry, store);
  declare_backup_operations(registry, store);
  registry.add(runtime::declare<runtime::Nothing, base::JsonObject>(
      {.name = "secrets.rotate",
       .help = "A new key for the sealed values, and a new master key where it is a file",
       .permission = "secrets:rotate",
       .changes = true,
       .routes = {{"POST", "/api/secrets/rotate"}},
       .group = "Store"},
      [all = &store](runtime::ContextPtr, runtime::Nothing) { return rotate(all); }));
}

}  // namespace telltale::store
