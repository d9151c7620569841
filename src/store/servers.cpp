#include "store/servers.hpp"

namespace telltale::store {

base::Result<std::vector<ServerRecord>> load_servers(Store& store) {
  std::vector<ServerRecord> out;
  auto read = store.write_now([&](Connection& db) {
    return db.query(
        "SELECT name, definition, created_by FROM servers ORDER BY name", {}, [&](const Row& row) {
          auto definition = base::parse_json(row.text(1));
          if (definition && definition->is_object())
            out.push_back({row.text(0), std::move(definition->get_object()), row.text(2)});
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
  return store.write("server", [r = std::move(record), now](Connection& db) {
    return db.execute("INSERT OR REPLACE INTO servers VALUES(?,?,?,?)",
                      {r.name, base::write_json(r.definition), r.created_by, now});
  });
}

runtime::TaskResult<bool> delete_server(Store& store, std::string name) {
  return store.write("server", [name = std::move(name)](Connection& db) -> base::Result<void> {
    if (auto done = db.execute("DELETE FROM servers WHERE name=?", {name}); !done) return done;
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
