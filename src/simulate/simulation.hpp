// A simulation from its beginning to its summary.
#pragma once

#include "simulate/tally.hpp"

namespace telltale::simulate {

struct Progress {
  base::Duration elapsed = {};
  const Tally& tally;
};
// On the current loop. `told` is called about once a second. `ended` (may be null) is looked at
// then: true brings the end near. Errors: the token, the tools that callers need; what goes wrong
// later is in the summary.
runtime::TaskResult<Summary> run(Plan plan, std::function<void(const Progress&)> told,
                                 std::function<bool()> ended);

}  // namespace telltale::simulate
