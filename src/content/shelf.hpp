// Shelf: what somebody added or pinned, by the CID of its root. A pinned root's blocks stay; the
// others are a cache that gc, the size limit and others' removals may empty. What it says is in the
// database (store/content_roots.hpp) before it is answered; added blocks are on the disk before
// that. Any loop.
#pragma once

#include <unordered_set>

#include "content/directory.hpp"
#include "content/library.hpp"
#include "content/walk.hpp"
#include "store/content_roots.hpp"

namespace telltale::content {

// One import under way, of a file or of a directory: its blocks are pinned by it until it is
// shelved or given up. One thread at a time; blocks.
class Import {
 public:
  Import(DiskStore& disk, ImportOptions options, bool of_directory = false);
  Import(const Import&) = delete;
  Import& operator=(const Import&) = delete;
  ~Import();  // what is not shelved is pinned no more

  base::Result<void> feed(std::string_view bytes) { return importer_->feed(bytes); }
  // Of a directory. The file that is fed from here on; again with the same path: it goes on.
  base::Result<void> begin_file(const std::string& path);
  base::Result<void> add_directory(std::string_view path);
  base::Result<void> add_symlink(std::string_view path, std::string_view target);
  bool of_directory() const noexcept { return directory_ != nullptr; }
  base::Result<void> finish();  // once; the blocks are on the disk then
  const Imported& result() const noexcept { return result_; }
  std::uint64_t size() const noexcept { return ended_bytes_ + importer_->size(); }

 private:
  friend class Shelf;
  base::Result<void> end_file();
  base::Result<void> keep(const Cid& cid, std::string_view block);

  DiskStore& disk_;
  const ImportOptions options_;
  const Importer::Sink sink_;
  std::vector<Hash> blocks_;  // each once
  std::unordered_set<Hash, HashOfHash> seen_;
  std::uint64_t block_bytes_ = 0;
  std::unique_ptr<DirectoryBuilder> directory_;  // null: a file
  std::string path_;                             // of the file that is fed; empty: none is
  std::uint64_t ended_bytes_ = 0;                // of the files before it
  std::unique_ptr<Importer> importer_;
  Imported result_;
};

struct ShelveOptions {
  std::string name = {};
  bool pin = true;
  std::string by = {};
};

class Shelf {
 public:
  Shelf(Library& library, store::Store& store) : library_(library), store_(store) {}

  // Start-up, before anything is removed: what is pinned. Blocks.
  base::Result<void> load();
  runtime::TaskResult<store::ContentRoot> shelve(std::shared_ptr<Import> import,
                                                 ShelveOptions options);
  // Fetches what is missing of it. `progress` is told of the blocks and bytes that are here.
  using Progress = std::function<void(std::uint64_t blocks, std::uint64_t bytes)>;
  runtime::TaskResult<store::ContentRoot> pin(Cid root, ShelveOptions options, Progress progress);
  runtime::TaskResult<store::ContentRoot> unpin(Cid root);  // not_found: it is not pinned
  // conflict: it is pinned.
  runtime::TaskResult<Collected> remove(Cid root);
  // All that is not pinned, and what was said of it.
  runtime::TaskResult<Collected> collect();
  runtime::TaskResult<std::optional<store::ContentRoot>> find(Cid root);
  // How many of its blocks are on the disk.
  runtime::TaskResult<std::uint64_t> blocks_here(Cid root);
  runtime::TaskResult<std::vector<store::ContentRoot>> list(std::string after, std::size_t limit);

 private:
  static runtime::TaskResult<store::ContentRoot> save(Shelf* self, store::ContentRoot root,
                                                      std::vector<Hash> hashes);

  Library& library_;
  store::Store& store_;
};

}  // namespace telltale::content
