// BlockIndex: which blocks lie on the disk, how large they are, when they were used last, and which
// must not go. No I/O: DiskStore keeps it in step with its folder. Not thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "content/cid.hpp"

namespace telltale::content {

class BlockIndex {
 public:
  bool has(const Hash& hash) const { return entries_.contains(hash); }
  std::optional<std::uint64_t> size_of(const Hash& hash) const;
  void add(const Hash& hash, std::uint64_t size);  // as used last; one that is there: used only
  bool remove(const Hash& hash);                   // false when it was not there
  void use(const Hash& hash);

  // Counted: what was pinned twice is unpinned twice. A block need not be there to be pinned.
  void pin(const Hash& hash);
  void unpin(const Hash& hash);
  bool pinned(const Hash& hash) const { return pins_.contains(hash); }

  // The blocks longest unused that are not pinned, enough to free `bytes` (or all there are).
  std::vector<Hash> oldest(std::uint64_t bytes) const;
  std::vector<Hash> unpinned(std::size_t limit) const;

  std::uint64_t bytes() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return entries_.size(); }
  std::uint64_t pinned_bytes() const noexcept { return pinned_bytes_; }

 private:
  struct Entry {
    std::uint64_t size = 0;
    std::list<Hash>::iterator place;
  };
  std::unordered_map<Hash, Entry, HashOfHash> entries_;
  std::unordered_map<Hash, std::uint32_t, HashOfHash> pins_;
  std::list<Hash> order_;  // used last first
  std::uint64_t bytes_ = 0;
  std::uint64_t pinned_bytes_ = 0;
};

}  // namespace telltale::content
