// Heads: "the chain was this long and ended in this hash", signed. Each is a line of JSON in
// `audit.heads` beside the database, on disk before it goes into the table audit_heads, so that a
// table that was cut short does not match the file. Blocks: for the blocking pool and start-up.
#pragma once

#include "audit/chain.hpp"
#include "audit/signer.hpp"

namespace telltale::audit {

struct Head {
  std::string kind = "head";  // or "restore": the chain was put back to this point on purpose
  Tip tip;
  base::WallTime time;
  std::string signature;  // base64
};

base::Result<Head> sign_head(const Signer& signer, std::string kind, Tip tip, base::WallTime time);
base::Result<void> append_to_file(const std::string& path, const Head& head);
base::Result<void> insert(store::Connection& db, const Head& head);
// The newest of the table; seq -1 when there is none.
base::Result<std::int64_t> last_head(store::Connection& db);

}  // namespace telltale::audit
