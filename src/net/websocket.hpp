// A WebSocket (RFC 6455) on its home loop: server side from an upgrade, client side from
// connect_websocket. One reader and one writer at a time; write() takes a batch and sends it with
// as few system calls as can be. Messages over the limit close with 1009, invalid UTF-8 in a text
// message with 1007. A peer silent for 20 s is sent a ping, one silent for 45 s is dead. The reader
// does that, and answers pings and closes: an owner that writes has a read() under way.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "net/http.hpp"
#include "runtime/loop.hpp"

namespace telltale::net {

struct WebSocketSettings {
  std::size_t message_limit = 1U << 20U;
  std::chrono::milliseconds ping_interval{20'000};
  std::chrono::milliseconds idle_timeout{45'000};
  std::chrono::milliseconds write_timeout{30'000};
};

class WebSocket {
 public:
  using Text = std::shared_ptr<const std::string>;
  enum class Sent { all, part, none };

  WebSocket() = default;
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;
  virtual ~WebSocket() = default;

  // The next text or binary message; an Error once closed (detail says by whom; close_code() has
  // the number).
  virtual runtime::TaskResult<std::string> read() = 0;
  virtual runtime::TaskResult<bool> write(std::vector<Text> messages) = 0;
  // Without waiting, for one and the same to many: whole frames of append_text_frame, as much as
  // the socket takes now. `part`: the rest is kept and goes out with the next write(), which may be
  // one of nothing. `none`: a write is under way, or it has ended; nothing was taken.
  virtual Sent write_now(const Text& frames) = 0;
  virtual runtime::Task<> close(std::uint16_t code, std::string reason) = 0;
  virtual std::uint16_t close_code() const = 0;
  virtual const std::string& remote_address() const = 0;
};

// As a server sends it.
void append_text_frame(std::string& out, std::string_view message);

struct WebSocketTarget {
  std::string url;  // ws:// or wss://
  Headers headers = {};
  std::vector<std::string> subprotocols = {};
  bool verify_peer = true;
  std::string ca_file = {};  // besides the system's
};

runtime::TaskResult<std::shared_ptr<WebSocket>> connect_websocket(WebSocketTarget target,
                                                                  WebSocketSettings settings);

}  // namespace telltale::net
