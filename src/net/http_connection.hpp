// One HTTP connection of the server: read a request, run the handler, write the answer, again; or become a WebSocket. Lives
// in its task on its loop.
#pragma once

#include <atomic>

#include "net/http_server.hpp"
#include "net/transport.hpp"
#include "net/websocket_stream.hpp"

namespace telltale::net {

class HttpConnection {
 public:
  HttpConnection(runtime::Loop& loop, std::unique_ptr<Transport> transport, const HttpServerSettings& settings,
                 const HttpServer::Handler& handler, const std::atomic<bool>& stopping,
                 std::atomic<std::uint64_t>& requests);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  runtime::Task<> run();
  // Shutdown: an idle connection closes now, a busy one after its answer, a WebSocket says 1001.
  runtime::Task<> ask_to_end();

 private:
  struct ReadOutcome {
    std::optional<Request> request;  // none: close, after sending `refusal` when there is one
    std::optional<Response> refusal;
    bool keep_alive = false;
  };
  runtime::Task<ReadOutcome> read_request();
  runtime::TaskResult<bool> fill();
  runtime::TaskResult<bool> respond(Response response, bool head_only, bool keep_alive);
  runtime::Task<> become_websocket(Response response, std::string key);
  runtime::Task<Response> call_handler(Request request);

  runtime::Loop& loop_;
  std::unique_ptr<Transport> transport_;
  const HttpServerSettings& settings_;
  const HttpServer::Handler& handler_;
  const std::atomic<bool>& stopping_;
  std::atomic<std::uint64_t>& requests_;
  std::string buffer_;  // read, not parsed yet
  bool busy_ = false;
  std::shared_ptr<WebSocketStream> websocket_;
};

}  // namespace telltale::net
