// HTTP messages as everyone but net sees them. Header names compare without case (RFC 9110
// section 5.1).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "runtime/task.hpp"

namespace telltale::net {

class Headers {
 public:
  void set(std::string name, std::string value);  // replaces
  void add(std::string name, std::string value);
  std::optional<std::string_view> get(std::string_view name) const;
  std::string_view get_or(std::string_view name, std::string_view otherwise) const;
  bool contains(std::string_view name) const { return get(name).has_value(); }
  // True when the comma-separated list under `name` has `token` (no case): Connection, Accept, ….
  bool has_token(std::string_view name, std::string_view token) const;
  void erase(std::string_view name);
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::size_t size() const noexcept { return items_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

struct Request {
  std::string method;
  std::string target;  // as sent: path and query
  std::string path;    // percent-encoded still; routing decodes each segment
  std::vector<std::pair<std::string, std::string>> query;  // decoded
  Headers headers;
  std::string body;
  std::string remote_address;
  bool secure = false;  // came over TLS
  std::optional<std::string_view> query_value(std::string_view name) const;
  std::optional<std::string> cookie(std::string_view name) const;
};

class WebSocket;
using WebSocketHandler = std::move_only_function<runtime::Task<>(std::shared_ptr<WebSocket>)>;

struct Response {
  int status = 200;
  Headers headers = {};
  // Whole header lines that are always the same, each with its CRLF; of static storage. They go out
  // behind `headers`.
  std::string_view fixed_headers = {};
  std::string body = {};
  std::shared_ptr<const std::string> shared_body =
      {};  // used instead of body when set: static files, never copied
  // Set on an upgrade: the connection becomes a WebSocket with this subprotocol, and the handler
  // owns its life.
  WebSocketHandler websocket = {};
  // Set: the body is what this gives, piece by piece, until `stream_size` bytes have gone; no more
  // than a piece is held. An error, an empty piece or one too long ends the connection: the client
  // sees that the body is cut short.
  std::move_only_function<runtime::TaskResult<std::string>()> stream = {};
  std::uint64_t stream_size = 0;
  std::string subprotocol = {};
};

}  // namespace telltale::net
