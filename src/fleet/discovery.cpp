#include "fleet/discovery.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "base/commented_json.hpp"
#include "base/file.hpp"
#include "base/redact.hpp"
#include "fleet/discovery_definition.hpp"
#include "fleet/discovery_places.hpp"

namespace telltale::fleet {
namespace {

namespace fs = std::filesystem;
using base::Json;
using base::JsonArray;
using base::JsonObject;

constexpr std::size_t kFileBytes = 8U << 20U;  // ~/.claude.json has a history beside its servers
constexpr std::size_t kServersMax = 500;       // of a file

bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto relative = path.lexically_normal().lexically_relative(folder.lexically_normal());
  return !relative.empty() && *relative.begin() != "..";
}

// The file as JSON; not_found when there is none, else the error is for the person.
base::Result<Json> read_json(const fs::path& path, const fs::path& home) {
  if (!lies_in(path, home)) return base::fail(base::Code::not_found, "");
  std::error_code error;
  const auto real_home = fs::canonical(home, error);
  const auto real = error ? fs::path() : fs::canonical(path, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
    return base::fail(base::Code::not_found, "");
  if (error) return base::fail(base::Code::storage, "cannot be read: " + error.message());
  if (!lies_in(real, real_home))
    return base::fail(base::Code::permission_denied,
                      "is a link that leads outside of the home folder; it is not followed");
  if (!fs::is_regular_file(real, error))
    return base::fail(base::Code::invalid_argument, "is no file");
  const auto text = base::read_file(real.string(), kFileBytes);
  if (!text && text.error().code == base::Code::too_large)
    return base::fail(base::Code::too_large, "is over 8 MiB");
  if (!text) return base::fail(base::Code::storage, "cannot be read: permission denied");
  return base::parse_commented_json(*text);
}

// Reads each file once, however many places are in it.
class Files {
 public:
  explicit Files(fs::path home) : home_(std::move(home)) {}
  const base::Result<Json>& at(const std::string& path) {
    auto found = read_.find(path);
    if (found == read_.end()) found = read_.emplace(path, read_json(path, home_)).first;
    return found->second;
  }

 private:
  fs::path home_;
  std::map<std::string, base::Result<Json>> read_;
};

const JsonObject* servers_in(const Place& place, const Json& root) {
  const auto* at = root.if_object();
  for (const auto& member : place.members)
    at = at == nullptr ? nullptr : base::find_object(*at, member);
  return at;
}

std::optional<FoundFile> look(const Place& place, Files& files, const std::string& home) {
  const auto& json = files.at(place.path);
  if (!json && json.error().code == base::Code::not_found) return std::nullopt;
  FoundFile out{.place = place};
  if (!json) {
    if (place.members.size() > 2) return std::nullopt;  // said once for the file
    out.problem = json.error().detail;
    return out;
  }
  const auto* servers = servers_in(place, *json);
  if (servers == nullptr) {
    if (place.general) return std::nullopt;
    out.problem = "has no \"" + place.members.front() + "\": {NAME: {…}}";
    return out;
  }
  for (const auto& item : *servers) {
    if (out.servers.size() == kServersMax) {
      out.problem = "has more than 500 servers; the first 500 are shown";
      break;
    }
    out.servers.push_back(read_found(place, item.key(), item.value(), home));
  }
  if (out.servers.empty() && place.general) return std::nullopt;
  return out;
}

// As one would type it, but for what looks secret: the value after --api-key, of --token=…, of a
// header.
std::string command_line(const JsonObject& source) {
  auto out = base::string_or(source, "command");
  const auto* arguments = base::find_array(source, "args");
  if (arguments == nullptr) return out;
  bool hide = false;
  for (const auto& item : *arguments) {
    const auto* text = item.if_string();
    if (text == nullptr) continue;
    const std::string_view argument(*text);
    const auto mark = argument.find_first_of("=:");
    const bool named = base::names_secret(argument.substr(0, mark));
    out += ' ';
    if (!hide && named && mark != std::string_view::npos)
      out.append(argument.substr(0, mark + 1)).append(base::kHidden);
    else
      out.append(hide ? base::kHidden : argument);
    hide = named && mark == std::string_view::npos && argument.starts_with('-');
  }
  return out;
}

// Without its query and without who logs in by it: both may be secret.
std::string shown_url(std::string url) {
  url.resize(std::min(url.size(), url.find_first_of("?#")));
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto end = std::min(url.size(), url.find('/', scheme + 3));
  const auto at = url.rfind('@', end);
  if (at != std::string::npos && at > scheme) url.erase(scheme + 3, at + 1 - (scheme + 3));
  return url;
}

JsonArray names_of(const JsonObject& source, std::string_view key) {
  JsonArray out;
  if (const auto* values = base::find_object(source, key))
    for (const auto& item : *values) out.push_back(Json(item.key()));
  return out;
}

JsonObject shown_server(const FoundServer& server) {
  const auto url = base::string_or(server.source, "url");
  const auto type = base::string_or(server.source, "type", url.empty() ? "stdio" : "http");
  const auto* own = base::find_object(server.source, "telltale");
  return {{"name", server.name},
          {"own_name", server.own_name},
          {"transport", type},
          {"target", url.empty() ? command_line(server.source) : shown_url(url)},
          {"variables", names_of(server.source, "env")},
          {"headers", names_of(server.source, "headers")},
          {"disabled", own != nullptr},
          {"error", server.problem.empty() ? Json(nullptr) : Json(server.problem)}};
}

}  // namespace

std::vector<FoundFile> discover(const DiscoverySettings& settings) {
  std::vector<FoundFile> out;
  if (!settings.enabled) return out;
  Files files{fs::path(settings.home)};
  std::vector<std::string> seen;
  const auto take = [&](const Place& place) {
    if (std::ranges::find(seen, place.id) != seen.end()) return;
    seen.push_back(place.id);
    if (auto found = look(place, files, settings.home)) out.push_back(std::move(*found));
  };
  for (const auto& place : known_places(settings)) {
    take(place);
    if (place.program != "Claude Code") continue;
    const auto& claude = files.at(place.path);
    if (!claude || !claude->is_object()) continue;
    for (const auto& project : project_places(place, claude->get_object())) take(project);
  }
  return out;
}

JsonObject shown(const FoundFile& file) {
  JsonArray servers;
  for (const auto& server : file.servers) servers.push_back(shown_server(server));
  return {{"source", file.place.id},
          {"program", file.place.program},
          {"path", file.place.path},
          {"error", file.problem.empty() ? Json(nullptr) : Json(file.problem)},
          {"servers", std::move(servers)}};
}

}  // namespace telltale::fleet
