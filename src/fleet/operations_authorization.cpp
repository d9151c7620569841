// Authorizing with a protected server (docs/oauth.md): begin, what came back, give up.
#include "fleet/inputs.hpp"
#include "fleet/operations.hpp"
#include "mcp/oauth/callback.hpp"
#include "runtime/run.hpp"

namespace telltale::fleet {
namespace {

using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

TaskResult<JsonObject> begin(Registry* fleet, ContextPtr context, ById input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  context->set_subject((*server)->name());
  co_return co_await runtime::call_on((*server)->loop(), (*server)->begin_authorization());
}

// The browser comes back knowing the state only: which server it is of is ours to find.
TaskResult<JsonObject> finish(Registry* fleet, ContextPtr context, FinishAuthorization input) {
  auto answer = mcp::oauth::read_callback_url(input.authorization_response);
  if (!answer) co_return base::bad_field("/authorization_response", answer.error().detail);
  auto server = co_await fleet->awaiting(answer->state);
  if (!server) co_return std::unexpected(server.error());
  const auto name = (*server)->name();
  if (!context->actor().may("fleet:define", name))
    co_return base::fail(base::Code::permission_denied,
                         "your role lacks the permission fleet:define on this server");
  context->set_subject(name);
  auto done = co_await runtime::call_on((*server)->loop(),
                                        (*server)->finish_authorization(std::move(*answer)));
  if (!done) co_return std::unexpected(done.error());
  co_return (*server)->view()->record;
}

TaskResult<JsonObject> forget(Registry* fleet, ContextPtr context, ById input) {
  auto server = fleet->find(input.id);
  if (!server) co_return std::unexpected(server.error());
  context->set_subject((*server)->name());
  auto done = co_await runtime::call_on((*server)->loop(), (*server)->forget_authorization());
  if (!done) co_return std::unexpected(done.error());
  co_return (*server)->view()->record;
}

runtime::OperationSpec spec(std::string name, std::string help, runtime::Route route) {
  return {.name = std::move(name),
          .help = std::move(help),
          .permission = "fleet:define",
          .server = route.path.starts_with("/api/servers/{id}") ? "id" : "",
          .changes = true,
          .time_limit = std::chrono::seconds(60),
          .routes = {std::move(route)},
          .group = "Servers",
          .secret_result = true};
}

}  // namespace

void declare_authorization_operations(runtime::OperationRegistry& registry, Registry& service) {
  auto* const fleet = &service;
  registry.add(runtime::declare<ById, JsonObject>(
      spec("fleet.authorize", "Begins an OAuth authorization: the URL a person has to open",
           {"POST", "/api/servers/{id}/authorize"}),
      [fleet](ContextPtr context, ById in) {
        return begin(fleet, std::move(context), std::move(in));
      }));
  registry.add(runtime::declare<FinishAuthorization, JsonObject>(
      spec("fleet.finish_authorization", "Takes the answer of an authorization server",
           {"POST", "/api/oauth/callback"}),
      [fleet](ContextPtr context, FinishAuthorization in) {
        return finish(fleet, std::move(context), std::move(in));
      }));
  registry.add(runtime::declare<ById, JsonObject>(
      spec("fleet.forget_authorization", "Gives up tokens and registration",
           {"DELETE", "/api/servers/{id}/authorization"}),
      [fleet](ContextPtr context, ById in) {
        return forget(fleet, std::move(context), std::move(in));
      }));
}

}  // namespace telltale::fleet
