#include "auth/lockout.hpp"

#include <algorithm>

namespace telltale::auth {

Lockout::Lockout(const base::Clock& clock) : clock_(clock) {}

base::Result<void> Lockout::check(const std::string& key) const {
  const auto until = table_.with([&](const Table& table) {
    const auto found = table.find(key);
    return found == table.end() ? base::SteadyTime() : found->second.blocked_until;
  });
  const auto left = until - clock_.now();
  if (left <= base::Duration::zero()) return {};
  return std::unexpected(
      base::Error{.code = base::Code::rate_limited,
                  .detail = "too many failed logins; wait before the next",
                  .retry_after = std::chrono::ceil<std::chrono::milliseconds>(left)});
}

void Lockout::failed(const std::string& key) {
  const auto now = clock_.now();
  table_.with([&](Table& table) {
    if (table.size() >= kMaxKeys && !table.contains(key)) make_room(table, now);
    auto& entry = table[key];
    // What was long ago is forgiven.
    if (now - entry.last > 2 * kLongestWait) entry.count = 0;
    entry.last = now;
    if (++entry.count < kFreeFailures) return;
    const auto wait = std::chrono::seconds(1 << std::min(entry.count - kFreeFailures, 10));
    entry.blocked_until = now + std::min<base::Duration>(wait, kLongestWait);
  });
}

void Lockout::succeeded(const std::string& key) {
  table_.with([&](Table& table) { table.erase(key); });
}

// Those that block nobody go first; if all do, the one that has waited longest.
void Lockout::make_room(Table& table, base::SteadyTime now) {
  std::erase_if(table, [&](const auto& item) { return item.second.blocked_until <= now; });
  if (table.size() < kMaxKeys) return;
  table.erase(
      std::ranges::min_element(table, {}, [](const auto& item) { return item.second.last; }));
}

}  // namespace telltale::auth
