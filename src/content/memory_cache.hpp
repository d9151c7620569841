// MemoryCache: the blocks used last, up to a number of bytes. Any thread; short locks.
#pragma once

#include <list>
#include <unordered_map>

#include "base/guarded.hpp"
#include "content/block.hpp"

namespace telltale::content {

struct MemoryStats {
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;
  std::uint64_t limit_bytes = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
};

class MemoryCache {
 public:
  explicit MemoryCache(std::uint64_t limit_bytes) : limit_(limit_bytes) {}

  Block get(const Hash& hash);  // null when it is not here
  bool has(const Hash& hash) const;
  // What is larger than the whole limit is not kept.
  void put(const Hash& hash, Block block);
  void erase(const Hash& hash);
  void clear();
  MemoryStats stats() const;

 private:
  struct Entry {
    Hash hash;
    Block block;
  };
  struct State {
    std::list<Entry> entries;  // used last first
    std::unordered_map<Hash, std::list<Entry>::iterator, HashOfHash> index;
    std::uint64_t bytes = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    void drop(std::list<Entry>::iterator entry);
  };
  const std::uint64_t limit_;
  base::Guarded<State> state_;
};

}  // namespace telltale::content
