// telltale discover: what other programs of the server's machine know of MCP servers; takes some
// over.
#pragma once

#include "cli/commands.hpp"

namespace telltale::cli {

struct DiscoverArguments {
  std::string source;                // whose servers are taken over: a found file's id
  std::vector<std::string> servers;  // which; none: those that are shown are only listed
};
int run_discover(const Connection& connection, const DiscoverArguments& given);

}  // namespace telltale::cli
