// Walking what a root links to: all its blocks (to pin them), or the entries of a directory, plain
// or a HAMT (IPFS's sharded directories).
#pragma once

#include <functional>
#include <unordered_set>

#include "content/block.hpp"
#include "content/directory.hpp"

namespace telltale::content {

struct Tree {
  std::unordered_set<Hash, HashOfHash> blocks;
  std::uint64_t bytes = 0;
};

inline constexpr std::size_t kTreeBlocks = 4'000'000;  // of one root; a TiB of chunks

// Gets every block below `root`, itself included. `found` is told of each before it is asked for,
// `got` after each.
runtime::TaskResult<Tree> walk_tree(BlockSource* source, Cid root,
                                    std::function<void(const Hash&)> found,
                                    std::function<void(const Tree&)> got);

struct Entry {
  std::string name;
  Cid cid;
  std::uint64_t tree_bytes = 0;  // of its blocks, as the writer said
};

// In the order of the directory. invalid_argument: it is none, or is not in its form.
runtime::TaskResult<std::vector<Entry>> list_directory(BlockSource* source, Cid directory);

// What lies at `path` ("a/b.txt", empty: `at` itself). not_found: nothing does.
runtime::TaskResult<Cid> find_path(BlockSource* source, Cid at, std::string path);

// "CID" or "CID/path": how content is named where more than a CID may stand.
struct ContentName {
  Cid cid;
  std::string path;
};
base::Result<ContentName> parse_content_name(std::string_view text);

}  // namespace telltale::content
