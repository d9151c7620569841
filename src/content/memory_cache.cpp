#include "content/memory_cache.hpp"

namespace telltale::content {

void MemoryCache::State::drop(std::list<Entry>::iterator entry) {
  bytes -= entry->block->size();
  index.erase(entry->hash);
  entries.erase(entry);
}

Block MemoryCache::get(const Hash& hash) {
  return state_.with([&](State& state) -> Block {
    const auto found = state.index.find(hash);
    if (found == state.index.end()) {
      ++state.misses;
      return nullptr;
    }
    ++state.hits;
    state.entries.splice(state.entries.begin(), state.entries, found->second);
    return found->second->block;
  });
}

bool MemoryCache::has(const Hash& hash) const {
  return state_.with([&](const State& state) { return state.index.contains(hash); });
}

void MemoryCache::put(const Hash& hash, Block block) {
  if (block->size() > limit_) return;
  state_.with([&](State& state) {
    if (const auto found = state.index.find(hash); found != state.index.end())
      state.drop(found->second);
    state.bytes += block->size();
    state.entries.push_front({.hash = hash, .block = std::move(block)});
    state.index.emplace(hash, state.entries.begin());
    while (state.bytes > limit_) state.drop(std::prev(state.entries.end()));
  });
}

void MemoryCache::erase(const Hash& hash) {
  state_.with([&](State& state) {
    if (const auto found = state.index.find(hash); found != state.index.end())
      state.drop(found->second);
  });
}

void MemoryCache::clear() {
  state_.with([](State& state) {
    state.index.clear();
    state.entries.clear();
    state.bytes = 0;
  });
}

MemoryStats MemoryCache::stats() const {
  return state_.with([&](const State& state) {
    return MemoryStats{.blocks = state.index.size(),
                       .bytes = state.bytes,
                       .limit_bytes = limit_,
                       .hits = state.hits,
                       .misses = state.misses};
  });
}

}  // namespace telltale::content
