#include "fleet/definition.hpp"

#include <cstdlib>

#include "base/describe.hpp"
#include "base/duration.hpp"
#include "base/encoding.hpp"
#include "fleet/definition_sandbox.hpp"
#include "net/outbound_policy.hpp"

namespace telltale::fleet {

struct CircuitKeys {
  int failure_threshold = 5;
  double timeout_s = 60;
  int half_open_max_calls = 3;
  int max_failure_cycles = 3;
  bool auto_disable = true;
};
BOOST_DESCRIBE_STRUCT(CircuitKeys, (),
                      (failure_threshold, timeout_s, half_open_max_calls, max_failure_cycles,
                       auto_disable))
constexpr auto field_rules(const CircuitKeys*) {
  using Rule = base::FieldRule;
  return std::array{
      Rule{.name = "failure_threshold", .minimum = 1, .maximum = 1000, .has_default = true},
      Rule{.name = "timeout_s", .minimum = 0.1, .maximum = 86400, .has_default = true},
      Rule{.name = "half_open_max_calls", .minimum = 1, .maximum = 100, .has_default = true},
      Rule{.name = "max_failure_cycles", .minimum = 1, .maximum = 1000, .has_default = true},
      Rule{.name = "auto_disable", .has_default = true}};
}

struct OwnKeys : SandboxKeys {
  bool autostart = true;
  std::vector<std::string> tags;
  std::string description;
  double health_interval_s = 30;
  double request_timeout_s = 60;
  double start_timeout_s = 30;
  double latency_objective_ms = 1000;
  double error_rate_limit = 0.2;
  int replicas = 1;
  CircuitKeys circuit;
  base::Json oauth;
};
BOOST_DESCRIBE_STRUCT(SandboxKeys, (),
                      (sandbox, sandbox_required, sandbox_network, sandbox_read, sandbox_write,
                       memory_limit_mb, cpu_limit_s, process_limit, open_files_limit, nice))
BOOST_DESCRIBE_STRUCT(OwnKeys, (SandboxKeys),
                      (autostart, tags, description, health_interval_s, request_timeout_s,
                       start_timeout_s, latency_objective_ms, error_rate_limit, replicas, circuit,
                       oauth))
constexpr auto field_rules(const OwnKeys*) {
  using Rule = base::FieldRule;
  return std::array{
      Rule{.name = "autostart", .has_default = true},
      Rule{.name = "tags", .maximum = 20, .has_default = true},
      Rule{.name = "description", .maximum = 500, .has_default = true},
      Rule{.name = "health_interval_s", .minimum = 0.1, .maximum = 86400, .has_default = true},
      Rule{.name = "request_timeout_s", .minimum = 0.1, .maximum = 3600, .has_default = true},
      Rule{.name = "start_timeout_s", .minimum = 0.1, .maximum = 3600, .has_default = true},
      Rule{.name = "latency_objective_ms", .minimum = 1, .maximum = 600000, .has_default = true},
      Rule{.name = "error_rate_limit", .minimum = 0.001, .maximum = 1, .has_default = true},
      Rule{.name = "replicas", .minimum = 1, .maximum = 1, .has_default = true},
      Rule{.name = "circuit", .has_default = true},
      Rule{.name = "oauth",
           .help = "how to authorize with an HTTP server; false: not at all",
           .has_default = true},
      Rule{.name = "sandbox", .has_default = true},
      Rule{.name = "sandbox_required", .has_default = true},
      Rule{.name = "sandbox_read", .maximum = 64, .has_default = true},
      Rule{.name = "sandbox_write", .maximum = 64, .has_default = true},
      Rule{.name = "memory_limit_mb", .minimum = 0, .maximum = 1 << 20, .has_default = true},
      Rule{.name = "cpu_limit_s", .minimum = 0, .maximum = 86400 * 365, .has_default = true},
      Rule{.name = "process_limit", .minimum = 0, .maximum = 1 << 20, .has_default = true},
      Rule{.name = "open_files_limit", .minimum = 0, .maximum = 1 << 20, .has_default = true},
      Rule{.name = "nice", .minimum = -20, .maximum = 19, .has_default = true}};
}

std::string expand_variables(std::string text) {
  for (std::size_t at = 0; (at = text.find("${env:", at)) != std::string::npos;) {
    const auto end = text.find('}', at);
    if (end == std::string::npos) break;
    const char* const value =
        std::getenv(text.substr(at + 6, end - at - 6).c_str());  // NOLINT(concurrency-mt-unsafe)
    text.replace(at, end - at + 1, value == nullptr ? "" : value);
  }
  return text;
}

namespace {

bool mentions_variable(const base::Json& value) {
  if (const auto* text = value.if_string()) return text->find("${env:") != std::string_view::npos;
  if (const auto* list = value.if_array()) return std::ranges::any_of(*list, mentions_variable);
  if (const auto* object = value.if_object())
    return std::ranges::any_of(*object,
                               [](const auto& item) { return mentions_variable(item.value()); });
  return false;
}

base::Result<std::map<std::string, base::Secret>> read_map(const base::JsonObject& source,
                                                           std::string_view key,
                                                           const std::string& pointer) {
  std::map<std::string, base::Secret> out;
  const auto* value = source.if_contains(key);
  if (value == nullptr || value->is_null()) return out;
  if (!value->is_object())
    return base::bad_field(pointer + "/" + std::string(key), "must be an object of strings");
  for (const auto& item : value->get_object()) {
    if (!item.value().is_string())
      return base::bad_field(pointer + "/" + std::string(key) + base::pointer_step(item.key()),
                             "must be a string");
    out.emplace(item.key(), base::Secret(expand_variables(std::string(item.value().get_string()))));
  }
  return out;
}

// Variables by which a definition could change what our other programs load.
base::Result<void> check_environment(const Definition& definition, const std::string& pointer) {
  for (const auto& [name, value] : definition.environment) {
    if (name.empty() || name.find('=') != std::string::npos ||
        value.reveal().find('\0') != std::string_view::npos)
      return base::bad_field(pointer + "/env" + base::pointer_step(name),
                             "is not a variable name or value");
    if (name == "TELLTALE_CHILD")
      return base::bad_field(pointer + "/env/TELLTALE_CHILD", "is Telltale's own");
  }
  return {};
}

base::Result<void> read_transport(Definition& out, const base::JsonObject& source,
                                  const std::string& pointer) {
  const auto type = base::string_or(source, "type", base::string_or(source, "transport"));
  const bool has_url = !out.url.empty();
  if (!has_url && out.command.empty())
    return base::bad_field(pointer, "needs a command (a stdio server) or a url (an HTTP server)");
  if (type.empty())
    out.transport = has_url ? mcp::TransportKind::http : mcp::TransportKind::stdio;
  else if (type == "stdio")
    out.transport = mcp::TransportKind::stdio;
  else if (type == "http" || type == "streamable-http" || type == "streamableHttp")
    out.transport = mcp::TransportKind::http;
  else if (type == "sse")
    out.transport = mcp::TransportKind::sse;
  else
    return base::bad_field(pointer + "/type", "must be stdio, http or sse");
  if (out.transport == mcp::TransportKind::stdio && out.command.empty())
    return base::bad_field(pointer + "/command", "is required for a stdio server");
  if (out.transport != mcp::TransportKind::stdio) {
    if (!has_url) return base::bad_field(pointer + "/url", "is required for an HTTP server");
    const auto url = net::parse_url(out.url);
    if (!url)
      return base::bad_field(pointer + "/url", url.error().fields.empty()
                                                   ? url.error().detail
                                                   : url.error().fields.front().message);
    // What no setting allows is said at once; the rest when the server is connected to.
    if (const auto possible = net::OutboundPolicy().check(*url); !possible)
      return base::bad_field(pointer + "/url", possible.error().detail);
  }
  return {};
}

base::Result<void> read_own_keys(Definition& out, const base::JsonObject& source,
                                 const std::string& pointer) {
  OwnKeys keys;
  if (const auto* own = source.if_contains("telltale")) {
    auto parsed = base::from_json<OwnKeys>(*own, pointer + "/telltale");
    if (!parsed) return std::unexpected(parsed.error());
    keys = std::move(*parsed);
  }
  out.autostart = keys.autostart && !base::find_bool(source, "disabled").value_or(false);
  out.tags = std::move(keys.tags);
  out.description = keys.description.empty() ? base::string_or(source, "description")
                                             : std::move(keys.description);
  out.health_interval = base::from_seconds(keys.health_interval_s);
  out.request_timeout = base::from_seconds(keys.request_timeout_s);
  out.start_timeout = base::from_seconds(keys.start_timeout_s);
  out.latency_objective_ms = keys.latency_objective_ms;
  out.error_rate_limit = keys.error_rate_limit;
  out.circuit = {.failure_threshold = keys.circuit.failure_threshold,
                 .open_for = base::from_seconds(keys.circuit.timeout_s),
                 .half_open_max_calls = keys.circuit.half_open_max_calls,
                 .max_failure_cycles = keys.circuit.max_failure_cycles,
                 .auto_disable = keys.circuit.auto_disable};
  auto oauth =
      read_oauth(out, keys.oauth.is_null() ? nullptr : &keys.oauth, pointer + "/telltale/oauth");
  if (!oauth) return std::unexpected(oauth.error());
  out.oauth = std::move(*oauth);
  return read_sandbox(out, std::move(keys), pointer);
}

}  // namespace

std::string server_id(std::string_view name) {
  return "srv_" + base::sha256_hex(name).substr(0, 12);
}

std::string Definition::target() const {
  if (!url.empty()) return url.substr(0, url.find('?'));
  std::string out = command;
  for (const auto& argument : arguments) out.append(" ").append(argument);
  return out;
}

base::Result<Definition> parse_definition(const std::string& name, const base::JsonObject& source,
                                          const std::string& pointer) {
  if (name.empty() || name.size() > 64 || name.find_first_of("/\\\n\r\t") != std::string::npos ||
      !base::is_utf8(name))
    return base::bad_field(pointer, "a server's name has 1 to 64 characters and no slash");
  Definition out{.name = name, .id = server_id(name), .source = source};
  const auto* command = source.if_contains("command");
  if (command != nullptr && !command->is_null() && !command->is_string())
    return base::bad_field(pointer + "/command", "must be a string");
  out.command = expand_variables(base::string_or(source, "command"));
  const auto* arguments = source.if_contains("args");
  if (arguments != nullptr && !arguments->is_null()) {
    if (!arguments->is_array())
      return base::bad_field(pointer + "/args", "must be a list of strings");
    for (const auto& item : arguments->get_array()) {
      if (!item.is_string()) return base::bad_field(pointer + "/args", "must be a list of strings");
      out.arguments.push_back(expand_variables(std::string(item.get_string())));
    }
  }
  auto environment = read_map(source, "env", pointer);
  if (!environment) return std::unexpected(environment.error());
  out.environment = std::move(*environment);
  if (auto fine = check_environment(out, pointer); !fine) return std::unexpected(fine.error());
  auto headers = read_map(source, "headers", pointer);
  if (!headers) return std::unexpected(headers.error());
  for (auto& [key, value] : *headers) out.headers.emplace_back(key, value);
  out.directory = expand_variables(base::string_or(source, "cwd"));
  out.url = expand_variables(base::string_or(source, "url", base::string_or(source, "serverUrl")));
  if (auto fine = read_transport(out, source, pointer); !fine) return std::unexpected(fine.error());
  if (auto fine = read_own_keys(out, source, pointer); !fine) return std::unexpected(fine.error());
  out.fingerprint = base::sha256_hex(base::write_json(source));
  return out;
}

base::Result<FleetFile> parse_fleet_file(std::string_view text) {
  auto parsed = base::parse_json(text);
  if (!parsed) return std::unexpected(parsed.error());
  const auto* root = parsed->if_object();
  const auto* servers = root == nullptr ? nullptr : base::find_object(*root, "mcpServers");
  std::string pointer = "/mcpServers";
  if (servers == nullptr && root != nullptr) {  // VS Code's mcp.json
    servers = base::find_object(*root, "servers");
    pointer = "/servers";
  }
  if (servers == nullptr)
    return base::bad_field("", "a fleet file is an object with \"mcpServers\": {NAME: {…}}");
  FleetFile out;
  for (const auto& item : *servers) {
    const auto at = pointer + base::pointer_step(item.key());
    const auto* object = item.value().if_object();
    auto definition = object == nullptr
                          ? base::Result<Definition>(base::bad_field(at, "must be an object"))
                          : parse_definition(std::string(item.key()), *object, at);
    if (definition)
      out.servers.push_back(std::move(*definition));
    else
      out.errors.push_back(definition.error());
  }
  return out;
}

base::JsonObject redacted(const base::JsonObject& source) {
  auto out = source;
  for (const std::string_view key : {"env", "headers"})
    if (auto* values = out.if_contains(key); values != nullptr && values->is_object())
      for (auto& item : values->get_object()) item.value() = "••••";
  if (auto* own = out.if_contains("telltale"); own != nullptr && own->is_object())
    if (auto* oauth = own->get_object().if_contains("oauth")) *oauth = redacted_oauth(*oauth);
  return out;
}

bool reaches_machine(const base::JsonObject& source) {
  if (source.contains("command") || mentions_variable(base::Json(source))) return true;
  const auto* own = base::find_object(source, "telltale");
  const auto* oauth = own == nullptr ? nullptr : base::find_object(*own, "oauth");
  return oauth != nullptr && oauth->contains("assertion_file");
}

}  // namespace telltale::fleet
