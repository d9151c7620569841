// Library: every block, wherever it lies: in memory, on the disk, at a gateway. get() looks in this
// order and keeps what it found nearer; a block on the disk that does not match its hash is
// removed, told of (an event `content`) and fetched anew. Any loop; stop() before it goes.
#pragma once

#include "content/disk_store.hpp"
#include "content/fetcher.hpp"
#include "content/memory_cache.hpp"
#include "runtime/event.hpp"
#include "runtime/runtime.hpp"

namespace telltale::content {

struct LibrarySettings {
  DiskSettings disk;
  std::uint64_t memory_bytes = 64ULL << 20U;
  FetchSettings fetch = {};
};

class Library final : public BlockSource {
 public:
  // Blocks (start-up). storage: the folder; invalid_argument: a gateway's URL.
  static base::Result<std::unique_ptr<Library>> open(LibrarySettings settings,
                                                     runtime::Runtime& runtime,
                                                     runtime::EventSink& events);
  ~Library() override;

  runtime::TaskResult<Block> get(Cid cid) override;
  Block at_hand(const Cid& cid) override { return memory_.get(cid.hash); }
  void want(const Cid& cid) override { prefetch(cid, {}); }
  void prefetch(const Cid& cid, Told told) override;
  bool has(const Hash& hash) const { return disk_->has(hash); }  // here, on the disk

  DiskStore& disk() noexcept { return *disk_; }
  const MemoryCache& memory() const noexcept { return memory_; }
  const Fetcher& fetcher() const noexcept { return *fetcher_; }
  runtime::BlockingPool& blocking() noexcept { return runtime_.blocking(); }
  const base::Clock& clock() const noexcept { return runtime_.clock(); }
  runtime::Loop& home() const noexcept { return home_; }
  // After blocks were removed from the disk: they are not here any more, in memory neither.
  void forget(std::span<const Hash> hashes);
  void forget_all() { memory_.clear(); }
  void tell(std::string what, std::string subject, std::string detail, runtime::Severity severity);
  runtime::Task<> stop();

 private:
  Library(std::uint64_t memory_bytes, runtime::Runtime& runtime, runtime::EventSink& events);
  static runtime::TaskResult<Block> get_from(Library* self, Cid cid);
  static runtime::TaskResult<Block> fetch(Library* self, Cid cid);
  bool missing(const Cid& cid) const { return !memory_.has(cid.hash) && !disk_->has(cid.hash); }
  static runtime::Task<> keep(Library* self, Cid cid, Block block);

  runtime::Runtime& runtime_;
  runtime::EventSink& events_;
  runtime::Loop& home_;
  MemoryCache memory_;
  std::unique_ptr<DiskStore> disk_;
  std::unique_ptr<Fetcher> fetcher_;
};

}  // namespace telltale::content
