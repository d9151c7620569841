// The measured parts of a card: latency of ping and of tools that may be called, over a bounded
// number of calls after a warm-up; and how long a killed server takes until it answers again.
#pragma once

#include "lab/card/card.hpp"

namespace telltale::lab {

struct Latencies {
  double connect_ms = 0;
  std::vector<LatencyLine> lines;
};

runtime::TaskResult<Latencies> measure_latency(runtime::Loop* loop, mcp::Target target,
                                               base::JsonArray tools, CardSettings settings);
runtime::Task<KillRecovery> measure_recovery(runtime::Loop* loop, mcp::Target target, mcp::Era era,
                                             base::Duration limit);

}  // namespace telltale::lab
