// What changes the fleet, and tool calls.
#include "fleet/inputs.hpp"
#include "fleet/operations.hpp"
#include "runtime/run.hpp"

namespace telltale::fleet {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;
using Change = TaskResult<bool> (Server::*)();

TaskResult<JsonObject> change(Registry* fleet, ContextPtr context, std::string id, Change what) {
  auto server = fleet->find(id);
  if (!server) co_return std::unexpected(server.error());
  context->set_subject((*server)->view()->definition.name);
  auto done = co_await runtime::call_on((*server)->loop(), ((**server).*what)());
  if (!done) co_return std::unexpected(done.error());
  co_return (*server)->view()->record;
}

// The definition as a fleet file would have it: what was left out stays out.
template <class Input>
JsonObject source_of(const Input& input) {
  JsonObject out;
  const auto put = [&](std::string_view key, const auto& value) {
    if (value) out[key] = base::to_json(*value);
  };
  put("type", input.type);
  put("command", input.command);
  put("args", input.args);
  put("env", input.env);
  put("cwd", input.cwd);
  put("url", input.url);
  put("headers", input.headers);
  put("telltale", input.telltale);
  return out;
}

// Starting a program is a permission of its own, apart from defining a URL.
base::Result<void> may_define(const ContextPtr& context, const std::string& name,
                              const JsonObject& source) {
  if (!context->actor().may("fleet:define", name))
    return base::fail(base::Code::permission_denied,
                      "your role lacks the permission fleet:define for a server called " + name);
  if (reaches_machine(source) && !context->actor().may("server:exec", name))
    return base::fail(base::Code::permission_denied,
                      "a definition with a command, a ${env:…} or an assertion_file needs the "
                      "permission server:exec");
  return {};
}

TaskResult<JsonObject> create(Registry* fleet, ContextPtr context, DefineServer input) {
  context->set_subject(input.name);
  auto source = source_of(input);
  if (auto fine = may_define(context, input.name, source); !fine)
    co_return std::unexpected(fine.error());
  auto server = co_await fleet->create(input.name, std::move(source), context->actor().name);
  if (!server) co_return std::unexpected(server.error());
  co_return (*server)->view()->record;
}

TaskResult<JsonObject> update(Registry* fleet, ContextPtr context, RedefineServer input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  const auto name = (*server)->view()->definition.name;
  context->set_subject(name);
  if (input.name && *input.name != name)
    co_return base::bad_field("/name", "a server keeps its name; delete it and make another");
  auto source = source_of(input);
  if (auto fine = may_define(context, name, source); !fine) co_return std::unexpected(fine.error());
  auto changed = co_await fleet->update(name, std::move(source), context->actor().name);
  if (!changed) co_return std::unexpected(changed.error());
  co_return (*changed)->view()->record;
}

TaskResult<JsonObject> remove(Registry* fleet, ContextPtr context, ById input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  const auto name = (*server)->view()->definition.name;
  context->set_subject(name);
  if (auto gone = co_await fleet->remove(name, context->actor().name); !gone)
    co_return std::unexpected(gone.error());
  co_return JsonObject();
}

// Reads the fleet file again when the server comes from it, and its lists in any case.
TaskResult<JsonObject> reload_server(Registry* fleet, ContextPtr context, ById input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  const auto name = (*server)->view()->definition.name;
  context->set_subject(name);
  if ((*server)->view()->origin == "file") {
    if (auto report = co_await fleet->reload(context->actor().name); !report)
      co_return std::unexpected(report.error());
    server = fleet->find(name);
    if (!server) co_return std::unexpected(server.error());
  }
  auto lists = co_await runtime::call_on((*server)->loop(), (*server)->refresh_lists());
  if (!lists) co_return std::unexpected(lists.error());
  co_return (*server)->view()->record;
}

TaskResult<JsonObject> test(Registry* fleet, ContextPtr context, ById input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  context->set_subject((*server)->view()->definition.name);
  co_return co_await runtime::call_on((*server)->loop(), (*server)->test());
}

TaskResult<JsonObject> call_tool(Registry* fleet, ContextPtr context, CallTool input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  runtime::Span arriving(context->trace(), "server loop");
  co_return co_await runtime::call_on(
      (*server)->loop(), (*server)->call_tool(std::move(input.tool), std::move(input.arguments),
                                              context, std::move(arriving)));
}

TaskResult<JsonObject> reload(Registry* fleet, ContextPtr context) {
  auto report = co_await fleet->reload(context->actor().name);
  if (!report) co_return std::unexpected(report.error());
  const auto names = [](const std::vector<std::string>& list) {
    JsonArray out;
    for (const auto& name : list) out.push_back(Json(name));
    return out;
  };
  co_return JsonObject{{"added", names(report->added)},
                       {"changed", names(report->changed)},
                       {"removed", names(report->removed)},
                       {"unchanged", names(report->unchanged)},
                       {"errors", names(report->errors)}};
}

runtime::OperationSpec change_spec(std::string name, std::string help, std::string permission,
                                   runtime::Route route,
                                   std::chrono::milliseconds limit = std::chrono::seconds(90)) {
  return {.name = std::move(name),
          .help = std::move(help),
          .permission = std::move(permission),
          .server = route.path.starts_with("/api/servers/{id}") ? "id" : "",
          .changes = true,
          .time_limit = limit,
          .routes = {std::move(route)},
          .group = "Servers"};
}

}  // namespace

