#include "store/vault.hpp"

#include <array>
#include <charconv>
#include <filesystem>
#include <span>

#include <openssl/evp.h>

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace telltale::store {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kKeyBytes = 32;
constexpr std::array kSealed{SealedColumn{"servers", "name", "definition"},
                             SealedColumn{"oauth", "server", "state"},
                             SealedColumn{"fleet_versions", "id", "definition"},
                             SealedColumn{"alert_channels", "id", "secrets"}};

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
int length(std::string_view text) {
  return static_cast<int>(text.size());
}

base::Result<std::string> encrypt(const base::Secret& key, std::string_view value,
                                  std::string_view place) {
  std::string out(kNonce + value.size() + kTag, '\0');
  base::secure_bytes({bytes(out), kNonce});
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  if (!cipher ||
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key.reveal()),
                         bytes(out)) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes(place), length(place)) != 1 ||
      EVP_EncryptUpdate(cipher.get(), bytes(out) + kNonce, &size, bytes(value), length(value)) !=
          1 ||
      EVP_EncryptFinal_ex(cipher.get(), bytes(out) + kNonce + value.size(), &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag,
                          bytes(out) + kNonce + value.size()) != 1)
    return base::fail(base::Code::internal, "OpenSSL does not encrypt");
  return out;
}

base::Result<base::Secret> decrypt(const base::Secret& key, std::string sealed,
                                   std::string_view place) {
  const auto refuse = [&] {
    return base::fail(base::Code::storage, "the sealed value at " + std::string(place) +
                                               " does not open: it was changed, moved, or sealed "
                                               "with another key");
  };
  if (sealed.size() < kNonce + kTag) return refuse();
  const auto size = sealed.size() - kNonce - kTag;
  std::string out(size, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int got = 0;
  const bool good =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key.reveal()),
                         bytes(sealed)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &got, bytes(place), length(place)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes(out), &got, bytes(sealed) + kNonce,
                        static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag,
                          bytes(sealed) + kNonce + size) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes(out) + size, &got) == 1;
  if (good) return base::Secret(std::move(out));
  base::wipe(out);
  return refuse();
}

std::string place_of(const SealedColumn& column, const std::string& id) {
  return std::string(column.table) + "/" + id + "/" + std::string(column.column);
}
std::string key_place(std::int64_t id) {
  return "vault_keys/" + std::to_string(id) + "/wrapped";
}

struct Cell {
  std::string id, value;
};
base::Result<std::vector<Cell>> cells(Connection& db, const SealedColumn& column) {
  std::vector<Cell> out;
  auto read = db.query("SELECT " + std::string(column.id) + ", " + std::string(column.column) +
                           " FROM " + std::string(column.table),
                       {}, [&](const Row& row) { out.push_back({row.text(0), row.text(1)}); });
  if (!read) return std::unexpected(read.error());
  return out;
}
base::Result<void> put(Connection& db, const SealedColumn& column, const Cell& cell) {
  return db.execute("UPDATE " + std::string(column.table) + " SET " + std::string(column.column) +
                        "=? WHERE " + std::string(column.id) + "=?",
                    {cell.value, cell.id});
}

}  // namespace

std::span<const SealedColumn> sealed_columns() {
  return kSealed;
}

base::Result<std::unique_ptr<Vault>> Vault::open(Connection& db, const std::string& folder,
                                                 std::int64_t now_ms) {
  auto master = load_master_key(folder);
  if (!master) return std::unexpected(master.error());
  std::unique_ptr<Vault> out(new Vault(folder, std::move(*master)));
  if (auto begun = db.run("BEGIN IMMEDIATE"); !begun) return std::unexpected(begun.error());
  auto loaded = out->load(db, now_ms);
  if (!loaded) {
    if (auto undone = db.run("ROLLBACK"); !undone) return std::unexpected(undone.error());
    return std::unexpected(loaded.error());
  }
  if (auto kept = db.run("COMMIT"); !kept) return std::unexpected(kept.error());
  if (*loaded > 0) {
    // The pages that held the open text are written anew, and the log of them is emptied.
    if (auto cleaned = db.run("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);"); !cleaned)
      return std::unexpected(cleaned.error());
    base::log(base::LogLevel::info, "store", "{} values that lay in the open are sealed now",
              *loaded);
  }
  return out;
}

