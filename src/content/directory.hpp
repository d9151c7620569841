// DirectoryBuilder: paths and what lies there in, the blocks of the directories and the root's CID
// out, as kubo's `ipfs add -r` makes them: plain directories with sorted links, and a HAMT of 256
// children a node (murmur3) where names and CIDs of one directory are over 256 KiB together. Holds
// every entry until the end. No I/O but the sink; one thread at a time.
#pragma once

#include <map>
#include <memory>

#include "content/importer.hpp"

namespace telltale::content {

inline constexpr std::size_t kEntries = 100'000;        // of one directory
inline constexpr std::size_t kTreeEntries = 1'000'000;  // of all directories of one tree
inline constexpr std::size_t kPathParts = 100;          // directories in each other
inline constexpr std::size_t kNameBytes = 255;
inline constexpr std::size_t kShardBytes =
    256U << 10U;  // kubo's Import.UnixFSHAMTDirectorySizeThreshold

struct TreeChild {
  Cid cid;
  std::uint64_t tree_bytes = 0;  // of all its blocks
};

class DirectoryBuilder {
 public:
  explicit DirectoryBuilder(int cid_version, std::size_t shard_bytes = kShardBytes);
  DirectoryBuilder(const DirectoryBuilder&) = delete;
  DirectoryBuilder& operator=(const DirectoryBuilder&) = delete;
  ~DirectoryBuilder();

  // invalid_argument: a path that names nothing below here, or is taken.
  base::Result<void> add(std::string_view path, TreeChild child);
  base::Result<void> add_directory(std::string_view path);  // also if it is there
  // Once. Directories' blocks to the sink, children first.
  base::Result<TreeChild> finish(const Importer::Sink& sink);

 private:
  struct Directory;
  class Writer;
  base::Result<Directory*> directory_at(std::string_view path);
  base::Result<Directory*> child_of(Directory& parent, std::string_view name);

  const int cid_version_;
  const std::size_t shard_bytes_;
  std::size_t entries_ = 0;
  std::unique_ptr<Directory> root_;
};

// A symbolic link's block, as kubo makes it.
std::string encode_symlink(std::string_view target);
std::optional<std::string> symlink_target(std::string_view block);  // none: it is something else

}  // namespace telltale::content
