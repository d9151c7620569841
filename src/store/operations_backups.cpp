// store.backup and the folder backups/: what is there, read, removed. Only files of it, by their
// names: a path of the caller's choosing would let him read or write any file.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "store/backup.hpp"
#include "store/declare.hpp"

namespace telltale::store {

struct OneBackup {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(OneBackup, (), (name))
constexpr auto field_rules(const OneBackup*) {
  return std::array{base::FieldRule{.name = "name", .minimum = 1, .maximum = 200}};
}

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kPiece = 256U << 10U;
constexpr std::size_t kListed = 1000;

fs::path folder_of(const Store& store) {
  return fs::path(store.path()).parent_path() / "backups";
}

struct Backup {
  std::string name;
  std::uint64_t bytes = 0;
  base::WallTime time;
};

std::vector<Backup> backups_in(const fs::path& folder) {
  std::vector<Backup> out;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const auto& entry = *it;
    if (!entry.is_regular_file(error) || entry.path().extension() != ".db") continue;
    const auto changed = fs::file_time_type::clock::to_sys(entry.last_write_time(error));
    out.push_back({.name = entry.path().filename().string(),
                   .bytes = entry.file_size(error),
                   .time = std::chrono::time_point_cast<base::WallTime::duration>(changed)});
  }
  std::ranges::sort(out, std::greater<>(), &Backup::time);
  if (out.size() > kListed) out.resize(kListed);
  return out;
}

// Of those that are there: nothing else can be named.
base::Result<Backup> find_backup(const fs::path& folder, const std::string& name) {
  const auto all = backups_in(folder);
  const auto found = std::ranges::find(all, name, &Backup::name);
  if (found == all.end())
    return base::fail(base::Code::not_found, "there is no backup of this name");
  return *found;
}

runtime::TaskResult<BackupReport> back_up_now(Store* store) {
  auto name = "telltale-" + base::format_rfc3339(store->clock().wall()) + ".db";
  std::erase(name, ':');
  return store->read([from = store->path(), to = (folder_of(*store) / name).string()](Connection&) {
    return back_up(from, to);
  });
}

runtime::TaskResult<base::JsonObject> list_backups(Store* store) {
  const auto folder = folder_of(*store);
  auto all = co_await store->read(
      [folder](Connection&) -> base::Result<std::vector<Backup>> { return backups_in(folder); });
  if (!all) co_return std::unexpected(all.error());
  base::JsonArray items;
  for (const auto& one : *all)
    items.push_back(
        {{"name", one.name}, {"bytes", one.bytes}, {"time", base::format_rfc3339(one.time)}});
  co_return base::JsonObject{{"folder", folder.string()}, {"items", std::move(items)}};
}

runtime::TaskResult<std::string> next_piece(Store* store, std::shared_ptr<std::ifstream> file) {
  co_return co_await store->read([file](Connection&) -> base::Result<std::string> {
    std::string out(kPiece, '\0');
    file->read(out.data(), static_cast<std::streamsize>(out.size()));
    out.resize(static_cast<std::size_t>(file->gcount()));
    return out;
  });
}

runtime::TaskResult<base::JsonObject> read_backup(Store* store, runtime::ContextPtr context,
                                                  OneBackup input) {
  const auto folder = folder_of(*store);
  auto found = co_await store->read(
      [folder, name = input.name](Connection&) { return find_backup(folder, name); });
  if (!found) co_return std::unexpected(found.error());
  auto file = std::make_shared<std::ifstream>(folder / found->name, std::ios::binary);
  if (!*file) co_return base::fail(base::Code::storage, "the backup cannot be read");
  runtime::BytesAnswer answer{
      .headers = {{"content-type", "application/vnd.sqlite3"},
                  {"content-disposition", "attachment; filename=\"" + found->name + "\""}},
      .size = found->bytes,
      .next = [store, file] { return next_piece(store, file); }};
  if (!context->answer_bytes(std::move(answer)))
    co_return base::fail(base::Code::unsupported, "a backup is given over REST only");
  co_return base::JsonObject{{"bytes", found->bytes}};
}

runtime::TaskResult<base::JsonObject> delete_backup(Store* store, runtime::ContextPtr context,
                                                    OneBackup input) {
  context->set_subject(input.name);
  const auto folder = folder_of(*store);
  auto gone = co_await store->read([folder, name = input.name](Connection&) -> base::Result<bool> {
    auto found = find_backup(folder, name);
    if (!found) return std::unexpected(found.error());
    std::error_code error;
    fs::remove(folder / found->name, error);
    if (error) return base::fail(base::Code::storage, error.message());
    return true;
  });
  if (!gone) co_return std::unexpected(gone.error());
  co_return base::JsonObject();
}

}  // namespace

void declare_backup_operations(runtime::OperationRegistry& registry, Store& store) {
  auto* const all = &store;
  const auto spec = [](std::string name, std::string help, runtime::Route route) {
    return runtime::OperationSpec{.name = std::move(name),
                                  .help = std::move(help),
                                  .permission = "store:backup",
                                  .time_limit = std::chrono::minutes(10),
                                  .routes = {std::move(route)},
                                  .group = "Store"};
  };
  auto make =
      spec("store.backup", "Copies the database, while it is used, into the folder backups/",
           {"POST", "/api/store/backup", 201});
  make.changes = true;
  registry.add(runtime::declare<runtime::Nothing, BackupReport>(
      std::move(make), [all](runtime::ContextPtr, runtime::Nothing) { return back_up_now(all); }));
  registry.add(runtime::declare<runtime::Nothing, base::JsonObject>(
      spec("store.backups", "The backups in the folder, newest first",
           {"GET", "/api/store/backups"}),
      [all](runtime::ContextPtr, runtime::Nothing) { return list_backups(all); }));
  auto read =
      spec("store.read_backup", "A backup, byte by byte", {"GET", "/api/store/backups/{name}"});
  read.gives_bytes = true;
  read.changes = true;  // who took a copy of everything is written down
  registry.add(runtime::declare<OneBackup, base::JsonObject>(
      std::move(read), [all](runtime::ContextPtr context, OneBackup input) {
        return read_backup(all, std::move(context), std::move(input));
      }));
  auto remove =
      spec("store.delete_backup", "Removes a backup", {"DELETE", "/api/store/backups/{name}", 204});
  remove.changes = true;
  registry.add(runtime::declare<OneBackup, base::JsonObject>(
      std::move(remove), [all](runtime::ContextPtr context, OneBackup input) {
        return delete_backup(all, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::store
