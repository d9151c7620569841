// store.usage, store.retention, store.set_retention.
#include <filesystem>

#include "store/declare.hpp"
#include "store/usage.hpp"

namespace telltale::store {
namespace {

base::Json time_or_null(const std::optional<base::WallTime>& time) {
  return time ? base::Json(base::format_rfc3339(*time)) : base::Json(nullptr);
}

runtime::TaskResult<base::JsonObject> usage(Store* store) {
  auto kinds = co_await store->read(
      [now = store->clock().wall()](Connection& db) { return read_usage(db, now); });
  if (!kinds) co_return std::unexpected(kinds.error());
  std::error_code error;
  const auto disk =
      std::filesystem::space(std::filesystem::path(store->path()).parent_path(), error);
  if (error) co_return base::fail(base::Code::storage, "the disk: " + error.message());
  double size = 0;
  for (const auto& kind : *kinds) size += static_cast<double>(kind.bytes);
  const auto next = forecast(*kinds, size, static_cast<double>(disk.available));
  base::JsonArray items;
  for (const auto& kind : *kinds)
    items.push_back(
        {{"kind", kind.kind},
         {"rows", kind.rows},
         {"bytes", kind.bytes},
         {"oldest", time_or_null(kind.oldest)},
         {"newest", time_or_null(kind.newest)},
         {"rows_per_day", kind.rows_per_day},
         {"bytes_per_day", kind.bytes_per_day()},
         {"keep_hours", kind.keep_hours ? base::Json(*kind.keep_hours) : base::Json(nullptr)}});
  co_return base::JsonObject{
      {"size_bytes", size},
      {"disk", {{"free_bytes", disk.available}, {"size_bytes", disk.capacity}}},
      {"kinds", std::move(items)},
      {"forecast",
       {{"bytes_per_day", next.bytes_per_day},
        {"settles_bytes",
         next.settles_bytes ? base::Json(*next.settles_bytes) : base::Json(nullptr)},
        {"days_until_full",
         next.days_until_full ? base::Json(*next.days_until_full) : base::Json(nullptr)}}}};
}

runtime::TaskResult<Retention> get_retention(Store* store) {
  co_return co_await store->read([](Connection& db) { return load_retention(db); });
}

runtime::TaskResult<Retention> set_retention(Store* store, Retention wanted) {
  auto done = co_await store->write(
      "retention", [wanted](Connection& db) { return save_retention(db, wanted); });
  if (!done) co_return std::unexpected(done.error());
  co_return wanted;
}

}  // namespace

void declare_usage_operations(runtime::OperationRegistry& registry, Store& store) {
  auto* const all = &store;
  registry.add(runtime::declare<runtime::Nothing, base::JsonObject>(
      {.name = "store.usage",
       .help = "What is stored, how fast it grows, how long the disk lasts",
       .permission = "system:read",
       .time_limit = std::chrono::minutes(2),
       .routes = {{"GET", "/api/store/usage"}},
       .group = "Store"},
      [all](runtime::ContextPtr, runtime::Nothing) { return usage(all); }));
  registry.add(runtime::declare<runtime::Nothing, Retention>(
      {.name = "store.retention",
       .help = "How long what is recorded is kept, in hours",
       .permission = "system:read",
       .routes = {{"GET", "/api/store/retention"}},
       .group = "Store"},
      [all](runtime::ContextPtr, runtime::Nothing) { return get_retention(all); }));
  registry.add(runtime::declare<Retention, Retention>(
      {.name = "store.set_retention",
       .help = "Changes it; what is older goes within minutes",
       .permission = "store:retention",
       .changes = true,
       .routes = {{"PUT", "/api/store/retention"}},
       .group = "Store"},
      [all](runtime::ContextPtr, Retention wanted) { return set_retention(all, wanted); }));
}

}  // namespace telltale::store
