// The MCP client: one server, either era (2026-07-28 stateless; 2025-11-25 down to 2024-11-05),
// over stdio, Streamable HTTP or legacy HTTP+SSE. It finds the era by itself (basic/versioning of
// the 2026-07-28 specification), and knows nothing of fleets: anyone can link it alone. Lives on
// one loop. close() ends it; a session that dies by itself says so once through the listener, and
// calls in flight fail exactly once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "net/http.hpp"
#include "net/outbound_policy.hpp"
#include "net/process.hpp"
#include "runtime/loop.hpp"
#include "runtime/task.hpp"
#include "runtime/trace.hpp"

namespace telltale::mcp {

class Authorizer;
class Transport;
class TransportListener;
class Volley;
struct VolleyRequest;
struct VolleyEvents;

enum class Era { modern, legacy };
enum class TransportKind { stdio, http, sse };

struct StdioTarget {
  net::ProcessSpec process;
};
struct HttpTarget {
  std::string url;
  net::Headers headers = {};
  net::OutboundPolicy outbound = {};
  TransportKind kind =
      TransportKind::http;  // http: Streamable HTTP, falling back to SSE as the specification says
  // Proves who we are and mends refusals (authorizer.hpp); none: a refusal is an error. The owner
  // closes it, after the client.
  std::shared_ptr<Authorizer> authorizer = {};
};
using Target = std::variant<StdioTarget, HttpTarget>;

struct ClientSettings {
  std::string name = "telltale";
  std::string version = "0.1.0";
  std::optional<Era> era = {};  // remembered from last time: tried first
  base::Duration probe_timeout =
      std::chrono::seconds(5);  // server/discover on stdio before falling back
  base::Duration connect_timeout = std::chrono::seconds(30);
  base::Duration request_timeout = std::chrono::seconds(60);  // restarted by progress …
  base::Duration request_ceiling = std::chrono::minutes(10);  // … but never beyond this
  std::size_t in_flight_limit = 256;
  bool allow_list_cache = true;  // ttlMs of modern lists
  // Put between the session and its transport (mcp/transport.hpp): gets what opens the real one and
  // the session's ear, gives what the session talks to. For faults on purpose; empty: nothing.
  std::function<std::unique_ptr<Transport>(
      std::function<std::unique_ptr<Transport>(TransportListener&)> open, TransportListener& ear)>
      wrap = {};
};

struct Progress {
  double progress = 0;
  std::optional<double> total;
  std::string message;
};

// Bytes of the messages of a call as they are on the wire, over all its rounds.
struct Traffic {
  std::size_t sent = 0;
  std::size_t received = 0;
};

struct CallOptions {
  std::optional<base::Duration> timeout = {};
  std::function<void(const Progress&)> on_progress = {};
  std::string trace_parent = {};  // W3C traceparent, sent in _meta
  runtime::TracePlace trace =
      {};  // where its parts are recorded: session, write, wait, task, check
  std::shared_ptr<Traffic> traffic = {};
  // Answers elicitation/create (legacy request or modern inputRequests) made during this call;
  // absent: the listener's.
  std::function<runtime::TaskResult<base::JsonObject>(base::JsonObject params)> on_elicitation = {};
};

struct SessionInfo {
  Era era = Era::legacy;
  TransportKind transport = TransportKind::stdio;
  std::string protocol_version;
  base::JsonObject server_info;
  base::JsonObject capabilities;
  std::string instructions;
  bool has(std::string_view capability) const;
};

// What a server did against the protocol: counted and shown, fatal only where said.
struct Finding {
  std::string rule;  // "stdio.not-json", "response.unknown-id", "tool.invalid-header-annotation", …
  std::string detail;  // at most 200 characters of what was seen
  bool fatal = false;
};

struct Listener {  // all on the client's loop; each may be empty
  std::function<void(const Finding&)> on_finding;
  std::function<void(std::string_view line)> on_stderr;
  std::function<void(std::string_view level, std::string_view logger, const base::Json& data)>
      on_log;
  std::function<void(std::string_view kind)> on_list_changed;  // tools, resources, prompts
  std::function<void(std::string_view uri)> on_resource_updated;
  std::function<void(const base::Error&)> on_closed;  // once, not after close()
  std::function<runtime::TaskResult<base::JsonObject>(base::JsonObject params)> on_elicitation;
  std::function<runtime::TaskResult<base::JsonObject>(base::JsonObject params)> on_sampling;
  std::vector<base::JsonObject> roots;
  // Every message in and out, for the tap and the flight recorder: direction '>' or '<', text as on
  // the wire.
  std::function<void(char direction, std::string_view text)> on_message;
};

struct ToolCallResult {
  base::JsonObject result;  // content[], structuredContent, isError
  bool is_error = false;
  std::vector<std::string> schema_errors;  // structuredContent against the tool's outputSchema
  std::size_t request_bytes = 0;           // Traffic
  std::size_t result_bytes = 0;
};

class Client {
 public:
  Client(runtime::Loop& loop, Target target, ClientSettings settings, Listener listener);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  // Starts the process or opens the connection, finds the era, does the handshake where there is
  // one.
  runtime::TaskResult<SessionInfo> connect();
  const std::optional<SessionInfo>& session() const noexcept;
  bool connected() const noexcept;

  // The cheapest proof of life: ping (legacy) or server/discover (modern). The value is the round
  // trip.
  runtime::TaskResult<base::Duration> check(base::Duration timeout);

  // Whole lists, pages joined (at most 1,000 pages / 100,000 items). A server without the
  // capability has an empty list.
  runtime::TaskResult<base::JsonArray> list_tools(CallOptions options = {});
  runtime::TaskResult<base::JsonArray> list_resources(CallOptions options = {});
  runtime::TaskResult<base::JsonArray> list_resource_templates(CallOptions options = {});
  runtime::TaskResult<base::JsonArray> list_prompts(CallOptions options = {});

  runtime::TaskResult<ToolCallResult> call_tool(std::string name, base::JsonObject arguments,
                                                CallOptions options = {});
  runtime::TaskResult<base::JsonObject> read_resource(std::string uri, CallOptions options = {});
  runtime::TaskResult<base::JsonObject> get_prompt(std::string name, base::JsonObject arguments,
                                                   CallOptions options = {});
  runtime::TaskResult<base::JsonObject> complete(base::JsonObject reference,
                                                 base::JsonObject argument,
                                                 base::JsonObject context,
                                                 CallOptions options = {});
  runtime::TaskResult<bool> set_log_level(std::string level);
  runtime::TaskResult<bool> subscribe_resource(std::string uri);
  runtime::TaskResult<bool> unsubscribe_resource(std::string uri);
  // Any other request; the result object as it came.
  runtime::TaskResult<base::JsonObject> request(std::string method, base::JsonObject params,
                                                CallOptions options = {});

  // One request over and over, for load (volley.hpp). unsupported: the server is not on pipes.
  base::Result<std::unique_ptr<Volley>> volley(VolleyRequest request, VolleyEvents events);

  // Ends the session politely: DELETE, or stdin closed, then TERM, then KILL, each after `grace`.
  runtime::Task<> close(base::Duration grace = std::chrono::seconds(2));

  int pid() const noexcept;                   // 0 without a child
  std::optional<net::ProcessUsage> sample();  // of the child
  std::size_t in_flight() const noexcept;
  void kill_process();  // SIGKILL now (chaos, tests)

 private:
  struct State;
  std::shared_ptr<State> state_;
};

std::string_view era_name(Era era) noexcept;
std::string_view transport_name(TransportKind kind) noexcept;

}  // namespace telltale::mcp
