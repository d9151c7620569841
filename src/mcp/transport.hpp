// Transport: how JSON-RPC messages reach one server — a child's pipes, Streamable HTTP (both eras),
// or the old HTTP+SSE. It carries text and knows no calls; what it hears goes up through
// TransportListener. Home loop only; close() before destruction, and nothing is called after
// close() has returned.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mcp/client.hpp"

namespace telltale::mcp {

class TransportListener {
 public:
  TransportListener() = default;
  TransportListener(const TransportListener&) = delete;
  TransportListener& operator=(const TransportListener&) = delete;
  virtual ~TransportListener() = default;

  // One message, or a batch, as it came; `rule` names the finding should it be no JSON.
  virtual void on_text(std::string_view text, std::string_view rule) = 0;
  // For the tap only: what we sent ('>') and what came as the body of a refusal ('<').
  virtual void on_tap(char direction, std::string_view text) = 0;
  // This request gets no answer any more. error.data: http_status, rpc (the error object),
  // session_lost.
  virtual void on_failed(std::int64_t id, base::Error error) = 0;
  // Noticed outside any call: the server has forgotten the session (legacy HTTP).
  virtual void on_session_lost() = 0;
  virtual void on_finding(Finding finding) = 0;
  virtual void on_stderr(std::string_view line) = 0;
  virtual void on_closed(const base::Error& why) = 0;
  virtual bool waits_for(std::int64_t id) const = 0;
};

// What HTTP says in headers besides the body.
struct SendHints {
  std::optional<std::int64_t> id = {};  // of a request of ours
  std::string method = {};
  std::string name = {};                                             // Mcp-Name
  std::vector<std::pair<std::string, std::string>> parameters = {};  // Mcp-Param-*, not encoded yet
};

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual runtime::TaskResult<bool> open() = 0;
  // One message as JSON text; what follows from it is in the hints, so that a transport in between
  // may break the text.
  virtual base::Result<void> send(std::string text, SendHints hints) = 0;
  virtual void abandon(std::int64_t id) = 0;  // nobody waits for this answer any more
  // Era and version from now on; "" while there is none yet (initialize).
  virtual void set_version(Era era, std::string version) = 0;
  virtual void session_ready() = 0;  // legacy: initialized was sent
  virtual runtime::Task<> close(base::Duration grace) = 0;
  // About so many answers at a time will do (net/process.hpp); 0: each as it comes.
  virtual void gather(std::size_t /*answers*/) {}
  virtual TransportKind kind() const = 0;
  virtual int pid() const { return 0; }
  virtual std::optional<net::ProcessUsage> sample() { return std::nullopt; }
  virtual void kill_process() {}
  virtual bool signal_process(int /*signal*/) { return false; }  // false: there is no process
};

std::unique_ptr<Transport> open_stdio_transport(runtime::Loop& loop, net::ProcessSpec process,
                                                TransportListener& listener);
std::unique_ptr<Transport> open_http_transport(runtime::Loop& loop, HttpTarget target,
                                               TransportListener& listener);
std::unique_ptr<Transport> open_sse_transport(runtime::Loop& loop, HttpTarget target,
                                              TransportListener& listener);

}  // namespace telltale::mcp
