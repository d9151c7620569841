#include "store/fleet_versions.hpp"

#include "base/log.hpp"

namespace telltale::store {
namespace {

constexpr std::int64_t kVersionsMax = 1000;

std::string place_of(std::int64_t id) {
  return "fleet_versions/" + std::to_string(id) + "/definition";
}

base::Result<std::int64_t> one_integer(Connection& db, std::string_view sql) {
  std::int64_t out = 0;
  auto read = db.query(sql, {}, [&](const Row& row) { out = row.integer(0); });
  if (!read) return std::unexpected(read.error());
  return out;
}

// All versions up to `last` become that one: what it was then stays, how it came to be goes.
base::Result<void> fold(Connection& db, std::int64_t last) {
  if (last < 2) return {};
  if (auto done =
          db.execute("DELETE FROM fleet_versions WHERE version<=?1 AND (kind='removed' OR id "
                     "NOT IN (SELECT max(id) FROM fleet_versions WHERE version<=?1 GROUP BY "
                     "name))",
                     {last});
      !done)
    return done;
  return db.execute("UPDATE fleet_versions SET version=?1, kind='added' WHERE version<?1", {last});
}

base::Result<KeptFleet> read_at(Connection& db, const Vault& vault, std::int64_t version) {
  KeptFleet out;
  auto read = db.query(
      "SELECT id, name, origin, definition FROM fleet_versions WHERE id IN (SELECT max(id) FROM "
      "fleet_versions WHERE ?1=0 OR version<=?1 GROUP BY name) AND kind<>'removed'",
      {version}, [&](const Row& row) {
        const auto name = row.text(1);
        auto text = vault.unseal(row.text(3), place_of(row.integer(0)));
        auto definition = text ? base::parse_json(text->reveal())
                               : base::Result<base::Json>(std::unexpected(text.error()));
        if (definition && definition->is_object())
          out.emplace(name, KeptDefinition{row.text(2), std::move(definition->get_object())});
        else  // one that does not open takes no other with it
          base::log(base::LogLevel::error, "store", "a kept definition of {} cannot be read", name);
      });
  if (!read) return std::unexpected(read.error());
  return out;
}

}  // namespace

runtime::TaskResult<bool> save_fleet_version(Store& store, std::string actor, std::string cause,
                                             std::vector<FleetChange> changes) {
  const auto now = base::unix_ms(store.clock().wall());
  return store.write(
      "fleet version",
      [&store, actor = std::move(actor), cause = std::move(cause), changes = std::move(changes),
       now](Connection& db) -> base::Result<void> {
        auto version = one_integer(db, "SELECT coalesce(max(version), 0) FROM fleet_versions");
        if (!version) return std::unexpected(version.error());
        auto id = one_integer(db, "SELECT coalesce(max(id), 0) FROM fleet_versions");
        if (!id) return std::unexpected(id.error());
        for (const auto& change : changes) {
          ++*id;
          // On the writer, so that a rotation never comes between sealing and writing.
          const base::Secret text(base::write_json(change.definition));
          auto sealed = store.vault().seal(text.reveal(), place_of(*id));
          if (!sealed) return std::unexpected(sealed.error());
          if (auto done = db.execute("INSERT INTO fleet_versions VALUES(?,?,?,?,?,?,?,?,?)",
                                     {*id, *version + 1, now, actor, cause, change.name,
                                      change.kind, change.origin, *sealed});
              !done)
            return done;
        }
        return fold(db, *version + 1 - kVersionsMax);
      });
}

runtime::TaskResult<std::vector<FleetVersion>> list_fleet_versions(Store& store,
                                                                   std::int64_t before,
                                                                   std::size_t limit) {
  return store.read([=](Connection& db) -> base::Result<std::vector<FleetVersion>> {
    std::vector<FleetVersion> out;
    auto read = db.query(
        "SELECT version, time, actor, cause, name, kind, origin FROM fleet_versions WHERE version "
        "IN (SELECT DISTINCT version FROM fleet_versions WHERE ?1=0 OR version<?1 ORDER BY version "
        "DESC LIMIT ?2) ORDER BY version DESC, id",
        {before, static_cast<std::int64_t>(limit)}, [&](const Row& row) {
          if (out.empty() || out.back().version != row.integer(0))
            out.push_back({.version = row.integer(0),
                           .time = base::from_unix_ms(row.integer(1)),
                           .actor = row.text(2),
                           .cause = row.text(3)});
          out.back().changes.push_back(
              {.name = row.text(4), .kind = row.text(5), .origin = row.text(6)});
        });
    if (!read) return std::unexpected(read.error());
    return out;
  });
}

runtime::TaskResult<KeptFleet> read_fleet_version(Store& store, std::int64_t version) {
  return store.read([&store, version](Connection& db) -> base::Result<KeptFleet> {
    bool there = version == 0;
    auto read = db.query("SELECT 1 FROM fleet_versions WHERE version=? LIMIT 1", {version},
                         [&](const Row&) { there = true; });
    if (!read) return std::unexpected(read.error());
    if (!there)
      return base::fail(base::Code::not_found,
                        "there is no version " + std::to_string(version) + " of the fleet");
    return read_at(db, store.vault(), version);
  });
}

base::Result<KeptFleet> last_fleet_version(Store& store) {
  KeptFleet out;
  auto read = store.write_now([&](Connection& db) -> base::Result<void> {
    auto found = read_at(db, store.vault(), 0);
    if (!found) return std::unexpected(found.error());
    out = std::move(*found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return out;
}

}  // namespace telltale::store