base::Result<std::int64_t> Vault::load(Connection& db, std::int64_t now_ms) {
  struct Wrapped {
    std::int64_t id;
    std::string master, text;
  };
  std::vector<Wrapped> rows;
  if (auto read = db.query(
          "SELECT id, master, wrapped FROM vault_keys ORDER BY id", {},
          [&](const Row& row) { rows.push_back({row.integer(0), row.text(1), row.text(2)}); });
      !read)
    return std::unexpected(read.error());
  if (!rows.empty() && rows.back().master != master_.id()) {
    auto next = load_next_master_key(folder_);
    if (!master_.from_file || !next || next->id() != rows.back().master)
      return base::fail(base::Code::storage,
                        "the secrets of this database are sealed with another master key (" +
                            rows.back().master + ", this one is " + master_.id() +
                            "): put the right one into master.key, TELLTALE_MASTER_KEY or the "
                            "credential telltale.master-key");
    if (auto promoted = promote_next_master_key(folder_); !promoted)
      return std::unexpected(promoted.error());
    master_ = std::move(*next);
  }
  Ring ring;
  for (const auto& row : rows) {
    auto sealed = base::base64_decode(row.text);
    if (!sealed) return std::unexpected(sealed.error());
    auto key = decrypt(master_.bytes, std::move(*sealed), key_place(row.id));
    if (!key) return std::unexpected(key.error());
    ring.keys.insert_or_assign(row.id, std::move(*key));
    ring.current = row.id;
  }
  if (rows.empty())
    if (auto added = add_key(db, ring, master_, now_ms); !added)
      return std::unexpected(added.error());
  ring_.store(std::make_shared<const Ring>(std::move(ring)));
  std::int64_t sealed_now = 0;
  for (const auto& column : kSealed) {
    auto found = cells(db, column);
    if (!found) return std::unexpected(found.error());
    for (auto& cell : *found) {
      if (is_sealed(cell.value)) continue;
      auto sealed = seal(cell.value, place_of(column, cell.id));
      if (!sealed) return std::unexpected(sealed.error());
      cell.value = std::move(*sealed);
      if (auto done = put(db, column, cell); !done) return std::unexpected(done.error());
      ++sealed_now;
    }
  }
  return sealed_now;
}

base::Result<void> Vault::add_key(Connection& db, Ring& ring, const MasterKey& master,
                                  std::int64_t now_ms) {
  std::string random(kKeyBytes, '\0');
  base::secure_bytes({bytes(random), kKeyBytes});
  base::Secret key(std::move(random));
  const auto id = ring.current + 1;
  auto wrapped = encrypt(master.bytes, key.reveal(), key_place(id));
  if (!wrapped) return std::unexpected(wrapped.error());
  ring.keys.insert_or_assign(id, std::move(key));
  ring.current = id;
  return db.execute("INSERT INTO vault_keys VALUES(?,?,?,?)",
                    {id, master.id(), base::base64_encode(*wrapped), now_ms});
}

base::Result<std::string> Vault::seal(std::string_view value, const std::string& place) const {
  const auto ring = ring_.load();
  auto sealed = encrypt(ring->keys.at(ring->current), value, place);
  if (!sealed) return sealed;
  return "enc1:" + std::to_string(ring->current) + ":" + base::base64_encode(*sealed);
}

base::Result<base::Secret> Vault::unseal(std::string_view sealed, const std::string& place) const {
  const auto colon = sealed.find(':', 5);
  std::int64_t id = 0;
  const auto ring = ring_.load();
  if (!is_sealed(sealed) || colon == std::string_view::npos ||
      std::from_chars(sealed.data() + 5, sealed.data() + colon, id).ptr != sealed.data() + colon ||
      !ring->keys.contains(id))
    return base::fail(base::Code::storage,
                      "the value at " + place + " is not sealed by this store");
  auto raw = base::base64_decode(sealed.substr(colon + 1));
  if (!raw) return std::unexpected(raw.error());
  return decrypt(ring->keys.at(id), std::move(*raw), place);
}

base::Result<Vault::Rotation> Vault::rotate(Connection& db, std::int64_t now_ms) {
  Rotation out{.master_too = master_.from_file};
  old_ring_ = ring_.load();
  if (master_.from_file) {
    auto next = make_next_master_key(folder_);
    if (!next) return std::unexpected(next.error());
    next_master_ = std::move(*next);
  }
  auto ring = *old_ring_;
  if (auto added = add_key(db, ring, next_master_ ? *next_master_ : master_, now_ms); !added)
    return std::unexpected(added.error());
  if (auto gone = db.execute("DELETE FROM vault_keys WHERE id<?", {ring.current}); !gone)
    return std::unexpected(gone.error());
  // From here on what shares the transaction seals with the new key.
  ring_.store(std::make_shared<const Ring>(std::move(ring)));
  for (const auto& column : kSealed) {
    auto found = cells(db, column);
    if (!found) return std::unexpected(found.error());
    for (auto& cell : *found) {
      const auto place = place_of(column, cell.id);
      auto open = unseal(cell.value, place);
      if (!open) return std::unexpected(open.error());
      auto sealed = seal(open->reveal(), place);
      if (!sealed) return std::unexpected(sealed.error());
      cell.value = std::move(*sealed);
      if (auto done = put(db, column, cell); !done) return std::unexpected(done.error());
      ++out.values;
    }
  }
  return out;
}

base::Result<void> Vault::finish_rotation(bool committed) {
  auto next = std::exchange(next_master_, std::nullopt);
  const auto before = std::exchange(old_ring_, nullptr);
  if (!before) return {};
  if (!committed) {
    ring_.store(before);
    return {};
  }
  Ring only;
  const auto ring = ring_.load();
  only.current = ring->current;
  only.keys.insert_or_assign(ring->current, ring->keys.at(ring->current));
  ring_.store(std::make_shared<const Ring>(std::move(only)));
  if (!next) return {};
  master_ = std::move(*next);
  return promote_next_master_key(folder_);
}

}  // namespace telltale::store
