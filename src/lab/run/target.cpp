#include "lab/run/target.hpp"

namespace telltale::lab::run {

base::Result<suite::ServerSpec> spec_of(const suite::ServerSpec& spec,
                                        const suite::Variables& variables) {
  auto expanded = suite::expand(base::to_json(spec), variables);
  if (!expanded) return std::unexpected(expanded.error());
  if (spec.type.empty()) expanded->as_object().erase("type");
  return base::from_json<suite::ServerSpec>(*expanded);
}

net::ProcessSpec process_of(const suite::ServerSpec& spec, const std::string& folder) {
  return {.command = spec.command,
          .arguments = spec.args,
          .environment = net::child_environment(spec.env),
          .directory = spec.cwd.empty() ? folder : spec.cwd};
}

base::Result<mcp::Target> target_of(const suite::ServerSpec& spec,
                                    const suite::Variables& variables, const std::string& folder,
                                    const TargetSources& sources) {
  auto server = spec_of(spec, variables);
  if (!server) return std::unexpected(server.error());
  if (!server->fleet.empty()) {
    if (!sources.fleet)
      return base::fail(
          base::Code::invalid_argument,
          "\"" + server->fleet +
              "\" is a server of a fleet: such a suite runs in a Telltale that has it");
    return sources.fleet(server->fleet);
  }
  if (!server->url.empty()) {
    mcp::HttpTarget out{.url = server->url, .outbound = sources.outbound};
    for (auto& [name, value] : server->headers) out.headers.add(name, value);
    if (server->type == "sse") out.kind = mcp::TransportKind::sse;
    return out;
  }
  return mcp::StdioTarget{process_of(*server, folder)};
}

}  // namespace telltale::lab::run
