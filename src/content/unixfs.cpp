#include "content/unixfs.hpp"

#include <limits>

#include "content/protobuf.hpp"
#include "content/varint.hpp"

namespace telltale::content {
namespace {

constexpr std::uint32_t kType = 1, kData = 2, kFileSize = 3, kBlockSizes = 4, kHashType = 5,
                        kFanout = 6, kMode = 7, kMtime = 8;

base::Result<void> once(std::optional<std::uint64_t>& into, const PbField& field,
                        std::string_view name) {
  if (into) return bad_block(std::string(name) + " is there twice");
  into = field.value;
  return {};
}

// Packed or one by one: readers of proto2 take both.
base::Result<void> read_sizes(const PbField& field, std::vector<std::uint64_t>& into) {
  if (!field.is_bytes) {
    into.push_back(field.value);
    return {};
  }
  for (auto rest = field.bytes; !rest.empty();) {
    const auto size = take_varint(rest, kProtobufBytes);
    if (!size) return std::unexpected(size.error());
    into.push_back(*size);
  }
  return {};
}

base::Result<void> read_field(const PbField& field, UnixFs& out,
                              std::optional<std::uint64_t>& type) {
  if (field.number == kBlockSizes) return read_sizes(field, out.block_sizes);
  if (field.is_bytes && field.number == kData) {
    if (out.data) return bad_block("the data of UnixFS is there twice");
    out.data = field.bytes;
    return {};
  }
  if (field.is_bytes && field.number == kMtime) return {};
  if (!field.is_bytes) switch (field.number) {
      case kType:
        return once(type, field, "the type");
      case kFileSize:
        return once(out.file_size, field, "the file size");
      case kHashType:
        return once(out.hash_type, field, "the hash type");
      case kFanout:
        return once(out.fanout, field, "the fan-out");
      case kMode:
        return once(out.mode, field, "the mode");
      default:
        break;
    }
  return bad_block("UnixFS has the unknown field " + std::to_string(field.number));
}

std::string_view name_of(UnixFs::Type type) {
  switch (type) {
    case UnixFs::Type::raw:
    case UnixFs::Type::file:
      return "a file";
    case UnixFs::Type::directory:
    case UnixFs::Type::hamt_shard:
      return "a directory";
    case UnixFs::Type::symlink:
      return "a symbolic link";
    case UnixFs::Type::metadata:
      return "metadata";
  }
  return "";
}

}  // namespace

base::Result<UnixFs> decode_unixfs(std::string_view data) {
  UnixFs out;
  std::optional<std::uint64_t> type;
  while (!data.empty()) {
    const auto field = take_field(data);
    if (!field) return std::unexpected(field.error());
    if (auto read = read_field(*field, out, type); !read) return std::unexpected(read.error());
  }
  if (!type) return bad_block("UnixFS has no type");
  if (*type > static_cast<std::uint64_t>(UnixFs::Type::hamt_shard))
    return bad_block("UnixFS has the unknown type " + std::to_string(*type));
  out.type = static_cast<UnixFs::Type>(*type);
  return out;
}

std::string encode_unixfs(const UnixFs& entry) {
  std::string out;
  append_number(out, kType, static_cast<std::uint64_t>(entry.type));
  if (entry.data) append_bytes(out, kData, *entry.data);
  if (entry.file_size) append_number(out, kFileSize, *entry.file_size);
  for (const auto size : entry.block_sizes) append_number(out, kBlockSizes, size);
  if (entry.hash_type) append_number(out, kHashType, *entry.hash_type);
  if (entry.fanout) append_number(out, kFanout, *entry.fanout);
  if (entry.mode) append_number(out, kMode, *entry.mode);
  return out;
}

base::Result<FileNode> decode_file(Codec codec, std::string_view block) {
  if (codec == Codec::raw) return FileNode{.size = block.size(), .data = block, .parts = {}};
  const auto node = decode_dag_pb(block);
  if (!node) return std::unexpected(node.error());
  if (!node->data) return bad_block("the node has no UnixFS data");
  const auto entry = decode_unixfs(*node->data);
  if (!entry) return std::unexpected(entry.error());
  if (entry->type != UnixFs::Type::file && entry->type != UnixFs::Type::raw)
    return bad_block("this is " + std::string(name_of(entry->type)) + ", not a file");
  if (entry->block_sizes.size() != node->links.size())
    return bad_block("a file node has " + std::to_string(node->links.size()) + " links and " +
                     std::to_string(entry->block_sizes.size()) + " sizes");
  FileNode out{.data = entry->data.value_or(""), .parts = {}};
  out.size = out.data.size();
  out.parts.reserve(node->links.size());
  for (std::size_t i = 0; i < node->links.size(); ++i) {
    const auto size = entry->block_sizes[i];
    if (size > std::numeric_limits<std::int64_t>::max() - out.size)
      return bad_block("the sizes of a file node are too large");
    out.size += size;
    out.parts.push_back({.cid = node->links[i].cid, .size = size});
  }
  if (entry->file_size && *entry->file_size != out.size)
    return bad_block("a file node says " + std::to_string(*entry->file_size) +
                     " bytes and its parts " + std::to_string(out.size));
  return out;
}

}  // namespace telltale::content
