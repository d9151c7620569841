// A simulated caller of tools: one call after the other, a random one of the stage's each time.
#pragma once

#include "base/random.hpp"
#include "simulate/stage.hpp"

namespace telltale::simulate {

class ToolCaller {
 public:
  ToolCaller(Stage& stage, std::size_t index);
  static runtime::Task<> run(ToolCaller* self);

 private:
  Stage& stage_;
  base::Random random_;
};

// What running servers offer, declare to change nothing (readOnlyHint) and call without arguments.
// conflict when there is none.
runtime::TaskResult<std::vector<ToolCall>> harmless_calls(Stage* stage);

}  // namespace telltale::simulate
