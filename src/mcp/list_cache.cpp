#include "mcp/list_cache.hpp"

#include <algorithm>

namespace telltale::mcp {

std::optional<base::JsonArray> ListCache::find(const std::string& method,
                                               base::SteadyTime now) const {
  const auto found = lists_.find(method);
  if (found == lists_.end() || found->second.until <= now) return std::nullopt;
  return found->second.items;
}

void ListCache::put(const std::string& method, const base::JsonArray& items,
                    base::SteadyTime received, double ttl_ms) {
  if (!(ttl_ms > 0)) {  // absent, zero, negative: stale at once
    lists_.erase(method);
    return;
  }
  const double longest = base::to_ms(kLongest);
  const std::chrono::milliseconds fresh(static_cast<std::int64_t>(std::min(ttl_ms, longest)));
  lists_[method] = {items, received + fresh};
}

void ListCache::invalidate(std::string_view kind) {
  const auto prefix = std::string(kind) + "/";
  std::erase_if(lists_, [&](const auto& item) { return item.first.starts_with(prefix); });
}

}  // namespace telltale::mcp
