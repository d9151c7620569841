#include "store/declare.hpp"

#include <filesystem>

#include "store/backup.hpp"

namespace telltale::store {
namespace {

// Into the state directory only: a path of the caller's choosing would let him write any file.
runtime::TaskResult<BackupReport> back_up_now(Store* store) {
  const auto folder = std::filesystem::path(store->path()).parent_path() / "backups";
  auto name = "telltale-" + base::format_rfc3339(store->clock().wall()) + ".db";
  std::erase(name, ':');
  return store->read([from = store->path(), to = (folder / name).string()](Connection&) {
    return back_up(from, to);
  });
}

runtime::TaskResult<base::JsonObject> rotate(Store* store) {
  auto rotation = co_await store->rotate_secrets();
  if (!rotation) co_return std::unexpected(rotation.error());
  co_return base::JsonObject{{"values", rotation->values},
                             {"master_key_too", rotation->master_too}};
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Store& store) {
  registry.add(runtime::declare<runtime::Nothing, BackupReport>(
      {.name = "store.backup",
       .help = "Copies the database, while it is used, into the folder backups/",
       .permission = "store:backup",
       .changes = true,
       .time_limit = std::chrono::minutes(10),
       .routes = {{"POST", "/api/store/backup", 201}},
       .group = "Store"},
      [all = &store](runtime::ContextPtr, runtime::Nothing) { return back_up_now(all); }));
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
