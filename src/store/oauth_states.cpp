#include "store/oauth_states.hpp"

#include "base/json.hpp"

namespace telltale::store {
namespace {

std::string place_of(const std::string& server) {
  return "oauth/" + server + "/state";
}

}  // namespace

runtime::TaskResult<base::JsonObject> load_oauth_state(Store& store, std::string server,
                                                       std::string url) {
  return store.read([&store, server = std::move(server),
                     url = std::move(url)](Connection& db) -> base::Result<base::JsonObject> {
    std::string sealed;
    auto read = db.query("SELECT state FROM oauth WHERE server=? AND url=?", {server, url},
                         [&](const Row& row) { sealed = row.text(0); });
    if (!read) return std::unexpected(read.error());
    if (sealed.empty()) return base::JsonObject();
    const auto text = store.vault().unseal(sealed, place_of(server));
    if (!text) return std::unexpected(text.error());
    auto state = base::parse_json(text->reveal());
    if (!state || !state->is_object())
      return base::fail(base::Code::storage, "the OAuth state of " + server + " is no object");
    return std::move(state->get_object());
  });
}

runtime::TaskResult<bool> save_oauth_state(Store& store, std::string server, std::string url,
                                           base::JsonObject state) {
  const auto now = base::unix_ms(store.clock().wall());
  return store.write("OAuth state",
                     [&store, server = std::move(server), url = std::move(url),
                      state = std::move(state), now](Connection& db) -> base::Result<void> {
                       if (state.empty())
                         return db.execute("DELETE FROM oauth WHERE server=?", {server});
                       // On the writer, so that a rotation never comes between sealing and writing.
                       const base::Secret text(base::write_json(state));
                       auto sealed = store.vault().seal(text.reveal(), place_of(server));
                       if (!sealed) return std::unexpected(sealed.error());
                       return db.execute("INSERT OR REPLACE INTO oauth VALUES(?,?,?,?)",
                                         {server, url, *sealed, now});
                     });
}

}  // namespace telltale::store
