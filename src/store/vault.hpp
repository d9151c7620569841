// Vault: what is secret in the store is sealed with AES-256-GCM (NIST SP 800-38D): each value with
// a nonce of its own and its place (table/id/column) as associated data, so that a value copied to
// another row does not open. The key of the values is random, lies in the table vault_keys, and is
// itself sealed by the master key (master_key.hpp). Text form: enc1:KEY:BASE64(nonce|cipher|tag).
// seal() and open() from any thread; rotate() on the writer.
#pragma once

#include <map>
#include <optional>
#include <span>

#include "base/published.hpp"
#include "store/connection.hpp"
#include "store/master_key.hpp"

namespace telltale::store {

class Vault {
 public:
  // On the writer, at start-up. Makes the first key; finishes a rotation that a crash cut short;
  // refuses a database that another master key seals; seals what lies there in the open.
  static base::Result<std::unique_ptr<Vault>> open(Connection& db, const std::string& folder,
                                                   std::int64_t now_ms);
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  // `place` is table/id/column.
  base::Result<std::string> seal(std::string_view value, const std::string& place) const;
  base::Result<base::Secret> unseal(std::string_view sealed, const std::string& place) const;
  static bool is_sealed(std::string_view text) { return text.starts_with("enc1:"); }

  // New key for the values, everything sealed anew; with a key file also a new master key. Within
  // a transaction of the writer, which calls finish_rotation() right after it.
  struct Rotation {
    std::int64_t values = 0;
    bool master_too = false;
  };
  base::Result<Rotation> rotate(Connection& db, std::int64_t now_ms);
  base::Result<void> finish_rotation(bool committed);

 private:
  struct Ring {
    std::int64_t current = 0;
    std::map<std::int64_t, base::Secret> keys;
  };
  Vault(std::string folder, MasterKey master)
      : folder_(std::move(folder)), master_(std::move(master)) {}
  base::Result<std::int64_t> load(Connection& db, std::int64_t now_ms);  // how many it sealed
  base::Result<void> add_key(Connection& db, Ring& ring, const MasterKey& master,
                             std::int64_t now_ms);

  const std::string folder_;
  MasterKey master_;
  std::optional<MasterKey> next_master_;
  base::Published<Ring> ring_;
  std::shared_ptr<const Ring> old_ring_;  // during a rotation
};

// The columns that are sealed: every one of them is sealed at the start and anew by a rotation.
struct SealedColumn {
  std::string_view table, id, column;
};
std::span<const SealedColumn> sealed_columns();

}  // namespace telltale::store
