// What a server said this time against what it said when it was recorded. Ids and the order of
// notifications do not count, nor what the ignored JSON paths select: they go into the whole
// message ($.result.content[0].text, $.params.data). Hidden values are hidden on both sides. Pure.
#pragma once

#include "lab/replay/player.hpp"
#include "lab/run/result.hpp"
#include "lab/suite/json_path.hpp"

namespace telltale::lab {

struct Compared {
  std::vector<run::Mismatch> mismatches;  // at most run::kMismatchesLimit
  std::size_t answers = 0;                // that were recorded
  std::size_t differ = 0;                 // of all that was compared
  std::size_t notifications = 0;          // that were recorded
};

struct CompareSettings {
  std::vector<suite::JsonPath> ignore;
  bool notifications = true;
  bool may_end = false;  // another session followed: that the server ends is as recorded
};

Compared compare(const std::vector<Line>& script, const Played& played,
                 const CompareSettings& settings);

}  // namespace telltale::lab
