#include "store/servers.hpp"

#include "base/log.hpp"

namespace telltale::store {
namespace {

std::string place_of(const std::string& name) {
  return "servers/" + name + "/definition";
}

}  // namespace

base::Result<std::vector<ServerRecord>> load_servers(Store& store) {
  std::vector<ServerRecord> out;
  auto read = store.write_now([&](Connection& db) {
    return db.query(
        "SELECT name, definition, created_by FROM servers ORDER BY name", {}, [&](const Row& row) {
          const auto name = row.text(0);
          auto text = store.vault().unseal(row.text(1), place_of(name));
          auto definition = text ? base::parse_json(text->reveal())
                                 : base::Result<base::Json>(std::unexpected(text.error()));
          if (definition && definition->is_object())
            out.push_back({name, std::move(definition->get_object()), row.text(2)});
          else  // one that does not open takes no other with it
            base::log(base::LogLevel::error, "store", "the server {} is left out: {}", name,
                      definition ? "its definition is no object" : definition.error().detail);
        });
  });
  if (!read) return std::unexpected(read.error());
  return out;
}

base::Result<std::vector<ServerState>> load_server_states(Store& store) {
  std::vector<ServerState> out;
  auto read = store.write_now([&](Connection& db) {
    return db.query("SELECT name, desired, reason, era FROM server_state", {}, [&](const Row& row) {
      out.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
    });
  });
  if (!read) return std::unexpected(read.error());
  return out;
}

runtime::TaskResult<bool> save_server(Store& store, ServerRecord record) {
  const auto now = base::unix_ms(store.clock().wall());
  return store.write("server",
                     [r = std::move(record), now, &store](Connection& db) -> base::Result<void> {
                       // On the writer, so that a rotation never comes between sealing and writing.
                       const base::Secret text(base::write_json(r.definition));
                       auto sealed = store.vault().seal(text.reveal(), place_of(r.name));
                       if (!sealed) return std::unexpected(sealed.error());
                       return db.execute("INSERT OR REPLACE INTO servers VALUES(?,?,?,?)",
                                         {r.name, *sealed, r.created_by, now});
                     });
}

runtime::TaskResult<bool> delete_server(Store& store, std::string name) {
  return store.write("server", [name = std::move(name)](Connection& db) -> base::Result<void> {
    if (auto done = db.execute("DELETE FROM servers WHERE name=?", {name}); !done) return done;
    if (auto done = db.execute("DELETE FROM oauth WHERE server=?", {name}); !done) return done;
    return db.execute("DELETE FROM server_state WHERE name=?", {name});
  });
}

void record_server_state(Store& store, ServerState state) {
  const auto now = base::unix_ms(store.clock().wall());
  store.record([s = std::move(state), now](Connection& db) {
    return db.execute("INSERT OR REPLACE INTO server_state VALUES(?,?,?,?,?)",
                      {s.name, s.desired, s.reason, s.era, now});
  });
}

}  // namespace telltale::store
