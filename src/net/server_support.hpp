// For the tests of net: a server of ours on a free port, stopped at the end.
#pragma once

#include "net/http_server.hpp"
#include "net/raw_socket.hpp"
#include "net/test_support.hpp"

namespace telltale::net {

class ServerTest : public NetTest {
 protected:
  ~ServerTest() override { stop_server(); }

  void serve(HttpServer::Handler handler, HttpServerSettings settings = {}) {
    stop_server();
    settings.port = 0;
    auto opened = HttpServer::open(std::move(settings), {&loop()}, std::move(handler));
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    server_ = std::move(*opened);
    server_->start();
  }
  void stop_server(base::Duration drain = 0ms) {
    if (!server_) return;
    run(server_->stop(drain));
    EXPECT_EQ(server_->stats().connections_open, 0U);
    server_.reset();
  }
  std::uint16_t port() const { return server_->port(); }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port()) + path;
  }
  std::string websocket_url() const { return "ws://127.0.0.1:" + std::to_string(port()) + "/ws"; }

  std::unique_ptr<HttpServer> server_;
};

}  // namespace telltale::net
