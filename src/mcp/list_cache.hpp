// Whole lists of a modern server for as long as it says they are fresh (2026-07-28
// server/utilities/caching). One client is one authorisation context, so private and public are the
// same here. list_changed makes a list stale at once. No I/O.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace telltale::mcp {

class ListCache {
 public:
  static constexpr base::Duration kLongest = std::chrono::hours(1);

  std::optional<base::JsonArray> find(const std::string& method, base::SteadyTime now) const;
  // Fresh from `received` (of the first page) for the least ttlMs of all pages.
  void put(const std::string& method, const base::JsonArray& items, base::SteadyTime received,
           double ttl_ms);
  // "tools", "prompts", "resources" (and with it the templates).
  void invalidate(std::string_view kind);
  void clear() { lists_.clear(); }

 private:
  struct Entry {
    base::JsonArray items;
    base::SteadyTime until;
  };
  std::map<std::string, Entry> lists_;
};

}  // namespace telltale::mcp
