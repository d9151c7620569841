// What was added to the content store or pinned there, each with the hashes of its blocks. Here and
// not beside the blocks, because it is what people decided: it belongs in transactions and backups.
// The blocks' own index is their folder (content/disk_store.hpp). Functions over a Connection.
#pragma once

#include <functional>

#include "store/store.hpp"

namespace telltale::store {

struct ContentRoot {
  std::string cid;
  std::string name;
  std::int64_t size = 0;         // bytes of the file
  std::int64_t blocks = 0;       // each once
  std::int64_t block_bytes = 0;  // of them
  bool pinned = false;
  std::string added_by;
  base::WallTime added_at;
};

// `hashes`: 32 bytes of each block, one after the other. One that is there already is pinned by it
// and keeps the rest; `was_pinned` says how it was.
base::Result<void> save_content_root(Connection& db, const ContentRoot& root,
                                     const std::string& hashes, bool* was_pinned);
base::Result<std::optional<ContentRoot>> find_content_root(Connection& db, const std::string& cid);
// By CID, those after `after`.
base::Result<std::vector<ContentRoot>> list_content_roots(Connection& db, const std::string& after,
                                                          std::size_t limit);
base::Result<std::string> content_hashes(Connection& db, const std::string& cid);
base::Result<void> unpin_content_root(Connection& db, const std::string& cid);
base::Result<void> delete_content_root(Connection& db, const std::string& cid);
base::Result<std::int64_t> delete_unpinned_content(Connection& db);  // how many
base::Result<void> each_pinned(Connection& db,
                               const std::function<void(const std::string& hashes)>& told);

}  // namespace telltale::store
