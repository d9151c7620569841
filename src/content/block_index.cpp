#include "content/block_index.hpp"

namespace telltale::content {

std::optional<std::uint64_t> BlockIndex::size_of(const Hash& hash) const {
  const auto found = entries_.find(hash);
  if (found == entries_.end()) return std::nullopt;
  return found->second.size;
}

void BlockIndex::add(const Hash& hash, std::uint64_t size) {
  if (has(hash)) return use(hash);
  order_.push_front(hash);
  entries_.emplace(hash, Entry{.size = size, .place = order_.begin()});
  bytes_ += size;
  if (pinned(hash)) pinned_bytes_ += size;
}

bool BlockIndex::remove(const Hash& hash) {
  const auto found = entries_.find(hash);
  if (found == entries_.end()) return false;
  bytes_ -= found->second.size;
  if (pinned(hash)) pinned_bytes_ -= found->second.size;
  order_.erase(found->second.place);
  entries_.erase(found);
  return true;
}

void BlockIndex::use(const Hash& hash) {
  const auto found = entries_.find(hash);
  if (found != entries_.end()) order_.splice(order_.begin(), order_, found->second.place);
}

void BlockIndex::pin(const Hash& hash) {
  if (++pins_[hash] == 1) pinned_bytes_ += size_of(hash).value_or(0);
}

void BlockIndex::unpin(const Hash& hash) {
  const auto found = pins_.find(hash);
  if (found == pins_.end() || --found->second > 0) return;
  pins_.erase(found);
  pinned_bytes_ -= size_of(hash).value_or(0);
}

std::vector<Hash> BlockIndex::oldest(std::uint64_t bytes) const {
  std::vector<Hash> out;
  std::uint64_t freed = 0;
  for (auto hash = order_.rbegin(); hash != order_.rend() && freed < bytes; ++hash) {
    if (pinned(*hash)) continue;
    out.push_back(*hash);
    freed += entries_.at(*hash).size;
  }
  return out;
}

std::vector<Hash> BlockIndex::unpinned(std::size_t limit) const {
  std::vector<Hash> out;
  for (auto hash = order_.rbegin(); hash != order_.rend() && out.size() < limit; ++hash)
    if (!pinned(*hash)) out.push_back(*hash);
  return out;
}

}  // namespace telltale::content
