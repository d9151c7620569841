// What the metrics say of a condition now. `last` is answered from memory; the other functions read
// their range from the store. Blocking pool; no state.
#pragma once

#include "alert/machine.hpp"
#include "series/query.hpp"

namespace telltale::alert {

constexpr std::size_t kEntriesMax = 5'000;  // series that one condition may look at
// A series that has been silent for so long is not missed any more.
constexpr std::int64_t kMissedMs = 24LL * 3'600'000;

std::vector<series::EntryPtr> entries_of(const series::Index& index,
                                         const series::Selector& selector);
Labels grouped(const series::Entry& entry, const std::optional<std::vector<std::string>>& by);

// Absence counts from `since_ms` on (when the rule was made, or we started) where nothing has ever
// come.
struct Moment {
  std::int64_t since_ms = 0;
  std::int64_t now_ms = 0;
};
base::Result<std::vector<Observation>> observe(store::Connection& db, const series::Index& index,
                                               const Condition& condition, Moment moment);

}  // namespace telltale::alert
