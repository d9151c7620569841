#include "net/http_server.hpp"

#include <atomic>
#include <functional>

#include <fcntl.h>
#include <sys/resource.h>

#include "net/server_support.hpp"

namespace telltale::net {
namespace {

runtime::Task<Response> echo(Request request) {
  Response response;
  response.headers.add("Content-Type", "text/plain");
  response.body = request.method + " " + request.path + " " + request.body;
  co_return response;
}

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* kClose = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

// A handler that needs something gets it as an argument: std::bind_front(coroutine, what it needs).
runtime::Task<Response> shared_body(std::shared_ptr<const std::string> body, Request) {
  co_return Response{.shared_body = std::move(body)};
}

class HttpServerTest : public ServerTest {};

TEST_F(HttpServerTest, AnswersAndKeepsAlive) {
  serve(echo);
  RawSocket client(port());
  for (int i = 0; i < 3; ++i) {
    client.send(kGet);
    const auto head = client.read_until("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << head;
    EXPECT_NE(head.find("Content-Length: 7\r\n"), std::string::npos);
    EXPECT_EQ(head.find("Server:"), std::string::npos);
    EXPECT_EQ(client.read(7), "GET /a ");
  }
  client.send(kClose);
  EXPECT_NE(client.read_to_end().find("Connection: close"), std::string::npos);
  EXPECT_EQ(server_->stats().requests_total, 4U);
  EXPECT_EQ(server_->stats().connections_total, 1U);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  serve([](Request request) -> runtime::Task<Response> {
    co_await runtime::sleep_for(request.path == "/1" ? 20ms : 1ms);
    co_return Response{.body = request.path};
  });
  RawSocket client(port());
  client.send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: "
      "3\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto all = client.read_to_end();
  EXPECT_LT(all.find("/1"), all.find("/2"));
  EXPECT_LT(all.find("/2"), all.find("/3"));
  EXPECT_NE(all.find("/3"), std::string::npos);
}

TEST_F(HttpServerTest, BodiesHeadAndExpect) {
  serve(echo);
  RawSocket client(port());
  client.send(
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n");
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read(13), "POST /c abcde");
  client.send("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.read_until("\r\n\r\n").find("Content-Length: 8"), std::string::npos);
  client.send(
      "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: "
      "close\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_TRUE(client.read_to_end().ends_with("POST /e ok"));
}

TEST_F(HttpServerTest, WhatIsNoRequestIsRefused) {
  serve(echo, {.header_limit = 1000, .body_limit = 100});
  struct Row {
    std::string request;
    std::string status;
  };
  for (const auto& row : std::vector<Row>{
           {"nonsense\r\n\r\n", "400"},
           {"GET / HTTP/1.1\r\n\r\n", "400"},  // no Host
           {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
           {"GET /?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
           {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400"},
           {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "400"},
           {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "400"},
           {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "400"},
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400"},
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", "413"},
           {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" +
                std::string(256, 'x'),
            "413"},
           {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2000, 'x') + "\r\n\r\n", "431"},
           {"GET /" + std::string(2000, 'x'), "431"}}) {
    RawSocket client(port());
    client.send(row.request);
    const auto answer = client.read_to_end();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 " + row.status) << row.request << answer;
    EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
    EXPECT_NE(answer.find("\"status\":" + row.status), std::string::npos);
  }
}

TEST_F(HttpServerTest, SlowClientsAreCutOff) {
  serve(echo, {.header_timeout = 50ms, .body_timeout = 50ms, .keep_alive_timeout = 50ms});
  RawSocket silent(port());
  RawSocket slow_head(port());
  RawSocket slow_body(port());
  slow_head.send("GET / HT");
  slow_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_TRUE(slow_head.read_to_end().starts_with("HTTP/1.1 408"));
  EXPECT_TRUE(slow_body.read_to_end().starts_with("HTTP/1.1 408"));
}

TEST_F(HttpServerTest, AReaderThatDoesNotReadIsCutOff) {
  const auto big = std::make_shared<const std::string>(20U << 20U, 'x');
  // 20 MiB add 320 s to the limit at the least pace; a client that reads nothing at all is cut off
  // by that too, so: small.
  serve(std::bind_front(shared_body, big), {.write_timeout = -320'000ms + 50ms});
  RawSocket client(port(), 4096);
  client.send(kGet);
  while (server_->stats().connections_total == 0 || server_->stats().connections_open > 0)
    run(runtime::sleep_for(5ms));
  EXPECT_LT(client.read_to_end().size(), big->size());
}

TEST_F(HttpServerTest, LargeSharedBody) {
  const auto big = std::make_shared<const std::string>(8U << 20U, 'x');
  serve(std::bind_front(shared_body, big));
  RawSocket client(port());
  client.send(kClose);
  EXPECT_TRUE(client.read_to_end().ends_with("\r\n\r\n" + *big));
}

TEST_F(HttpServerTest, ADisconnectCancelsTheHandler) {
  std::atomic<int> cancelled{0};
  std::atomic<int> running{0};
  serve(std::bind_front(
      [](std::atomic<int>* started, std::atomic<int>* ended, Request) -> runtime::Task<Response> {
        struct Count {
          std::atomic<int>& count;
          ~Count() { ++count; }
        } count{*ended};
        ++*started;
        co_await runtime::sleep_for(1h);
        co_return Response{};
      },
      &running, &cancelled));
  RawSocket closes(port());
  RawSocket resets(port());
  RawSocket pipelines(port());
  closes.send(kGet);
  resets.send(kGet);
  pipelines.send(std::string(kGet) + kGet);
  while (running < 3) run(runtime::sleep_for(1ms));
  EXPECT_EQ(cancelled, 0);
  closes.close();
  resets.reset();
  while (cancelled < 2) run(runtime::sleep_for(1ms));
  pipelines.close();
  while (cancelled < 3) run(runtime::sleep_for(1ms));
}

TEST_F(HttpServerTest, AHandlerThatThrowsAnswers500) {
  serve([](Request request) -> runtime::Task<Response> {
    if (request.path == "/late") co_await runtime::sleep_for(1ms);
    throw std::runtime_error("secret");
  });
  RawSocket client(port());
  client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = client.read_until("\"success\":false");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 500"));
  client.send(kClose);
  const auto answer = client.read_to_end();
  EXPECT_NE(answer.find("HTTP/1.1 500"), std::string::npos);
  EXPECT_EQ(answer.find("secret"), std::string::npos);
}

TEST_F(HttpServerTest, TooManyConnectionsAre503) {
  serve(echo, {.connection_limit = 2});
  RawSocket one(port());
  RawSocket two(port());
  one.send(kGet);
  two.send(kGet);
  one.read_until("GET /a ");
  two.read_until("GET /a ");
  RawSocket three(port());
  EXPECT_TRUE(three.read_to_end().starts_with("HTTP/1.1 503"));
  EXPECT_EQ(server_->stats().refused_total, 1U);
}

TEST_F(HttpServerTest, StopDrainsAndThenCancels) {
  std::atomic<int> running{0};
  serve(std::bind_front(
      [](std::atomic<int>* started, Request request) -> runtime::Task<Response> {
        ++*started;
        co_await runtime::sleep_for(request.path == "/long" ? base::Duration(1h)
                                                            : base::Duration(50ms));
        co_return Response{.body = "done"};
      },
      &running));
  const auto at = port();
  RawSocket idle(at);
  RawSocket busy(at);
  RawSocket stuck(at);
  busy.send(kGet);
  stuck.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n");
  while (running < 2) run(runtime::sleep_for(1ms));
  stop_server(300ms);
  EXPECT_EQ(idle.read_to_end(), "");
  const auto answer = busy.read_to_end();
  EXPECT_TRUE(answer.ends_with("done"));
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_EQ(stuck.read_to_end(), "");
  EXPECT_FALSE(RawSocket(at).connected());
}

TEST_F(HttpServerTest, NoDescriptorsLeft) {
  serve(echo);
  run(runtime::sleep_for(1ms));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  RawSocket early(port());
  early.send(kGet);
  early.read_until("GET /a ");
  RawSocket refused(0);  // its descriptor is made before none is left
  const int next = ::dup(0);
  ::close(next);
  rlimit tight{.rlim_cur = static_cast<rlim_t>(next) + 1, .rlim_max = before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  {
    RawSocket waiting(port());  // the last descriptor: the server has none for its end
    EXPECT_EQ(waiting.read_to_end(), "");
    early.send(kGet);  // what is open goes on
    EXPECT_NE(early.read_until("GET /a ").find("200 OK"), std::string::npos);
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  RawSocket later(port());
  later.send(kClose);
  EXPECT_NE(later.read_to_end().find("200 OK"), std::string::npos);
}

TEST_F(HttpServerTest, APortIsNotSharedWithStrangers) {
  serve(echo);
  HttpServerSettings same{.port = port()};
  EXPECT_EQ(HttpServer::open(same, {&loop()}, echo).error().code, base::Code::conflict);
  EXPECT_FALSE(HttpServer::open({.host = "no such host", .port = 0}, {&loop()}, echo).has_value());
}

class ManyLoopsTest : public NetTest {
 protected:
  ManyLoopsTest() : NetTest(3) {}
};

TEST_F(ManyLoopsTest, LoopsShareAPort) {
  std::atomic<unsigned> seen{0};
  auto opened = HttpServer::open(
      {.port = 0}, loops(),
      std::bind_front(
          [](std::atomic<unsigned>* loops_seen, Request) -> runtime::Task<Response> {
            *loops_seen |= 1U << (runtime::Loop::current()->name().back() - '0');
            co_return Response{.body = "x"};
          },
          &seen));
  ASSERT_TRUE(opened.has_value());
  (*opened)->start();
  for (int i = 0; i < 200 && seen != 7; ++i) {
    RawSocket client((*opened)->port());
    client.send(kClose);
    EXPECT_TRUE(client.read_to_end().ends_with("x"));
  }
  EXPECT_EQ(seen, 7U);
  run((*opened)->stop(1s));
}

}  // namespace
}  // namespace telltale::net
