// What other programs of this machine have configured, and taking servers of it over.
#include <algorithm>

#include "fleet/definition.hpp"
#include "fleet/operations.hpp"

namespace telltale::fleet {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;
using Rule = base::FieldRule;

struct ImportServers {
  std::string source;
  std::vector<std::string> servers;
};
BOOST_DESCRIBE_STRUCT(ImportServers, (), (source, servers))
constexpr auto field_rules(const ImportServers*) {
  return std::array{
      Rule{.name = "source", .help = "the id of a found file", .minimum = 1, .maximum = 64},
      Rule{.name = "servers",
           .help = "names of servers as the file has them",
           .minimum = 1,
           .maximum = 500}};
}

struct Parts {
  Registry* fleet;
  runtime::BlockingPool* blocking;
  DiscoverySettings settings;
};
using PartsPtr = std::shared_ptr<const Parts>;

base::Result<void> is_on(const Parts& parts) {
  if (parts.settings.enabled) return {};
  return base::fail(base::Code::unavailable,
                    "finding configurations is switched off on this server (--no-discover)");
}

// `known`: there is a server of ours by that name.
JsonObject with_known(JsonObject file, const Registry& fleet) {
  for (auto& item : file["servers"].as_array()) {
    auto& server = item.as_object();
    server["known"] = fleet.find(base::string_or(server, "own_name")).has_value();
  }
  return file;
}

TaskResult<JsonObject> find_all(PartsPtr parts) {
  if (auto on = is_on(*parts); !on) co_return std::unexpected(on.error());
  const auto found = co_await parts->blocking->run([parts] { return discover(parts->settings); });
  JsonArray items;
  for (const auto& file : found) items.push_back(with_known(shown(file), *parts->fleet));
  co_return JsonObject{{"items", std::move(items)}};
}

base::Result<FoundServer> choose(const FoundFile& file, const std::string& name) {
  const auto found = std::ranges::find(file.servers, name, &FoundServer::name);
  if (found == file.servers.end())
    return base::fail(base::Code::not_found, "the file has no server called " + name);
  if (!found->problem.empty())
    return base::fail(base::Code::invalid_argument, name + " " + found->problem);
  return *found;
}

TaskResult<std::string> take_over(Registry* fleet, ContextPtr context, FoundServer found) {
  const auto& actor = context->actor();
  for (const std::string_view permission : {"fleet:define", "server:exec"})
    if (!actor.may(permission, found.own_name))
      co_return base::fail(base::Code::permission_denied,
                           "your role lacks the permission " + std::string(permission) +
                               " for a server called " + found.own_name);
  auto server = co_await fleet->create(found.own_name, std::move(found.source), actor.name);
  if (!server) co_return std::unexpected(server.error());
  co_return found.own_name;
}

// Each server by itself: one that is here already does not keep the others away.
TaskResult<JsonObject> import(PartsPtr parts, ContextPtr context, ImportServers input) {
  if (auto on = is_on(*parts); !on) co_return std::unexpected(on.error());
  const auto files = co_await parts->blocking->run([parts] { return discover(parts->settings); });
  const auto file = std::ranges::find(
      files, input.source, [](const FoundFile& one) -> const std::string& { return one.place.id; });
  if (file == files.end())
    co_return base::fail(base::Code::not_found, "there is no such configuration (any more)");
  context->set_subject(file->place.program);
  JsonArray added, failed;
  for (const auto& name : input.servers) {
    const auto refuse = [&](const base::Error& error) {
      failed.push_back(JsonObject{{"name", name}, {"error", error.detail}});
    };
    auto chosen = choose(*file, name);
    if (!chosen) {
      refuse(chosen.error());
      continue;
    }
    const auto done = co_await take_over(parts->fleet, context, std::move(*chosen));
    if (done)
      added.push_back(Json(*done));
    else
      refuse(done.error());
  }
  co_return JsonObject{{"added", std::move(added)}, {"failed", std::move(failed)}};
}

}  // namespace

void declare_discovery_operations(runtime::OperationRegistry& registry, Registry& fleet,
                                  runtime::BlockingPool& blocking, DiscoverySettings settings) {
  const auto parts = std::make_shared<const Parts>(&fleet, &blocking, std::move(settings));
  registry.add(runtime::declare<runtime::Nothing, JsonObject>(
      {.name = "fleet.discover",
       .help = "MCP servers that other programs of this machine know, secrets hidden",
       .permission = "server:exec",
       .routes = {{"GET", "/api/fleet/discover"}},
       .group = "Servers"},
      [parts](ContextPtr, runtime::Nothing) { return find_all(parts); }));
  registry.add(runtime::declare<ImportServers, JsonObject>(
      {.name = "fleet.import",
       .help = "Adds and starts servers of a found configuration",
       .permission = "server:exec",
       .changes = true,
       .time_limit = std::chrono::minutes(5),
       .routes = {{"POST", "/api/fleet/import"}},
       .group = "Servers"},
      [parts](ContextPtr context, ImportServers in) {
        return import(parts, std::move(context), std::move(in));
      }));
}

}  // namespace telltale::fleet
