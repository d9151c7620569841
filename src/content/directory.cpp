#include "content/directory.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "content/murmur3.hpp"
#include "content/protobuf.hpp"

namespace telltale::content {
namespace {

constexpr std::uint64_t kMurmur3 = 0x22;
constexpr std::uint64_t kFanout = 256;
constexpr std::size_t kHashBytes = 8;

base::Result<void> check_name(std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.size() > kNameBytes ||
      name.find('\0') != std::string_view::npos || !base::is_utf8(name))
    return base::fail(base::Code::invalid_argument,
                      "a path has a part that cannot be a name in a directory");
  return {};
}

// "a/b/c" is in "a/b"; "a" in "".
std::pair<std::string_view, std::string_view> parted(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return {{}, path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

struct DirectoryBuilder::Directory {
  struct Entry;
  std::map<std::string, Entry, std::less<>> entries;
};

struct DirectoryBuilder::Directory::Entry {
  TreeChild child = {};
  std::unique_ptr<Directory> directory = nullptr;  // null: a file or a symbolic link
};

// One directory after the other, the deepest first; paths have at most kPathParts parts.
class DirectoryBuilder::Writer {
 public:
  Writer(int cid_version, std::size_t shard_bytes, const Importer::Sink& sink)
      : cid_version_(cid_version), shard_bytes_(shard_bytes), sink_(sink) {}

  base::Result<TreeChild> write(Directory& directory) {
    std::vector<Named> all;
    all.reserve(directory.entries.size());
    std::size_t bytes = 0;  // kubo's estimate: of names and CIDs
    for (auto& [name, entry] : directory.entries) {
      if (entry.directory) {
        auto below = write(*entry.directory);
        if (!below) return below;
        entry.child = *below;
        entry.directory.reset();
      }
      bytes += name.size() + to_bytes(entry.child.cid).size();
      all.push_back({.name = name, .child = entry.child});
    }
    if (bytes <= shard_bytes_) return plain(all);
    for (auto& one : all) one.hash = murmur3(one.name);
    std::ranges::sort(all, [](const Named& a, const Named& b) { return a.hash < b.hash; });
    return shard(all, 0);
  }

 private:
  struct Named {
    std::string_view name;
    TreeChild child;
    std::uint64_t hash = 0;
  };

  base::Result<TreeChild> plain(std::span<const Named> all) {
    PbNode node;
    for (const auto& one : all)
      node.links.push_back({.cid = one.child.cid, .name = one.name, .size = one.child.tree_bytes});
    return emit(std::move(node), {.type = UnixFs::Type::directory, .block_sizes = {}});
  }

  // Those of `all` share the hash's first `depth` bytes; the next one is their place here.
  base::Result<TreeChild> shard(std::span<const Named> all, std::size_t depth) {
    if (depth >= kHashBytes)
      return base::fail(base::Code::unsupported,
                        fmt::format("the names {} and {} have the same hash: no HAMT can hold both",
                                    all.front().name, all.back().name));
    const auto place = [depth](const Named& one) {
      return static_cast<std::uint8_t>(one.hash >> (56 - 8 * depth));
    };
    PbNode node;
    std::array<char, kFanout / 8> bits{};  // the last byte has the first places
    std::vector<std::string> names;
    names.reserve(all.size());  // links look into them
    while (!all.empty()) {
      const auto at = place(all.front());
      std::size_t same = 1;
      while (same < all.size() && place(all[same]) == at) ++same;
      auto child = same == 1 ? all.front().child : TreeChild{};
      if (same > 1) {
        auto below = shard(all.first(same), depth + 1);
        if (!below) return below;
        child = *below;
      }
      names.push_back(fmt::format("{:02X}{}", at, same == 1 ? all.front().name : ""));
      node.links.push_back({.cid = child.cid, .name = names.back(), .size = child.tree_bytes});
      auto& byte = bits[bits.size() - 1 - at / 8];
      byte = static_cast<char>(static_cast<unsigned char>(byte) | (1U << (at % 8U)));
      all = all.subspan(same);
    }
    std::string_view field(bits.data(), bits.size());
    field.remove_prefix(std::min(field.find_first_not_of('\0'), field.size()));
    return emit(std::move(node), {.type = UnixFs::Type::hamt_shard,
                                  .data = field,
                                  .block_sizes = {},
                                  .hash_type = kMurmur3,
                                  .fanout = kFanout});
  }

  base::Result<TreeChild> emit(PbNode node, const UnixFs& entry) {
    const auto data = encode_unixfs(entry);
    node.data = data;
    const auto block = encode_dag_pb(node);
    TreeChild out{.cid = cid_of(cid_version_, Codec::dag_pb, block), .tree_bytes = block.size()};
    for (const auto& link : node.links) out.tree_bytes += link.size;
    if (auto taken = sink_(out.cid, block); !taken) return std::unexpected(taken.error());
    return out;
  }

  const int cid_version_;
  const std::size_t shard_bytes_;
  const Importer::Sink& sink_;
};

DirectoryBuilder::DirectoryBuilder(int cid_version, std::size_t shard_bytes)
    : cid_version_(cid_version), shard_bytes_(shard_bytes), root_(std::make_unique<Directory>()) {}

DirectoryBuilder::~DirectoryBuilder() = default;

base::Result<DirectoryBuilder::Directory*> DirectoryBuilder::child_of(Directory& parent,
                                                                      std::string_view name) {
  if (const auto found = parent.entries.find(name); found != parent.entries.end()) {
    if (found->second.directory) return found->second.directory.get();
    return base::fail(base::Code::invalid_argument,
                      std::string(name) + " is a file, and a directory too");
  }
  if (auto good = check_name(name); !good) return std::unexpected(good.error());
  if (parent.entries.size() >= kEntries || entries_ >= kTreeEntries)
    return base::fail(base::Code::invalid_argument, "there are too many entries in a directory");
  ++entries_;
  auto& entry = parent.entries[std::string(name)];
  entry.directory = std::make_unique<Directory>();
  return entry.directory.get();
}

base::Result<DirectoryBuilder::Directory*> DirectoryBuilder::directory_at(std::string_view path) {
  if (static_cast<std::size_t>(std::ranges::count(path, '/')) >= kPathParts)
    return base::fail(base::Code::invalid_argument, "directories lie too deep in each other");
  if (path.ends_with('/')) return std::unexpected(check_name("").error());
  auto* at = root_.get();
  while (!path.empty()) {
    const auto name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    auto below = child_of(*at, name);
    if (!below) return below;
    at = *below;
  }
  return at;
}

base::Result<void> DirectoryBuilder::add(std::string_view path, TreeChild child) {
  const auto [above, name] = parted(path);
  if (auto good = check_name(name); !good) return good;
  auto directory = directory_at(above);
  if (!directory) return std::unexpected(directory.error());
  auto& entries = (*directory)->entries;
  if (entries.contains(name))
    return base::fail(base::Code::invalid_argument, std::string(path) + " is there already");
  if (entries.size() >= kEntries || entries_ >= kTreeEntries)
    return base::fail(base::Code::invalid_argument, "there are too many entries in a directory");
  ++entries_;
  entries.emplace(std::string(name), Directory::Entry{.child = child});
  return {};
}

base::Result<void> DirectoryBuilder::add_directory(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  auto done = directory_at(path);
  if (!done) return std::unexpected(done.error());
  return {};
}

base::Result<TreeChild> DirectoryBuilder::finish(const Importer::Sink& sink) {
  return Writer(cid_version_, shard_bytes_, sink).write(*root_);
}

std::string encode_symlink(std::string_view target) {
  const auto data =
      encode_unixfs({.type = UnixFs::Type::symlink, .data = target, .block_sizes = {}});
  return encode_dag_pb({.links = {}, .data = data});
}

std::optional<std::string> symlink_target(std::string_view block) {
  const auto node = decode_dag_pb(block);
  if (!node || !node->data || !node->links.empty()) return std::nullopt;
  const auto entry = decode_unixfs(*node->data);
  if (!entry || entry->type != UnixFs::Type::symlink) return std::nullopt;
  return std::string(entry->data.value_or(""));
}

}  // namespace telltale::content
