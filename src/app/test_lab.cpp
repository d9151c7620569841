#include "app/test_lab.hpp"

#include "fleet/definition_sandbox.hpp"
#include "fleet/operations.hpp"
#include "lab/standard_kinds.hpp"

namespace telltale::app {
namespace {

// A process of the test's own from the server's definition; a server with a URL as it is.
base::Result<mcp::Target> fleet_target(const fleet::Registry& fleet,
                                       const net::OutboundPolicy& outbound,
                                       const std::vector<std::string>& hidden,
                                       std::string_view name) {
  const auto server = fleet.find(name);
  if (!server) return std::unexpected(server.error());
  const auto view = (*server)->view();
  const auto& definition = view->definition;
  if (definition.transport == mcp::TransportKind::stdio)
    return mcp::StdioTarget{fleet::process_of(definition, hidden)};
  mcp::HttpTarget http{.url = definition.url, .outbound = outbound, .kind = definition.transport};
  for (const auto& [header, value] : definition.headers)
    http.headers.set(header, std::string(value.reveal()));
  return http;
}

}  // namespace

TestLab::TestLab(runtime::Runtime& runtime, store::Store& store, runtime::EventSink& events,
                 const fleet::Registry& fleet, net::OutboundPolicy outbound,
                 std::vector<std::string> hidden)
    : runs_({.kinds = &lab::standard_kinds(),
             .sources = {.outbound = outbound,
                         .fleet =
                             [&fleet, outbound, hidden = std::move(hidden)](std::string_view name) {
                               return fleet_target(fleet, outbound, hidden, name);
                             }}},
            runtime.loop(runtime.size() - 1), store, runtime.blocking(), events),
      desk_{.runs = runs_,
            .store = store,
            .blocking = runtime.blocking(),
            .kinds = lab::standard_kinds(),
            .recording = [fleet = &fleet](std::string name) {
              return fleet::recording_of(fleet, std::move(name));
            }} {}

void TestLab::declare(runtime::OperationRegistry& registry) {
  lab::declare_operations(registry, desk_);
  lab::declare_run_operations(registry, desk_);
  lab::declare_comparison_operations(registry, desk_);
  lab::declare_flaky_operation(registry, desk_);
  lab::declare_import_operation(registry, desk_);
}

}  // namespace telltale::app
