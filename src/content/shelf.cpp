#include "content/shelf.hpp"

#include <cstring>

namespace telltale::content {
namespace {

std::string joined(std::span<const Hash> hashes) {
  std::string out;
  out.reserve(hashes.size() * sizeof(Hash));
  for (const auto& hash : hashes) out.append(as_text(hash));
  return out;
}

std::vector<Hash> parted(std::string_view text) {
  std::vector<Hash> out(text.size() / sizeof(Hash));
  if (!out.empty()) std::memcpy(out.data(), text.data(), out.size() * sizeof(Hash));
  return out;
}

std::unexpected<base::Error> not_pinned(const Cid& root) {
  return base::fail(base::Code::not_found, to_text(root) + " is not pinned");
}

// While it lives: blocks pinned for somebody who has not decided yet.
class Hold {
 public:
  explicit Hold(DiskStore& disk) : disk_(disk) {}
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() { disk_.unpin(hashes); }
  void take(const Hash& hash) {
    disk_.pin({&hash, 1});
    hashes.push_back(hash);
  }
  std::vector<Hash> hashes;

 private:
  DiskStore& disk_;
};

}  // namespace

base::Result<void> Shelf::load() {
  return store_.write_now([this](store::Connection& db) {
    return store::each_pinned(
        db, [this](const std::string& hashes) { library_.disk().pin(parted(hashes)); });
  });
}

runtime::TaskResult<store::ContentRoot> Shelf::shelve(std::shared_ptr<Import> import,
                                                      ShelveOptions options) {
  const auto& done = import->result();
  auto out = co_await save(this,
                           {.cid = to_text(done.root),
                            .name = std::move(options.name),
                            .size = static_cast<std::int64_t>(done.size),
                            .blocks = static_cast<std::int64_t>(import->blocks_.size()),
                            .block_bytes = static_cast<std::int64_t>(import->block_bytes_),
                            .pinned = options.pin,
                            .added_by = std::move(options.by),
                            .added_at = library_.clock().wall()},
                           import->blocks_);
  if (out)
    library_.tell("added", out->cid, std::to_string(out->size) + " bytes", runtime::Severity::info);
  co_return out;
}

// The hashes are pinned by the caller until it returns; what the record pins is counted besides.
runtime::TaskResult<store::ContentRoot> Shelf::save(Shelf* self, store::ContentRoot root,
                                                    std::vector<Hash> hashes) {
  const auto was_pinned = std::make_shared<bool>(false);
  auto& disk = self->library_.disk();
  if (root.pinned) disk.pin(hashes);
  auto saved = co_await self->store_.write(
      "content", [root, was_pinned, text = joined(hashes)](store::Connection& db) {
        return store::save_content_root(db, root, text, was_pinned.get());
      });
  if (root.pinned && (!saved || *was_pinned)) disk.unpin(hashes);
  if (!saved) co_return std::unexpected(saved.error());
  root.pinned = root.pinned || *was_pinned;
  co_return root;
}

runtime::TaskResult<store::ContentRoot> Shelf::pin(Cid root, ShelveOptions options,
                                                   Progress progress) {
  const auto hold = std::make_shared<Hold>(library_.disk());
  std::uint64_t done = 0;
  auto tree = co_await walk_tree(
      &library_, root, [hold](const Hash& hash) { hold->take(hash); },
      [&](const Tree& so_far) {
        if (++done % 64 == 0) progress(done, so_far.bytes);
      });
  if (!tree) co_return std::unexpected(tree.error());
  for (const auto& hash : tree->blocks)
    if (!library_.has(hash))
      co_return base::fail(base::Code::storage,
                           "not all of " + to_text(root) + " has room here (--disk-cache-size)");
  auto settled =
      co_await library_.blocking().run([disk = &library_.disk()] { return disk->settle(); });
  if (!settled) co_return std::unexpected(settled.error());
  std::uint64_t size = tree->bytes;
  if (auto block = co_await library_.get(root); block)
    if (const auto file = decode_file(root.codec, **block); file) size = file->size;
  auto out = co_await save(this,
                           {.cid = to_text(root),
                            .name = std::move(options.name),
                            .size = static_cast<std::int64_t>(size),
                            .blocks = static_cast<std::int64_t>(tree->blocks.size()),
                            .block_bytes = static_cast<std::int64_t>(tree->bytes),
                            .pinned = true,
                            .added_by = std::move(options.by),
                            .added_at = library_.clock().wall()},
                           hold->hashes);
  if (out) library_.tell("pinned", out->cid, "", runtime::Severity::info);
  co_return out;
}

runtime::TaskResult<store::ContentRoot> Shelf::unpin(Cid root) {
  struct Found {
    std::optional<store::ContentRoot> root;
    std::string hashes;
  };
  const auto found = std::make_shared<Found>();
  auto done = co_await store_.write(
      "content", [found, cid = to_text(root)](store::Connection& db) -> base::Result<void> {
        auto there = store::find_content_root(db, cid);
        if (!there) return std::unexpected(there.error());
        if (!*there || !(*there)->pinned) return {};
        auto hashes = store::content_hashes(db, cid);
        if (!hashes) return std::unexpected(hashes.error());
        *found = {.root = std::move(*there), .hashes = std::move(*hashes)};
        return store::unpin_content_root(db, cid);
      });
  if (!done) co_return std::unexpected(done.error());
  if (!found->root) co_return not_pinned(root);
  library_.disk().unpin(parted(found->hashes));
  found->root->pinned = false;
  library_.tell("unpinned", found->root->cid, "", runtime::Severity::info);
  co_return std::move(*found->root);
}

runtime::TaskResult<Collected> Shelf::remove(Cid root) {
  const auto hashes = std::make_shared<std::vector<Hash>>();
  const auto cid = to_text(root);
  auto done =
      co_await store_.write("content", [hashes, cid](store::Connection& db) -> base::Result<void> {
        auto there = store::find_content_root(db, cid);
        if (!there) return std::unexpected(there.error());
        if (!*there) return {};
        if ((*there)->pinned)
          return base::fail(base::Code::conflict, cid + " is pinned: unpin it first");
        auto text = store::content_hashes(db, cid);
        if (!text) return std::unexpected(text.error());
        *hashes = parted(*text);
        return store::delete_content_root(db, cid);
      });
  if (!done) co_return std::unexpected(done.error());
  if (hashes->empty() && !library_.has(root.hash))
    co_return base::fail(base::Code::not_found, cid + " is not here");
  if (hashes->empty()) hashes->push_back(root.hash);  // a block of the cache
  const auto out = co_await library_.blocking().run(
      [disk = &library_.disk(), hashes] { return disk->remove(*hashes); });
  library_.forget(*hashes);
  library_.tell("removed", cid, std::to_string(out.bytes) + " bytes", runtime::Severity::info);
  co_return out;
}

runtime::TaskResult<Collected> Shelf::collect() {
  auto done = co_await store_.write("content", [](store::Connection& db) -> base::Result<void> {
    if (auto gone = store::delete_unpinned_content(db); !gone) return std::unexpected(gone.error());
    return {};
  });
  if (!done) co_return std::unexpected(done.error());
  const auto out =
      co_await library_.blocking().run([disk = &library_.disk()] { return disk->collect(); });
  library_.forget_all();
  library_.tell("collected", "",
                std::to_string(out.blocks) + " blocks, " + std::to_string(out.bytes) + " bytes",
                runtime::Severity::info);
  co_return out;
}

runtime::TaskResult<std::optional<store::ContentRoot>> Shelf::find(Cid root) {
  return store_.read(
      [cid = to_text(root)](store::Connection& db) { return store::find_content_root(db, cid); });
}

runtime::TaskResult<std::uint64_t> Shelf::blocks_here(Cid root) {
  return store_.read(
      [this, cid = to_text(root)](store::Connection& db) -> base::Result<std::uint64_t> {
        const auto hashes = store::content_hashes(db, cid);
        if (!hashes) return std::unexpected(hashes.error());
        std::uint64_t out = 0;
        for (const auto& hash : parted(*hashes)) out += library_.has(hash) ? 1 : 0;
        return out;
      });
}

runtime::TaskResult<std::vector<store::ContentRoot>> Shelf::list(std::string after,
                                                                 std::size_t limit) {
  return store_.read([after = std::move(after), limit](store::Connection& db) {
    return store::list_content_roots(db, after, limit);
  });
}

}  // namespace telltale::content
