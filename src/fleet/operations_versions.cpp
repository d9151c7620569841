// The fleet's configuration as a whole: how it is, how it was, and back to that. Values that may be
// secret are hidden in what is shown; what is restored has them.
#include "fleet/operations.hpp"
#include "runtime/run.hpp"

namespace telltale::fleet {

struct ListVersions {
  int limit = 100;
  std::string cursor;
};
BOOST_DESCRIBE_STRUCT(ListVersions, (), (limit, cursor))
constexpr auto field_rules(const ListVersions*) {
  using base::FieldRule;
  return std::array{FieldRule{.name = "limit", .minimum = 1, .maximum = 500, .has_default = true},
                    FieldRule{.name = "cursor", .has_default = true}};
}

struct OneVersion {
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(OneVersion, (), (version))
constexpr auto field_rules(const OneVersion*) {
  return std::array{base::FieldRule{.name = "version", .minimum = 1}};
}

namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

bool shows(const runtime::Actor& actor, const std::string& name) {
  return actor.may("fleet:define", name);
}

JsonObject shown(std::string_view origin, const JsonObject& definition) {
  return {{"origin", origin}, {"definition", redacted(definition)}};
}

TaskResult<JsonObject> configuration(Registry* fleet, ContextPtr context) {
  JsonObject servers;
  for (const auto& [name, server] : *fleet->servers()) {
    const auto view = server->view();
    if (shows(context->actor(), name)) servers[name] = shown(view->origin, view->definition.source);
  }
  co_return JsonObject{{"file", fleet->file()}, {"servers", std::move(servers)}};
}

TaskResult<JsonObject> list_versions(store::Store* store, ContextPtr context, ListVersions input) {
  std::int64_t before = 0;
  if (!input.cursor.empty()) {
    const auto parsed = base::parse_json(input.cursor);
    if (!parsed || !parsed->is_int64() || parsed->get_int64() < 1)
      co_return base::bad_field("/cursor", "is not one of ours");
    before = parsed->get_int64();
  }
  const auto limit = static_cast<std::size_t>(input.limit);
  auto versions = co_await store::list_fleet_versions(*store, before, limit);
  if (!versions) co_return std::unexpected(versions.error());
  JsonArray items;
  for (const auto& version : *versions) {
    JsonArray changes;
    for (const auto& change : version.changes)
      if (shows(context->actor(), change.name))
        changes.push_back(
            {{"name", change.name}, {"kind", change.kind}, {"origin", change.origin}});
    if (changes.empty()) continue;
    items.push_back({{"version", version.version},
                     {"time", base::format_rfc3339(version.time)},
                     {"actor", version.actor},
                     {"cause", version.cause},
                     {"changes", std::move(changes)}});
  }
  const bool more = versions->size() == limit;
  co_return JsonObject{
      {"items", std::move(items)},
      {"next_cursor", more ? Json(std::to_string(versions->back().version)) : Json(nullptr)}};
}

TaskResult<JsonObject> get_version(store::Store* store, ContextPtr context, OneVersion input) {
  auto kept = co_await store::read_fleet_version(*store, input.version);
  if (!kept) co_return std::unexpected(kept.error());
  JsonObject servers;
  for (const auto& [name, one] : *kept)
    if (shows(context->actor(), name)) servers[name] = shown(one.origin, one.definition);
  co_return JsonObject{{"version", input.version}, {"servers", std::move(servers)}};
}

// Who restores needs what each of its changes alone would take.
base::Result<void> may_restore(const runtime::Actor& actor, const Registry& fleet,
                               const store::KeptFleet& target) {
  const auto needs = [&](const std::string& name,
                         std::string_view permission) -> base::Result<void> {
    if (actor.may(permission, name)) return {};
    return base::fail(
        base::Code::permission_denied,
        "your role lacks the permission " + std::string(permission) + " for the server " + name);
  };
  for (const auto& [name, server] : *fleet.servers())
    if (!target.contains(name) && server->view()->origin != "file")
      if (auto fine = needs(name, "fleet:define"); !fine) return fine;
  for (const auto& [name, kept] : target) {
    if (kept.origin == "file") continue;
    if (auto fine = needs(name, "fleet:define"); !fine) return fine;
    if (reaches_machine(kept.definition))
      if (auto fine = needs(name, "server:exec"); !fine) return fine;
  }
  return {};
}

TaskResult<JsonObject> restore(Registry* fleet, store::Store* store, ContextPtr context,
                               OneVersion input) {
  context->set_subject("version " + std::to_string(input.version));
  auto kept = co_await store::read_fleet_version(*store, input.version);
  if (!kept) co_return std::unexpected(kept.error());
  if (auto fine = may_restore(context->actor(), *fleet, *kept); !fine)
    co_return std::unexpected(fine.error());
  auto report = co_await fleet->restore(std::move(*kept), input.version, context->actor().name);
  if (!report) co_return std::unexpected(report.error());
  const auto names = [](const std::vector<std::string>& list) {
    JsonArray out;
    for (const auto& name : list) out.push_back(Json(name));
    return out;
  };
  co_return JsonObject{{"version", input.version},
                       {"added", names(report->added)},
                       {"changed", names(report->changed)},
                       {"removed", names(report->removed)},
                       {"left", names(report->left)}};
}

runtime::OperationSpec spec(std::string name, std::string help, runtime::Route route) {
  return {.name = std::move(name),
          .help = std::move(help),
          .permission = "fleet:define",
          .routes = {std::move(route)},
          .group = "Servers"};
}

}  // namespace

void declare_version_operations(runtime::OperationRegistry& registry, Registry& fleet,
                                store::Store& store) {
  auto* const all = &fleet;
  auto* const kept = &store;
  registry.add(runtime::declare<runtime::Nothing, JsonObject>(
      spec("fleet.configuration", "Every definition as it is, secrets hidden",
           {"GET", "/api/fleet/configuration"}),
      [all](ContextPtr context, runtime::Nothing) {
        return configuration(all, std::move(context));
      }));
  registry.add(runtime::declare<ListVersions, JsonObject>(
      spec("fleet.versions", "How the configuration came to be, newest first",
           {"GET", "/api/fleet/versions"}),
      [kept](ContextPtr context, ListVersions in) {
        return list_versions(kept, std::move(context), std::move(in));
      }));
  registry.add(runtime::declare<OneVersion, JsonObject>(
      spec("fleet.version", "The configuration as it was, secrets hidden",
           {"GET", "/api/fleet/versions/{version}"}),
      [kept](ContextPtr context, OneVersion in) {
        return get_version(kept, std::move(context), in);
      }));
  auto change = spec("fleet.restore", "Makes the servers of the API what they were at a version",
                     {"POST", "/api/fleet/versions/{version}/restore"});
  change.changes = true;
  change.time_limit = std::chrono::minutes(5);
  registry.add(runtime::declare<OneVersion, JsonObject>(
      std::move(change), [all, kept](ContextPtr context, OneVersion in) {
        return restore(all, kept, std::move(context), in);
      }));
}

}  // namespace telltale::fleet
