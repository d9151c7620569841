// The master key: 32 bytes that open the vault. From, in this order, the systemd credential
// `telltale.master-key` (LoadCredential), the variable TELLTALE_MASTER_KEY, or the file master.key
// in the state directory, which is made (0600) when there is none. Start-up only: blocks.
#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"

namespace telltale::store {

struct MasterKey {
  base::Secret bytes;  // 32
  bool from_file = true;
  // Names the key without telling it.
  std::string id() const;
};

base::Result<MasterKey> load_master_key(const std::string& folder);
// Of 32 bytes as hex (64) or base64 (44).
base::Result<base::Secret> parse_master_key(std::string_view text, const std::string& where);

// A rotation writes the next key beside the present one, changes the store, and then puts it in its
// place; a crash between leaves both, and the store says which one it is.
base::Result<MasterKey> make_next_master_key(const std::string& folder);
base::Result<MasterKey> load_next_master_key(const std::string& folder);
base::Result<void> promote_next_master_key(const std::string& folder);

}  // namespace telltale::store
