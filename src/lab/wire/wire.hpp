// Wire: one fresh instance of a server and the bytes that go to it and come from it, as they are:
// nothing is repaired, retried or hidden. It knows no JSON-RPC; whoever drives it (conformance,
// fuzz) says what to send and reads the frames. stdio: a process of its own; HTTP: requests to the
// URL, as many at a time as are sent. Home loop only; close() before destruction.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mcp/client.hpp"
#include "runtime/task.hpp"

namespace telltale::lab {

struct Frame {
  enum class Kind {
    sent,     // what we sent: a line, or the body of a request
    message,  // a line of stdout, the data of an SSE event, or a whole body
    head,     // status and headers of an HTTP answer
    end,      // of the body of an HTTP answer
    note,     // a line of stderr
    closed,   // the process has ended, or its stdout has: `text` says how
    failed,   // this exchange: no connection, cut short, not HTTP
  };
  Kind kind = Kind::message;
  base::Duration at{};       // since open()
  std::size_t exchange = 0;  // of HTTP: which request this belongs to, from 1; stdio: 0
  std::string text = {};
  int status = 0;             // of a head
  net::Headers headers = {};  // of a head
  std::string event_id = {};  // of an SSE event
};

struct Outgoing {
  std::string text;  // stdio: a line, whose newline is added; HTTP: the body
  std::string method = "POST";
  net::Headers headers = {};  // HTTP: all of them but those of the target
};

struct WireLimits {
  std::size_t frames = 20'000;  // later ones are counted, not kept
  std::size_t message = 8U << 20U;
  std::chrono::milliseconds connect{5'000};
};

class Wire {
 public:
  static std::shared_ptr<Wire> make(runtime::Loop& loop, const mcp::Target& target,
                                    WireLimits limits = {});
  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;

  virtual runtime::TaskResult<bool> open() = 0;  // starts the process; HTTP: nothing yet
  // The exchange it belongs to. An HTTP request runs by itself from here on.
  virtual base::Result<std::size_t> send(Outgoing out) = 0;
  virtual const std::vector<Frame>& frames() const = 0;
  virtual std::size_t dropped() const = 0;
  // Until there is another frame than the first `known`; false when `limit` passed first.
  virtual runtime::Task<bool> changed(std::size_t known, base::Duration limit) = 0;

  virtual bool is_stdio() const = 0;
  virtual bool alive() const = 0;                  // the process runs; HTTP: always
  virtual void end_input() = 0;                    // closes stdin
  virtual void kill() = 0;                         // SIGKILL
  virtual void abandon(std::size_t exchange) = 0;  // closes the connection of an HTTP request
  virtual std::optional<net::ProcessExit> exit() const = 0;
  virtual runtime::Task<> close() = 0;  // at once; idempotent
};

}  // namespace telltale::lab
