#include "content/importer.hpp"

namespace telltale::content {

Importer::Importer(ImportOptions options, Sink sink)
    : options_(options), sink_(std::move(sink)), levels_(1) {}

base::Result<void> Importer::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (chunk_.empty() && bytes.size() >= options_.chunk_size) {
      if (auto added = add_leaf(bytes.substr(0, options_.chunk_size)); !added) return added;
      bytes.remove_prefix(options_.chunk_size);
      continue;
    }
    const auto piece = bytes.substr(0, options_.chunk_size - chunk_.size());
    chunk_.append(piece);
    bytes.remove_prefix(piece.size());
    if (chunk_.size() < options_.chunk_size) break;
    if (auto added = add_leaf(chunk_); !added) return added;
    chunk_.clear();
  }
  return {};
}

base::Result<Imported> Importer::finish() {
  if (!chunk_.empty() || out_.blocks == 0)
    if (auto added = add_leaf(chunk_); !added) return std::unexpected(added.error());
  chunk_.clear();
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    const auto children = std::move(levels_[level]);
    levels_[level].clear();
    if (level + 1 == levels_.size() && children.size() == 1) {
      out_.root = children.front().cid;
      break;
    }
    if (children.empty()) continue;
    auto node = make_node(children);
    if (!node) return std::unexpected(node.error());
    if (auto added = add_child(level + 1, *node); !added) return std::unexpected(added.error());
  }
  return out_;
}

base::Result<void> Importer::add_leaf(std::string_view bytes) {
  Child leaf{.file_bytes = bytes.size()};
  std::string wrapped;
  if (!options_.raw_leaves) {
    const UnixFs entry{.data = bytes.empty() ? std::nullopt : std::optional(bytes),
                       .file_size = bytes.size(),
                       .block_sizes = {}};
    const auto data = encode_unixfs(entry);
    wrapped = encode_dag_pb({.links = {}, .data = data});
  }
  const std::string_view block = options_.raw_leaves ? bytes : wrapped;
  auto cid = options_.raw_leaves ? emit(Codec::raw, 1, block)
                                 : emit(Codec::dag_pb, options_.cid_version, block);
  if (!cid) return std::unexpected(cid.error());
  leaf.cid = *cid;
  leaf.tree_bytes = block.size();
  out_.size += bytes.size();
  return add_child(0, leaf);
}

// A full level becomes a node only when one more child comes: whether it is the root is known then.
base::Result<void> Importer::add_child(std::size_t level, Child child) {
  if (levels_.size() == level) levels_.emplace_back();
  if (levels_[level].size() == options_.links_per_node) {
    auto node = make_node(levels_[level]);
    if (!node) return std::unexpected(node.error());
    levels_[level].clear();
    if (auto added = add_child(level + 1, *node); !added) return added;
  }
  levels_[level].push_back(child);
  return {};
}

base::Result<Importer::Child> Importer::make_node(const std::vector<Child>& children) {
  Child out;
  UnixFs entry{.file_size = 0, .block_sizes = {}};
  PbNode node;
  for (const auto& child : children) {
    node.links.push_back({.cid = child.cid, .name = {}, .size = child.tree_bytes});
    entry.block_sizes.push_back(child.file_bytes);
    out.file_bytes += child.file_bytes;
    out.tree_bytes += child.tree_bytes;
  }
  entry.file_size = out.file_bytes;
  const auto data = encode_unixfs(entry);
  node.data = data;
  const auto block = encode_dag_pb(node);
  auto cid = emit(Codec::dag_pb, options_.cid_version, block);
  if (!cid) return std::unexpected(cid.error());
  out.cid = *cid;
  out.tree_bytes += block.size();
  return out;
}

base::Result<Cid> Importer::emit(Codec codec, int version, std::string_view block) {
  const auto cid = cid_of(version, codec, block);
  ++out_.blocks;
  out_.block_bytes += block.size();
  if (auto taken = sink_(cid, block); !taken) return std::unexpected(taken.error());
  return cid;
}

}  // namespace telltale::content
