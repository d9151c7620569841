// A server's definition: what an mcp.json says (Claude Desktop, VS Code, Cursor all write the
// same), with Telltale's own keys under "telltale". A definition with a url and a command is a
// managed HTTP server: the command is supervised, the protocol goes over HTTP. No I/O but the
// environment for ${env:NAME}.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/secret.hpp"
#include "fleet/circuit_breaker.hpp"
#include "fleet/definition_oauth.hpp"
#include "mcp/client.hpp"
#include "net/process.hpp"

namespace telltale::fleet {

struct Definition {
  std::string name;
  std::string id;  // srv_ + 12 hex digits of the name's hash
  std::string command;
  std::vector<std::string> arguments;
  std::map<std::string, base::Secret> environment;
  std::string directory;
  std::string url;
  std::vector<std::pair<std::string, base::Secret>> headers;
  mcp::TransportKind transport = mcp::TransportKind::stdio;
  std::optional<OAuthDefinition> oauth;  // of a server with a url

  bool autostart = true;
  std::vector<std::string> tags;
  std::string description;
  base::Duration health_interval = std::chrono::seconds(30);
  base::Duration request_timeout = std::chrono::seconds(60);
  base::Duration start_timeout = std::chrono::seconds(30);
  double latency_objective_ms = 1000;
  double error_rate_limit = 0.2;
  CircuitSettings circuit;
  net::SandboxSpec sandbox;
  net::ProcessLimits limits;

  base::JsonObject source;  // as written
  std::string fingerprint;  // of the source: equal means nothing changed
  bool executes() const { return !command.empty(); }
  std::string target() const;  // the command line, or the url without its query
};

std::string server_id(std::string_view name);
base::Result<Definition> parse_definition(const std::string& name, const base::JsonObject& source,
                                          const std::string& pointer);

struct FleetFile {
  std::vector<Definition> servers;
  std::vector<base::Error> errors;  // one bad server does not lose the others
};
// The whole text of a fleet file; an Error when it is no fleet file at all.
base::Result<FleetFile> parse_fleet_file(std::string_view text);

// ${env:NAME} as VS Code writes it; anything else stays as it is.
std::string expand_variables(std::string text);
// The definition reads something of this machine: a program, a variable of ours, a file. From
// outside that takes the permission server:exec.
bool reaches_machine(const base::JsonObject& source);

// The source with the values of env and headers, and what is secret of oauth, replaced by "••••".
base::JsonObject redacted(const base::JsonObject& source);

}  // namespace telltale::fleet
