// How to reach a server of a suite: its spec with the variables filled in. No I/O.
#pragma once

#include <functional>

#include "lab/suite/spec.hpp"
#include "lab/suite/variables.hpp"
#include "mcp/client.hpp"

namespace telltale::lab::run {

struct TargetSources {
  net::OutboundPolicy outbound = {};
  // A server of the fleet by its name; empty where there is no fleet.
  std::function<base::Result<mcp::Target>(std::string_view name)> fleet = {};
};

// With its variables filled in.
base::Result<suite::ServerSpec> spec_of(const suite::ServerSpec& spec,
                                        const suite::Variables& variables);
// How its program is started, of a spec that is filled in.
net::ProcessSpec process_of(const suite::ServerSpec& spec, const std::string& folder);

base::Result<mcp::Target> target_of(const suite::ServerSpec& spec,
                                    const suite::Variables& variables, const std::string& folder,
                                    const TargetSources& sources);

}  // namespace telltale::lab::run
