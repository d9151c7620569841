// UnixFS 1 (IPFS's unixfs.proto): what a dag-pb node's data says of files and directories. Strict
// decoding, canonical encoding. Pure; what is decoded looks into the block it came from.
#pragma once

#include "content/dag_pb.hpp"

namespace telltale::content {

struct UnixFs {
  enum class Type : std::uint8_t {
    raw = 0,
    directory = 1,
    file = 2,
    metadata = 3,
    symlink = 4,
    hamt_shard = 5
  };
  Type type = Type::file;
  std::optional<std::string_view> data;
  std::optional<std::uint64_t> file_size;  // bytes of the file, from here on down
  std::vector<std::uint64_t> block_sizes;  // bytes of the file in each link
  std::optional<std::uint64_t> hash_type;  // of a HAMT
  std::optional<std::uint64_t> fanout;     // of a HAMT
  std::optional<std::uint64_t> mode;       // permissions; read, not used
};

base::Result<UnixFs> decode_unixfs(std::string_view data);
std::string encode_unixfs(const UnixFs& entry);

// One block of a file, its figures checked: the sizes of its parts add up to its own.
struct FileNode {
  struct Part {
    Cid cid;
    std::uint64_t size = 0;  // bytes of the file
  };
  std::uint64_t size = 0;   // bytes of the file, from here on down
  std::string_view data;    // the first of them, in this block
  std::vector<Part> parts;  // the others, in order
};

// `codec` is that of the CID the block was asked for by. invalid_argument when it is no file (a
// directory, a symlink) or contradicts itself.
base::Result<FileNode> decode_file(Codec codec, std::string_view block);

}  // namespace telltale::content
