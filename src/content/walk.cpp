#include "content/walk.hpp"

#include <algorithm>
#include <bit>
#include <deque>

namespace telltale::content {
namespace {

constexpr std::size_t kAhead = 32;           // blocks asked for before they are needed
constexpr std::uint64_t kMurmur3 = 0x22;     // the hash of every HAMT there is
constexpr std::uint64_t kMostFanout = 1024;  // kubo's own limit
constexpr int kDeepestShard = 16;

std::unexpected<base::Error> bad(const Cid& cid, const std::string& detail) {
  return base::fail(base::Code::invalid_argument, to_text(cid) + ": " + detail);
}

struct Shard {
  Cid cid;
  int depth = 0;
};

// How many hex digits of a name are its place in the shard.
std::size_t prefix_of(std::uint64_t fanout) {
  std::size_t out = 0;
  for (auto last = fanout - 1; last > 0; last >>= 4U) ++out;
  return std::max<std::size_t>(out, 1);
}

base::Result<std::size_t> check_shard(const UnixFs& entry, std::size_t links) {
  if (entry.hash_type != kMurmur3)
    return base::fail(base::Code::unsupported, "the HAMT is of another hash than murmur3");
  const auto fanout = entry.fanout.value_or(0);
  if (fanout < 8 || fanout > kMostFanout || !std::has_single_bit(fanout))
    return base::fail(base::Code::invalid_argument, "the fan-out of the HAMT is not allowed");
  std::size_t set = 0;
  for (const char byte : entry.data.value_or(""))
    set += static_cast<std::size_t>(std::popcount(static_cast<unsigned char>(byte)));
  if (set != links)
    return base::fail(base::Code::invalid_argument, "the bit field of the HAMT does not add up");
  return prefix_of(fanout);
}

}  // namespace

runtime::TaskResult<Tree> walk_tree(BlockSource* source, Cid root,
                                    std::function<void(const Hash&)> found,
                                    std::function<void(const Tree&)> got) {
  Tree out;
  std::deque<Cid> left{root};
  out.blocks.insert(root.hash);
  found(root.hash);
  while (!left.empty()) {
    const auto cid = left.front();
    left.pop_front();
    auto block = co_await source->get(cid);
    if (!block) co_return std::unexpected(block.error());
    out.bytes += (*block)->size();
    if (cid.codec == Codec::dag_pb) {
      const auto node = decode_dag_pb(**block);
      if (!node) co_return bad(cid, node.error().detail);
      for (const auto& link : node->links) {
        if (!out.blocks.insert(link.cid.hash).second) continue;
        if (out.blocks.size() > kTreeBlocks) co_return bad(root, "it has too many blocks");
        found(link.cid.hash);
        left.push_back(link.cid);
      }
    }
    for (std::size_t i = 0; i < std::min(kAhead, left.size()); ++i) source->want(left[i]);
    got(out);
  }
  co_return out;
}

runtime::TaskResult<std::vector<Entry>> list_directory(BlockSource* source, Cid directory) {
  std::vector<Entry> out;
  std::vector<Shard> left{{.cid = directory}};
  std::size_t shards = 0;
  while (!left.empty()) {
    const auto [cid, depth] = left.back();
    left.pop_back();
    if (cid.codec != Codec::dag_pb) co_return bad(cid, "this is a file, not a directory");
    auto block = co_await source->get(cid);
    if (!block) co_return std::unexpected(block.error());
    const auto node = decode_dag_pb(**block);
    if (!node) co_return bad(cid, node.error().detail);
    const auto entry = decode_unixfs(node->data.value_or(""));
    if (!entry) co_return bad(cid, entry.error().detail);
    const bool sharded = entry->type == UnixFs::Type::hamt_shard;
    if (!sharded && (entry->type != UnixFs::Type::directory || depth > 0))
      co_return bad(cid, depth > 0 ? "a part of a HAMT is none" : "this is not a directory");
    const auto prefix =
        sharded ? check_shard(*entry, node->links.size()) : base::Result<std::size_t>(0U);
    if (!prefix) co_return bad(cid, prefix.error().detail);
    for (const auto& link : node->links) {
      if (link.name.size() < *prefix) co_return bad(cid, "a name in the HAMT has no place");
      if (sharded && link.name.size() == *prefix) {
        // The same one a thousand times over, at every depth, would be walked for ever.
        if (++shards > kEntries) co_return bad(directory, "the HAMT has too many parts");
        if (depth >= kDeepestShard) co_return bad(cid, "the HAMT is too deep");
        source->want(link.cid);
        left.push_back({.cid = link.cid, .depth = depth + 1});
        continue;
      }
      if (out.size() >= kEntries) co_return bad(cid, "the directory has too many entries");
      out.push_back({.name = std::string(link.name.substr(*prefix)),
                     .cid = link.cid,
                     .tree_bytes = link.size});
    }
  }
  co_return out;
}

runtime::TaskResult<Cid> find_path(BlockSource* source, Cid at, std::string path) {
  std::string_view left = path;
  while (!left.empty()) {
    const auto name = left.substr(0, left.find('/'));
    left.remove_prefix(std::min(name.size() + 1, left.size()));
    if (name.empty()) continue;
    auto entries = co_await list_directory(source, at);
    if (!entries) co_return std::unexpected(entries.error());
    const auto found = std::ranges::find(*entries, name, &Entry::name);
    if (found == entries->end())
      co_return base::fail(base::Code::not_found,
                           to_text(at) + " has nothing called " + std::string(name));
    at = found->cid;
  }
  co_return at;
}

base::Result<ContentName> parse_content_name(std::string_view text) {
  const auto slash = text.find('/');
  auto cid = parse_cid(text.substr(0, slash));
  if (!cid) return std::unexpected(cid.error());
  ContentName out{.cid = *cid, .path = {}};
  if (slash != std::string_view::npos) out.path = text.substr(slash + 1);
  return out;
}

}  // namespace telltale::content
