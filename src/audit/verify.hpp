// Verification: reads the chain, the heads and the second file and says whether they are what was
// written. It shares no code with the writer (docs/audit.md describes the format to both), needs
// the public key only, and reads a stopped or a running server's files. Blocks.
#pragma once

#include <optional>
#include <string>

#include "base/describe.hpp"
#include "store/connection.hpp"

namespace telltale::audit {

struct Verdict {
  bool ok = false;
  std::int64_t entries = 0;
  std::int64_t first_seq = 0;
  std::int64_t last_seq = 0;
  std::int64_t signed_up_to = 0;  // what comes after is chained but not signed yet
  std::optional<std::int64_t> broken_at;
  std::string detail;
  std::string head;  // SEQ:HASH of the last entry, to be noted elsewhere; "" of an empty chain
};
BOOST_DESCRIBE_STRUCT(Verdict, (),
                      (ok, entries, first_seq, last_seq, signed_up_to, broken_at, detail, head))

struct VerifyInput {
  std::string database;
  std::string heads;                 // the second file; "" is audit.heads beside the database
  std::string public_key;            // "" is audit.pub beside the database
  std::optional<std::string> known;  // SEQ:HASH, a head noted elsewhere (the server's log has them)
};

// An Error only when it cannot be read at all.
base::Result<Verdict> verify(const VerifyInput& input);
base::Result<Verdict> verify(store::Connection& db, const VerifyInput& input);

}  // namespace telltale::audit
