// Wire: how JSON-RPC messages reach one server: a child's pipes, Streamable HTTP, or the old
// HTTP+SSE. It carries messages and knows no session. Home loop only; close() before destruction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mcp/client.hpp"

namespace telltale::mcp {

struct WireEvents {
  std::function<void(base::JsonObject)> on_message;
  // This request gets no answer. data: http_status, rpc (the error object), session_lost.
  std::function<void(std::int64_t id, base::Error)> on_failed;
  std::function<void(Finding)> on_finding;
  std::function<void(std::string_view)> on_stderr;
  std::function<void(const base::Error&)> on_closed;
  std::function<void(char, std::string_view)> on_text;
  std::function<bool(std::int64_t id)> is_pending;
};

// What HTTP says in headers besides the body.
struct SendHints {
  std::optional<std::int64_t> id;  // of a request
  std::string method;
  std::string name;  // Mcp-Name: params.name or params.uri
  std::vector<std::pair<std::string, std::string>> parameters;  // Mcp-Param-*
};

class Wire {
 public:
  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;

  virtual runtime::TaskResult<bool> open() = 0;
  virtual base::Result<void> send(const base::JsonObject& message, SendHints hints) = 0;
  virtual void abandon(std::int64_t id) = 0;  // nobody waits for this answer any more
  virtual void set_session(Era era, std::string version) = 0;  // from now on
  virtual void session_ready() = 0;                            // legacy: initialized was sent
  virtual runtime::Task<> close(base::Duration grace) = 0;
  virtual TransportKind kind() const = 0;
  virtual int pid() const { return 0; }
  virtual std::optional<net::ProcessUsage> sample() { return std::nullopt; }
  virtual void kill_process() {}
};

std::unique_ptr<Wire> stdio_wire(runtime::Loop& loop, net::ProcessSpec process, WireEvents events);
std::unique_ptr<Wire> http_wire(runtime::Loop& loop, HttpTarget target, WireEvents events);
std::unique_ptr<Wire> sse_wire(runtime::Loop& loop, HttpTarget target, WireEvents events);

// Text as it came: one message or a batch (2025-03-26); what is neither becomes a finding.
void deliver_text(std::string_view text, const WireEvents& events, std::string_view rule);

}  // namespace telltale::mcp
