// Importer: bytes of a file in, blocks and at the end the root's CID out, as kubo's `ipfs add` does
// by default: chunks of 256 KiB, a balanced tree of 174 links a node, CID version 0, leaves that
// are dag-pb files; with `raw_leaves` raw blocks instead. Streams: holds one chunk and the links of
// the nodes that are not full, whatever the file's size. No I/O but the sink; one thread at a time.
#pragma once

#include <functional>

#include "content/unixfs.hpp"

namespace telltale::content {

struct ImportOptions {
  int cid_version = 0;      // version 0 with raw leaves: the leaves are of version 1, as in kubo
  bool raw_leaves = false;  // kubo's default for version 1
  std::size_t chunk_size = 256U << 10U;  // bytes
  std::size_t links_per_node = 174;
};

struct Imported {
  Cid root;
  std::uint64_t size = 0;         // bytes of the file
  std::uint64_t blocks = 0;       // made, the same one twice counted twice
  std::uint64_t block_bytes = 0;  // of all of them
};

class Importer {
 public:
  // Takes each block as it is made, children first. An error ends the import.
  using Sink = std::function<base::Result<void>(const Cid&, std::string_view block)>;

  Importer(ImportOptions options, Sink sink);
  base::Result<void> feed(std::string_view bytes);
  // Once, after the last byte. The importer is of no use after it, or after an error.
  base::Result<Imported> finish();
  std::uint64_t size() const noexcept { return out_.size + chunk_.size(); }

 private:
  struct Child {
    Cid cid;
    std::uint64_t tree_bytes = 0;  // of all blocks from here on down
    std::uint64_t file_bytes = 0;
  };
  base::Result<void> add_leaf(std::string_view bytes);
  base::Result<void> add_child(std::size_t level, Child child);
  base::Result<Child> make_node(const std::vector<Child>& children);
  base::Result<Cid> emit(Codec codec, int version, std::string_view block);

  const ImportOptions options_;
  Sink sink_;
  std::string chunk_;
  std::vector<std::vector<Child>> levels_;  // nodes whose parent is not full; leaves first
  Imported out_;
};

}  // namespace telltale::content
