// One connection of the server: read a request, run the handler, write the answer, again; or become
// a WebSocket. Lives in its task on its loop. While the handler runs the peer is watched: when it
// goes away the handler is cancelled.
#pragma once

#include <atomic>

#include "net/http_parser.hpp"
#include "net/http_server.hpp"
#include "net/tls.hpp"
#include "net/websocket_connection.hpp"
#include "runtime/run.hpp"

namespace telltale::net {

// What all connections of a server share.
struct HttpShared {
  HttpServerSettings settings;
  HttpServer::Handler handler;
  std::atomic<std::shared_ptr<const TlsContext>> tls;  // replaced when the certificate is
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> total{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused{0};
};

class HttpConnection {
 public:
  HttpConnection(HttpShared& shared, std::unique_ptr<Transport> transport);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  ~HttpConnection();

  runtime::Task<> run();
  // Shutdown: an idle connection ends now, a busy one after its answer, a WebSocket says 1001.
  void ask_to_end();

 private:
  struct Watch;
  struct Upgrade {
    std::string key;
    WebSocketHandler handler;
    std::string subprotocol;
  };
  runtime::TaskResult<bool> serve();
  runtime::Task<bool> serve_one();  // false: no further request on this connection
  runtime::Task<bool> read_request(RequestParser* parser);
  runtime::Task<Response> call_handler(Request request);
  runtime::Task<bool> respond(Response response, bool head_only, bool keep_alive);
  runtime::TaskResult<bool> send_stream(Response* response);
  runtime::Task<> refuse(Response response);
  void accept_upgrade(Upgrade& upgrade);
  runtime::Loop& loop() const { return loop_; }
  base::SteadyTime now() const { return loop_.clock().now(); }

  HttpShared& shared_;
  runtime::Loop& loop_;
  std::unique_ptr<Transport> transport_;
  std::string buffer_;  // read, not parsed yet
  std::unique_ptr<Upgrade> upgrade_;
  runtime::CancelSource gone_;  // the client
  std::shared_ptr<WebSocketConnection> websocket_;
  bool idle_ = false;
  bool fresh_ = true;  // its first request has not come yet
  runtime::Deadline watch_after_;
  std::shared_ptr<Watch> watch_;  // while a handler that takes long runs
  std::optional<runtime::Loop::TimerKey> last_chance_;
};

}  // namespace telltale::net
