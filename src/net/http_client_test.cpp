#include "net/http_client.hpp"

#include <functional>

#include "net/server_support.hpp"

namespace telltale::net {
namespace {

runtime::Task<Response> echo(Request request) {
  Response response{.status = request.path == "/404" ? 404 : 200};
  response.headers.add("X-Agent", std::string(request.headers.get_or("User-Agent", "")));
  response.body = request.method + " " + request.target + " " + request.body;
  co_return response;
}

// An impostor: answers each connection by what the script says, byte for byte.
class Impostor {
 public:
  explicit Impostor(std::vector<std::string> answers)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd_, 8), 0);
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, answers = std::move(answers)] {
      for (const auto& answer : answers) {
        const int one = ::accept(fd_, nullptr, nullptr);
        std::string request;
        char bytes[4096];
        while (request.find("\r\n\r\n") == std::string::npos) {
          const auto got = ::recv(one, bytes, sizeof bytes, 0);
          if (got <= 0) break;
          request.append(bytes, static_cast<std::size_t>(got));
        }
        ::send(one, answer.data(), answer.size(), MSG_NOSIGNAL);
        ::close(one);
        ++served;
      }
    });
  }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;
  ~Impostor() {
    thread_ = {};
    ::close(fd_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  std::atomic<int> served{0};

 private:
  int fd_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

class HttpClientTest : public ServerTest {
 protected:
  explicit HttpClientTest(HttpClientSettings settings = {}) { make(std::move(settings)); }
  ~HttpClientTest() override {
    on_loop([this] { client_.reset(); });
  }
  void make(HttpClientSettings settings) {
    on_loop([&] { client_ = std::make_unique<HttpClient>(loop(), std::move(settings)); });
  }
  base::Result<ClientResponse> fetch(ClientRequest request) {
    return run(client_->request(std::move(request)));
  }
  base::Result<ClientResponse> get(std::string where) { return fetch({.url = std::move(where)}); }
  std::unique_ptr<HttpClient> client_;
};

TEST_F(HttpClientTest, ReusesItsConnection) {
  serve(echo);
  for (int i = 0; i < 5; ++i) {
    const auto answer = fetch({.method = "POST", .url = url("/p?q=1"), .body = "body"});
    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "POST /p?q=1 body");
    EXPECT_EQ(answer->headers.get("x-agent"), "telltale");
  }
  EXPECT_EQ(get(url("/404"))->status, 404);
  EXPECT_EQ(fetch({.method = "HEAD", .url = url("/")})->body, "");
  EXPECT_EQ(get(url("/after"))->body, "GET /after ");
  EXPECT_EQ(server_->stats().connections_total, 1U);
  on_loop([&] { client_->close_idle(); });
  EXPECT_EQ(get(url("/"))->status, 200);
  EXPECT_EQ(server_->stats().connections_total, 2U);
}

TEST_F(HttpClientTest, StaleConnectionsAreReplaced) {
  serve(echo, {.keep_alive_timeout = 20ms});
  EXPECT_TRUE(get(url("/")).has_value());
  while (server_->stats().connections_open > 0) run(runtime::sleep_for(1ms));
  EXPECT_TRUE(fetch({.method = "POST", .url = url("/"), .body = "x"}).has_value());
}

TEST_F(HttpClientTest, ARequestThatMetAClosingServerIsRepeatedOnlyWhenItMay) {
  // The first connection answers once and then closes at the second request, before any byte of an
  // answer.
  std::atomic<int> requests{0};
  serve(std::bind_front(
      [](std::atomic<int>* seen, Request request) -> runtime::Task<Response> {
        ++*seen;
        if (request.path == "/die" && *seen == 2) co_await runtime::sleep_for(1h);
        co_return Response{.body = "ok"};
      },
      &requests));
  ASSERT_TRUE(get(url("/")).has_value());
  const auto kill_when_second = [&] {
    while (requests < 2) run(runtime::sleep_for(1ms));
    stop_server();
  };
  std::jthread killer(kill_when_second);
  const auto answer = get(url("/die"));
  killer.join();
  // Repeated on a fresh connection, which nobody accepts any more.
  EXPECT_NE(answer.error().detail.find("cannot connect"), std::string::npos)
      << answer.error().detail;

  requests = 0;
  serve(std::bind_front(
      [](std::atomic<int>* seen, Request request) -> runtime::Task<Response> {
        ++*seen;
        if (request.path == "/die") co_await runtime::sleep_for(1h);
        co_return Response{.body = "ok"};
      },
      &requests));
  ASSERT_TRUE(get(url("/")).has_value());
  std::jthread again(kill_when_second);
  const auto post = fetch({.method = "POST", .url = url("/die"), .body = "x"});
  again.join();
  EXPECT_NE(post.error().detail.find("closed in the middle"), std::string::npos)
      << post.error().detail;
}

TEST_F(HttpClientTest, AnswersOfManyShapes) {
  struct Row {
    std::string answer;
    std::string body;  // or the error
    std::optional<base::Code> error = {};
  };
  for (const auto& row : std::vector<Row>{
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "abcde"},
           {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"},
           {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
           {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 "
            "OK\r\nContent-Length: 2\r\n\r\nok",
            "ok"},
           {"HTTP/1.1 204 No Content\r\n\r\n", ""},
           {"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", ""},
           {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "", base::Code::unavailable},
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", "",
            base::Code::unavailable},
           {"HTTP/1.1 200 OK\r\nX: ", "", base::Code::unavailable},
           {"", "", base::Code::unavailable},
           {"SSH-2.0-OpenSSH\r\n\r\n", "", base::Code::protocol},
           {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n", "",
            base::Code::protocol},
           {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x'), "",
            base::Code::too_large}}) {
    make({.body_limit = 1000});
    Impostor impostor({row.answer});
    const auto answer = get(impostor.url());
    if (row.error) {
      ASSERT_FALSE(answer.has_value()) << row.answer;
      EXPECT_EQ(answer.error().code, *row.error) << row.answer << answer.error().detail;
    } else {
      ASSERT_TRUE(answer.has_value()) << row.answer << answer.error().detail;
      EXPECT_EQ(answer->body, row.body);
    }
  }
}

TEST_F(HttpClientTest, TimeoutsRefusalsAndBadRequests) {
  serve([](Request) -> runtime::Task<Response> {
    co_await runtime::sleep_for(1h);
    co_return Response{};
  });
  EXPECT_EQ(fetch({.url = url("/"), .header_timeout = 20ms}).error().code,
            base::Code::deadline_exceeded);
  const auto closed = url("/");
  stop_server();
  EXPECT_EQ(get(closed).error().code, base::Code::unavailable);
  EXPECT_EQ(get("http://no-such-host.invalid/").error().code, base::Code::unavailable);
  EXPECT_FALSE(get("ftp://x/").has_value());
  EXPECT_FALSE(get("nonsense").has_value());
  EXPECT_FALSE(fetch({.method = "GET /x HTTP/1.1\r\n", .url = closed}).has_value());
  ClientRequest injected{.url = closed};
  injected.headers.add("X\r\nY", "1");
  EXPECT_EQ(fetch(std::move(injected)).error().code, base::Code::invalid_argument);
}

TEST_F(HttpClientTest, StreamsPiecesAsTheyCome) {
  // A server that sends one event, and the next only when told that the first was seen.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const auto where = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  std::promise<void> seen_first;
  std::promise<bool> saw_close;
  std::jthread server([&] {
    const int one = ::accept(listener, nullptr, nullptr);
    char bytes[4096];
    EXPECT_GT(::recv(one, bytes, sizeof bytes, 0), 0);
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
        "chunked\r\n\r\n9\r\ndata: 1\n\n\r\n";
    ::send(one, head.data(), head.size(), MSG_NOSIGNAL);
    seen_first.get_future().wait();
    const std::string more = "9\r\ndata: 2\n\n\r\n";
    ::send(one, more.data(), more.size(), MSG_NOSIGNAL);
    saw_close.set_value(::recv(one, bytes, sizeof bytes, 0) == 0);
    ::close(one);
  });
  auto stream = run(client_->stream({.url = where}));
  ASSERT_TRUE(stream.has_value());
  EXPECT_EQ((*stream)->headers().get("content-type"), "text/event-stream");
  EXPECT_EQ(run((*stream)->read_some()).value(), "data: 1\n\n");
  seen_first.set_value();
  EXPECT_EQ(run((*stream)->read_some()).value(), "data: 2\n\n");
  on_loop([&] { stream->reset(); });  // cancelling is closing
  EXPECT_TRUE(saw_close.get_future().get());
  ::close(listener);
}

TEST_F(HttpClientTest, ManyAtOnce) {
  serve([](Request request) -> runtime::Task<Response> {
    co_await runtime::sleep_for(5ms);
    co_return Response{.body = request.path};
  });
  const auto all =
      run([](HttpClient* client, std::string base, runtime::Loop* home) -> runtime::Task<int> {
        runtime::TaskGroup group(*home, "test");
        int good = 0;
        for (int i = 0; i < 50; ++i)
          group.spawn("fetch",
                      [](HttpClient* one, std::string where, std::string path,
                         int* count) -> runtime::Task<> {
                        auto answer = co_await one->request({.url = where + path});
                        *count += answer && answer->body == path ? 1 : 0;
                      }(client, base, "/" + std::to_string(i), &good));
        while (group.size() > 0) co_await runtime::sleep_for(1ms);
        co_await group.stop();
        co_return good;
      }(client_.get(), url(""), &loop()));
  EXPECT_EQ(all, 50);
  EXPECT_LE(server_->stats().connections_open, 50U);
}

}  // namespace
}  // namespace telltale::net
