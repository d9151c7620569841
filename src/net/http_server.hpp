// HTTP/1.1 server (RFC 9112): one acceptor and many connections per loop (SO_REUSEPORT),
// keep-alive, limits and timeouts on everything, WebSocket upgrade, optional TLS. The handler runs
// as a task on the connection's loop; when the client goes away the handler is cancelled. A handler
// never throws to the client: an exception answers 500 and is logged.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http.hpp"
#include "net/websocket.hpp"
#include "runtime/loop.hpp"

namespace telltale::net {

struct TlsSettings {
  std::string certificate_file;
  std::string key_file;
};

struct CertificateInfo {
  std::string subject;
  base::WallTime not_before{};
  base::WallTime not_after{};
};

struct HttpServerSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;                 // 0: any free port
  std::optional<int> listening_socket = {};  // given from outside, instead of host and port
  std::size_t header_limit = 32U << 10U;
  std::size_t body_limit = 16U << 20U;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds write_timeout{30'000};
  std::chrono::milliseconds keep_alive_timeout{75'000};
  std::size_t connection_limit = 20'000;
  std::optional<TlsSettings> tls = {};
  WebSocketSettings websocket = {};
};

struct HttpServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t requests_total = 0;
  std::uint64_t refused_total = 0;  // over the connection limit
};

class HttpServer {
 public:
  using Handler = std::function<runtime::Task<Response>(Request)>;

  // Binds at once (so that port and errors are known); accepts after start().
  static base::Result<std::unique_ptr<HttpServer>> open(HttpServerSettings settings,
                                                        std::vector<runtime::Loop*> loops,
                                                        Handler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  std::uint16_t port() const noexcept;
  void start();
  // Stops accepting; lets requests in flight finish for `drain`, closes WebSockets with 1001, then
  // cancels the rest.
  runtime::Task<> stop(base::Duration drain);
  HttpServerStats stats() const;  // any thread
  // Reads certificate and key again: connections from now on are made with them, those there are go
  // on with the old ones. What cannot be used changes nothing. Blocks; any thread.
  base::Result<void> reload_tls();
  std::optional<CertificateInfo> certificate() const;  // ours; any thread

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace telltale::net
