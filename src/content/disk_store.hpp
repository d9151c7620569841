// DiskStore: blocks as files, FOLDER/blocks/ab/<hash in hex>. The folder is the truth: its index is
// read from it at the start, so that there is nothing to disagree with it. A block is written to a
// name of its own and renamed: a half-written one never has a block's name. It is not synced one by
// one: every block is checked against its hash when it is read, so what a power cut tore is found,
// removed and fetched anew; settle() puts all on disk, before somebody is told that it is. What
// does not fit the limit pushes out what was used longest ago and is not pinned. Every method
// blocks on I/O (use a BlockingPool) but has() and stats(); any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "base/guarded.hpp"
#include "content/block.hpp"
#include "content/block_index.hpp"

namespace telltale::content {

struct DiskSettings {
  std::string folder;  // made with mode 0700
  std::uint64_t limit_bytes = 10ULL << 30U;
};

struct DiskStats {
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;  // of the blocks, not of the file system
  std::uint64_t limit_bytes = 0;
  std::uint64_t pinned_bytes = 0;
  std::uint64_t evicted = 0;
  std::uint64_t corrupt = 0;  // blocks found not to match their hash, and removed
};

struct Collected {
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;
};

class DiskStore {
 public:
  // Reads the folder. storage: it cannot be made or read.
  static base::Result<std::unique_ptr<DiskStore>> open(DiskSettings settings);
  // Told of each block that did not match its hash, from the thread that read it. Before first use.
  void on_corrupt(std::function<void(const Hash&)> told) { told_ = std::move(told); }

  bool has(const Hash& hash) const;
  // Null when it is not here, or was here and did not match.
  base::Result<Block> get(const Hash& hash);
  // `pin`: counted as pinned at the same moment, so that nothing can push it out before. storage:
  // the disk or the limit is full; then there is nothing of it, and it is not pinned.
  base::Result<void> put(const Hash& hash, std::string_view bytes, bool pin = false);
  void pin(std::span<const Hash> hashes);
  void unpin(std::span<const Hash> hashes);
  // What is pinned stays.
  Collected remove(std::span<const Hash> hashes);
  Collected collect();  // all that is not pinned
  base::Result<void> settle();
  DiskStats stats() const;

 private:
  struct State {
    BlockIndex index;
    std::uint64_t evicted = 0;
    std::uint64_t corrupt = 0;
  };
  explicit DiskStore(DiskSettings settings) : settings_(std::move(settings)) {}
  base::Result<void> scan();
  std::string path_of(const Hash& hash) const;
  bool unlink_block(State& state, const Hash& hash);
  base::Result<void> make_room(std::uint64_t bytes);
  base::Result<void> place(const std::string& from, const Hash& hash, std::uint64_t size, bool pin);
  void discard(const Hash& hash);

  const DiskSettings settings_;
  std::function<void(const Hash&)> told_ = [](const Hash&) {};
  base::Guarded<State> state_;
  std::atomic<std::uint64_t> next_file_{0};
};

}  // namespace telltale::content
