// The places where programs keep their MCP servers, relative to a home folder (Linux and macOS).
#pragma once

#include "fleet/discovery.hpp"

namespace telltale::fleet {

std::vector<Place> known_places(const DiscoverySettings& settings);
// Servers that Claude Code knows for one project only: those in ~/.claude.json and those in the
// project's own .mcp.json. `claude` is the content of ~/.claude.json.
std::vector<Place> project_places(const Place& claude_code, const base::JsonObject& claude);
// The .mcp.json of a project folder.
Place project_file(const std::string& folder);

}  // namespace telltale::fleet
