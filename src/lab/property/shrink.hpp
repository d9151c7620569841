// The smaller neighbours of a value: what is tried in its place when it made something fail
// (QuickCheck's shrinking, Claessen and Hughes 2000). Whoever tests takes the first that still
// fails and asks again, until none does. Pure.
#pragma once

#include <vector>

#include "base/json.hpp"

namespace telltale::lab {

// Each differs from `value` in one place and is simpler there, the simplest first; none for what
// cannot be simpler. At most kNeighbours.
std::vector<base::Json> smaller(const base::Json& value);

inline constexpr std::size_t kNeighbours = 200;

}  // namespace telltale::lab
