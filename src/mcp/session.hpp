// The state of one Client: pending calls, the wire, the era. Split over session.cpp (calls and
// answers), connect.cpp (era and handshake), server_requests.cpp (what the server asks of us) and
// client.cpp (the public face).
#pragma once

#include <map>

#include "mcp/client.hpp"
#include "mcp/wire.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::mcp {

inline constexpr std::string_view kModernVersion = "2026-07-28";
inline constexpr std::string_view kNewestLegacy = "2025-11-25";
bool is_legacy_version(std::string_view version);

// How a request failed at the JSON-RPC level, from an Error that came back: 0 when it was no
// JSON-RPC error.
std::int64_t rpc_code(const base::Error& error);

struct Client::State : std::enable_shared_from_this<Client::State> {
  State(runtime::Loop& home, Target where, ClientSettings values, Listener hears)
      : loop(home),
        target(std::move(where)),
        settings(std::move(values)),
        listener(std::move(hears)),
        tasks(home, "mcp client") {}

  struct Pending {
    explicit Pending(runtime::Loop& home) : answer(home), progressed(home) {}
    runtime::OneShot<base::Result<base::JsonObject>> answer;
    runtime::Notifier progressed;
    CallOptions options;
    base::SteadyTime last_heard;
    bool cancellable = true;
  };
  struct Cached {
    base::JsonArray items;
    base::SteadyTime until;
  };

  // session.cpp
  runtime::TaskResult<base::JsonObject> request(std::string method, base::JsonObject params,
                                                CallOptions options);
  runtime::TaskResult<base::JsonObject> exchange(std::string method, base::JsonObject params,
                                                 CallOptions options);
  runtime::TaskResult<base::JsonArray> list(std::string capability, std::string method,
                                            std::string member, CallOptions options);
  base::Result<void> notify(std::string method, base::JsonObject params);
  void on_message(base::JsonObject message);
  void on_answer(base::JsonObject message);
  void on_notification(std::string_view method, const base::JsonObject& params);
  void fail(std::int64_t id, base::Error error);
  void on_closed(const base::Error& why);
  void finding(std::string rule, std::string detail, bool fatal = false);
  void add_meta(base::JsonObject& params, std::int64_t id, const CallOptions& options) const;
  base::JsonObject capabilities() const;

  // connect.cpp
  runtime::TaskResult<SessionInfo> connect();
  runtime::TaskResult<bool> open_wire(std::unique_ptr<Wire> fresh);
  std::unique_ptr<Wire> make_wire(TransportKind kind);
  runtime::TaskResult<bool> discover(base::Duration limit);
  runtime::TaskResult<bool> initialize();
  static runtime::Task<> keep_listening(std::shared_ptr<State> self);

  // server_requests.cpp
  void on_request(const base::JsonObject& message);
  static runtime::Task<> answer_request(std::shared_ptr<State> self, base::Json id,
                                        std::string method, base::JsonObject params);
  runtime::TaskResult<base::JsonObject> serve(std::string method, base::JsonObject params);
  runtime::TaskResult<base::JsonObject> elicit(
      base::JsonObject params,
      std::function<runtime::TaskResult<base::JsonObject>(base::JsonObject)> handler);

  runtime::Loop& loop;
  Target target;
  ClientSettings settings;
  Listener listener;
  runtime::TaskGroup tasks;
  std::unique_ptr<Wire> wire;
  std::vector<std::unique_ptr<Wire>> old_wires;  // closed wires of the search for the era
  std::optional<SessionInfo> info;
  std::map<std::int64_t, std::shared_ptr<Pending>> pending;
  std::map<std::string, Cached> cache;
  std::map<std::string, base::JsonObject> input_schemas;  // by tool: for Mcp-Param headers
  std::map<std::string, base::Json> output_schemas;       // by tool: for checking structuredContent
  std::int64_t next_id = 0;
  std::uint64_t reinitialized = 0;
  std::size_t serving = 0;  // requests of the server being answered
  bool probing = false;
  bool ready = false;  // connect() has succeeded
  bool closed = false;
};

}  // namespace telltale::mcp
