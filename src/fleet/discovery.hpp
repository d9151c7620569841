// What other programs of this machine have been told about MCP servers: the configuration files of
// Claude Desktop, Claude Code, VS Code, Cursor and Windsurf of the user Telltale runs as. Blocking:
// on a loop only by way of runtime::BlockingPool. Nothing outside of the home folder is read, and
// no file over 8 MiB. What is shown has no value of a variable or a header; the definition itself
// leaves a file only to become a server.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace telltale::fleet {

struct DiscoverySettings {
  bool enabled = true;
  std::string home;     // absolute; "": nothing is looked for
  std::string project;  // the folder Telltale was started in: its .mcp.json; "": none
};

// Where a program keeps its servers: the members on the way to them, in one file.
struct Place {
  std::string id;  // the same as long as the file is where it is
  std::string program;
  std::string path;
  std::vector<std::string> members;
  bool general = false;  // a file for other things too: without the members it is not of interest
};

struct FoundServer {
  std::string name;         // as the file has it
  std::string own_name;     // as a server of ours would be called
  base::JsonObject source;  // a definition of ours; has secrets
  std::string problem;      // why it cannot be taken; "" when it can
};

struct FoundFile {
  Place place;
  std::string problem;  // why it could not be read or is no such file; "" when it was
  std::vector<FoundServer> servers;
};

// The files there are, in a fixed order; those that are not there are left out.
std::vector<FoundFile> discover(const DiscoverySettings& settings);

// As a person may see it: {source, program, path, error, servers: [{name, own_name, transport,
// target, variables, headers, disabled, error}]}.
base::JsonObject shown(const FoundFile& file);

}  // namespace telltale::fleet