void declare_change_operations(runtime::OperationRegistry& registry, Registry& service) {
  auto* const fleet = &service;
  const auto simple = [&](std::string verb, std::string help, Change what) {
    registry.add(runtime::declare<ById, JsonObject>(
        change_spec("fleet." + verb, std::move(help), "fleet:operate",
                    {"POST", "/api/servers/{id}/" + verb}),
        [fleet, what](ContextPtr context, ById in) {
          return change(fleet, std::move(context), std::move(in.id), what);
        }));
  };
  simple("start", "Starts a server; a disabled one is enabled again", &Server::start);
  simple("stop", "Stops a server and its processes", &Server::stop);
  simple("restart", "Stops and starts a server", &Server::restart);
  registry.add(runtime::declare<ById, JsonObject>(
      change_spec("fleet.reload_server", "Reads its definition again and lists anew",
                  "fleet:operate", {"POST", "/api/servers/{id}/reload"}),
      [fleet](ContextPtr context, ById in) {
        return reload_server(fleet, std::move(context), std::move(in));
      }));
  registry.add(runtime::declare<ById, JsonObject>(
      change_spec("fleet.test", "Checks a server now, step by step", "fleet:operate",
                  {"POST", "/api/servers/{id}/test"}),
      [fleet](ContextPtr context, ById in) {
        return test(fleet, std::move(context), std::move(in));
      }));
  registry.add(runtime::declare<DefineServer, JsonObject>(
      change_spec("fleet.create", "Adds a server", "fleet:define", {"POST", "/api/servers", 201}),
      [fleet](ContextPtr context, DefineServer in) {
        return create(fleet, std::move(context), std::move(in));
      }));
  registry.add(runtime::declare<RedefineServer, JsonObject>(
      change_spec("fleet.update", "Changes a server's definition", "fleet:define",
                  {"PUT", "/api/servers/{id}"}),
      [fleet](ContextPtr context, RedefineServer in) {
        return update(fleet, std::move(context), std::move(in));
      }));
  registry.add(runtime::declare<ById, JsonObject>(
      change_spec("fleet.delete", "Removes a server", "fleet:define",
                  {"DELETE", "/api/servers/{id}", 204}),
      [fleet](ContextPtr context, ById in) {
        return remove(fleet, std::move(context), std::move(in));
      }));
  registry.add(runtime::declare<runtime::Nothing, JsonObject>(
      change_spec("fleet.reload", "Reads the fleet file again", "config:reload",
                  {"POST", "/api/fleet/reload"}),
      [fleet](ContextPtr context, runtime::Nothing) { return reload(fleet, std::move(context)); }));
  auto spec =
      change_spec("fleet.tool_call", "Calls a tool", "tools:call",
                  {"POST", "/api/servers/{id}/tools/{tool}/call"}, std::chrono::minutes(10));
  spec.tool = "tool";
  spec.keep = runtime::Keep::batched;  // a commit for each call would cost more than the call
  registry.add(runtime::declare<CallTool, JsonObject>(
      std::move(spec), [fleet](ContextPtr context, CallTool in) {
        return call_tool(fleet, std::move(context), std::move(in));
      }));
}

void declare_operations(runtime::OperationRegistry& registry, Registry& fleet,
                        store::Store& store) {
  declare_read_operations(registry, fleet, store);
  declare_change_operations(registry, fleet);
  declare_authorization_operations(registry, fleet);
  declare_log_operations(registry, fleet, store);
  declare_version_operations(registry, fleet, store);
}

}  // namespace telltale::fleet
