// The chain as it is written: hash = SHA-256 over the previous hash and the row in one canonical
// form (docs/audit.md: netstrings, so that no two rows read the same). verify.cpp reads it with
// code of its own. Functions over a Connection; the caller owns the transaction.
#pragma once

#include "audit/entry.hpp"
#include "store/connection.hpp"

namespace telltale::audit {

struct Tip {
  std::int64_t seq = 0;
  std::string hash = std::string(64, '0');
};

base::Result<Tip> tip(store::Connection& db);
base::Result<Record> append(store::Connection& db, Entry entry, base::WallTime time,
                            base::SteadyTime steady);

struct Query {
  std::string actor;
  std::string action;  // a name, or several by * and ?: fleet.*
  std::string subject, outcome;
  std::string text;  // somewhere in an entry, whatever its case (of ASCII letters)
  std::optional<base::WallTime> from, to;
  std::int64_t before = 0;  // cursor; 0: from the newest
  std::size_t limit = 100;
};
base::Result<std::vector<Record>> list(store::Connection& db, const Query& query);  // newest first
// Those after `after` and up to `end`, oldest first.
base::Result<std::vector<Record>> list_onwards(store::Connection& db, const Query& query,
                                               std::int64_t after, std::int64_t end);

}  // namespace telltale::audit
