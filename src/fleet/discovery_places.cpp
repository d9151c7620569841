#include "fleet/discovery_places.hpp"

#include "base/encoding.hpp"

namespace telltale::fleet {
namespace {

constexpr std::size_t kProjectsMax = 64;

Place place(std::string program, std::string path, std::vector<std::string> members,
            bool general = false) {
  auto key = program + '\n' + path;
  for (const auto& member : members) key += '\n' + member;
  return {.id = "cfg_" + base::sha256_hex(key).substr(0, 12),
          .program = std::move(program),
          .path = std::move(path),
          .members = std::move(members),
          .general = general};
}

}  // namespace

Place project_file(const std::string& folder) {
  return place("Claude Code, project", folder + "/.mcp.json", {"mcpServers"});
}

std::vector<Place> known_places(const DiscoverySettings& settings) {
  if (settings.home.empty()) return {};
  const auto at = [&](std::string_view rest) { return settings.home + "/" + std::string(rest); };
  std::vector<Place> out;
  for (const std::string_view folder : {".config", "Library/Application Support"}) {
    const auto in = [&](std::string_view rest) {
      return at(std::string(folder) + "/" + std::string(rest));
    };
    out.push_back(
        place("Claude Desktop", in("Claude/claude_desktop_config.json"), {"mcpServers"}, true));
    out.push_back(place("VS Code", in("Code/User/mcp.json"), {"servers"}));
    out.push_back(place("VS Code", in("Code/User/settings.json"), {"mcp", "servers"}, true));
  }
  out.push_back(place("Claude Code", at(".claude.json"), {"mcpServers"}, true));
  out.push_back(place("Cursor", at(".cursor/mcp.json"), {"mcpServers"}));
  out.push_back(place("Windsurf", at(".codeium/windsurf/mcp_config.json"), {"mcpServers"}));
  if (!settings.project.empty()) out.push_back(project_file(settings.project));
  return out;
}

std::vector<Place> project_places(const Place& claude_code, const base::JsonObject& claude) {
  std::vector<Place> out;
  const auto* projects = base::find_object(claude, "projects");
  if (projects == nullptr) return out;
  for (const auto& item : *projects) {
    if (out.size() >= 2 * kProjectsMax) break;
    const std::string folder(item.key());
    out.push_back(place("Claude Code, " + folder, claude_code.path,
                        {"projects", folder, "mcpServers"}, true));
    out.push_back(project_file(folder));
  }
  return out;
}

}  // namespace telltale::fleet
