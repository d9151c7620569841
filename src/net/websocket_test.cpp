#include "net/websocket.hpp"

#include <functional>

#include "net/process.hpp"
#include "net/server_support.hpp"
#include "net/websocket_frame.hpp"

namespace telltale::net {
namespace {

using Socket = std::shared_ptr<WebSocket>;

WebSocket::Text text(std::string content) {
  return std::make_shared<const std::string>(std::move(content));
}

runtime::Task<> echo_socket(Socket socket) {
  for (;;) {
    auto message = co_await socket->read();
    if (!message) co_return;
    if (auto sent = co_await socket->write({text(std::move(*message))}); !sent) co_return;
  }
}

runtime::Task<Response> upgrade(Request request) {
  Response response{.websocket = echo_socket};
  if (request.headers.has_token("Sec-WebSocket-Protocol", "v1")) response.subprotocol = "v1";
  co_return response;
}

// A handler that gives each socket to `talk`.
auto upgrade_to(std::function<runtime::Task<>(Socket)> talk) {
  return std::bind_front(
      [](std::function<runtime::Task<>(Socket)> with, Request) -> runtime::Task<Response> {
        co_return Response{.websocket = std::move(with)};
      },
      std::move(talk));
}

constexpr const char* kHandshake =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, "
    "Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v1\r\n\r\n";

std::string frame(Opcode opcode, std::string_view payload) {
  std::string out;
  append_masked_frame(out, opcode, payload, 0x01020304);
  return out;
}

class WebSocketTest : public ServerTest {
 protected:
  base::Result<Socket> connect(WebSocketSettings settings = {}) {
    return run(connect_websocket({.url = websocket_url(), .subprotocols = {"v1"}}, settings));
  }
  std::string read(const Socket& socket) { return run(socket->read()).value_or("(closed)"); }
};

TEST_F(WebSocketTest, EchoesBothWays) {
  serve(upgrade);
  auto socket = connect();
  ASSERT_TRUE(socket.has_value()) << socket.error().detail;
  EXPECT_TRUE(
      run((*socket)->write({text("one"), text(""), text(std::string(100'000, 'x'))})).has_value());
  EXPECT_EQ(read(*socket), "one");
  EXPECT_EQ(read(*socket), "");
  EXPECT_EQ(read(*socket).size(), 100'000U);
  run((*socket)->close(1000, "bye"));
  EXPECT_EQ((*socket)->close_code(), 1000);
  EXPECT_FALSE(run((*socket)->read()).has_value());
  EXPECT_FALSE(run((*socket)->write({text("late")})).has_value());
}

TEST_F(WebSocketTest, HandshakeByTheLetter) {
  serve(upgrade);
  RawSocket client(port());
  client.send(std::string(kHandshake) +
              frame(Opcode::text, "early"));  // in one packet with the handshake
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 101 "));
  EXPECT_NE(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
  EXPECT_NE(head.find("Sec-WebSocket-Protocol: v1\r\n"), std::string::npos);
  EXPECT_EQ(client.read(7),
            "\x81\x05"
            "early");
  client.send(frame(Opcode::ping, "p"));
  EXPECT_EQ(client.read(3), "\x8a\x01p");
  client.send(frame(Opcode::close, "\x03\xe8"));
  EXPECT_EQ(client.read_to_end(), "\x88\x02\x03\xe8");
}

TEST_F(WebSocketTest, NoHandshakeIsRefused) {
  serve(upgrade);
  RawSocket plain(port());
  plain.send("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(plain.read_to_end().starts_with("HTTP/1.1 426"));
  serve([](Request) -> runtime::Task<Response> { co_return Response{.status = 403}; });
  EXPECT_EQ(connect().error().code, base::Code::permission_denied);
}

TEST_F(WebSocketTest, ViolationsCloseWithTheirCode) {
  HttpServerSettings settings;
  settings.websocket.message_limit = 1000;
  serve(upgrade, settings);
  struct Row {
    std::string bytes;
    std::string code;
  };
  for (const auto& row :
       std::vector<Row>{{frame(Opcode::text, std::string(1001, 'x')), "\x03\xf1"},
                        {frame(Opcode::text, std::string(500'000, 'x')), "\x03\xf1"},
                        {frame(Opcode::text, "\xff"), "\x03\xef"},
                        {"\x81\x01x", "\x03\xea"}}) {
    RawSocket client(port());
    client.send(kHandshake);
    client.read_until("\r\n\r\n");
    client.send(row.bytes);
    const auto close = client.read_to_end();
    ASSERT_GE(close.size(), 4U);
    EXPECT_EQ(close.substr(0, 1), "\x88");
    EXPECT_EQ(close.substr(2, 2), row.code);
  }
}

TEST_F(WebSocketTest, TheClientHearsTheServersCode) {
  serve([](Request) -> runtime::Task<Response> {
    co_return Response{.websocket = [](Socket socket) -> runtime::Task<> {
      co_await socket->close(4401, "token expired");
    }};
  });
  auto socket = connect();
  ASSERT_TRUE(socket.has_value());
  const auto end = run((*socket)->read());
  ASSERT_FALSE(end.has_value());
  EXPECT_NE(end.error().detail.find("token expired"), std::string::npos);
  EXPECT_EQ((*socket)->close_code(), 4401);
}

TEST_F(WebSocketTest, ASilentPeerIsPingedAndThenDead) {
  HttpServerSettings settings;
  settings.websocket = {.ping_interval = 30ms, .idle_timeout = 80ms};
  std::promise<std::uint16_t> code;
  serve(upgrade_to(std::bind_front(
            [](std::promise<std::uint16_t>* ended, Socket socket) -> runtime::Task<> {
              const auto end = co_await socket->read();
              EXPECT_FALSE(end.has_value());
              ended->set_value(socket->close_code());
            },
            &code)),
        settings);
  RawSocket client(port());
  client.send(kHandshake);
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_to_end(), std::string("\x89\x00", 2));  // one ping, not answered
  EXPECT_EQ(code.get_future().get(), 1006);
}

TEST_F(WebSocketTest, APeerThatAnswersPingsLives) {
  HttpServerSettings settings;
  settings.websocket = {.ping_interval = 10ms, .idle_timeout = 25ms};
  serve(upgrade, settings);
  auto socket = connect();
  ASSERT_TRUE(socket.has_value());
  runtime::TaskGroup* group = nullptr;
  // The client answers pings while it reads.
  const auto still_there = run([](Socket one, runtime::Loop* home) -> runtime::Task<bool> {
    auto got = co_await runtime::with_timeout<std::string>(200ms, "quiet", one->read());
    co_return !got && got.error().code == base::Code::deadline_exceeded && home->is_current();
  }(*socket, &loop()));
  EXPECT_TRUE(still_there);
  EXPECT_EQ(group, nullptr);
  EXPECT_TRUE(run((*socket)->write({text("alive")})).has_value());
  EXPECT_EQ(read(*socket), "alive");
}

TEST_F(WebSocketTest, AReaderThatDoesNotReadIsCutOff) {
  HttpServerSettings settings;
  settings.websocket.write_timeout = 50ms;
  std::promise<base::Code> outcome;
  serve(upgrade_to(std::bind_front(
            [](std::promise<base::Code>* ended, Socket socket) -> runtime::Task<> {
              for (;;) {
                auto sent = co_await socket->write({text(std::string(60'000, 'x'))});
                if (sent) continue;
                ended->set_value(sent.error().code);
                co_return;
              }
            },
            &outcome)),
        settings);
  RawSocket client(port(), 4096);
  client.send(kHandshake);
  EXPECT_EQ(outcome.get_future().get(), base::Code::deadline_exceeded);
}

TEST_F(WebSocketTest, AVanishedPeerEndsTheHandler) {
  std::promise<std::uint16_t> code;
  serve(upgrade_to(std::bind_front(
      [](std::promise<std::uint16_t>* ended, Socket socket) -> runtime::Task<> {
        while (co_await socket->read()) {
        }
        ended->set_value(socket->close_code());
      },
      &code)));
  RawSocket client(port());
  client.send(kHandshake);
  client.read_until("\r\n\r\n");
  client.reset();
  EXPECT_EQ(code.get_future().get(), 1006);
}

TEST_F(WebSocketTest, StopSaysGoingAway) {
  serve(upgrade);
  auto socket = connect();
  ASSERT_TRUE(socket.has_value());
  std::jthread stopper([&] { stop_server(5s); });
  EXPECT_FALSE(run((*socket)->read()).has_value());
  EXPECT_EQ((*socket)->close_code(), 1001);
  stopper.join();
}

TEST_F(WebSocketTest, StopCancelsAHandlerThatDoesNotListen) {
  serve([](Request) -> runtime::Task<Response> {
    co_return Response{
        .websocket = [](Socket) -> runtime::Task<> { co_await runtime::sleep_for(1h); }};
  });
  RawSocket client(port());
  client.send(kHandshake);
  client.read_until("\r\n\r\n");
  stop_server(10ms);
  EXPECT_EQ(client.read_to_end().substr(0, 1), "\x88");
}

TEST_F(WebSocketTest, AHandlerThatThrowsCloses1011) {
  serve([](Request) -> runtime::Task<Response> {
    co_return Response{.websocket = [](Socket) -> runtime::Task<> {
      co_await runtime::sleep_for(1ms);
      throw std::runtime_error("secret");
    }};
  });
  auto socket = connect();
  ASSERT_TRUE(socket.has_value());
  EXPECT_FALSE(run((*socket)->read()).has_value());
  EXPECT_EQ((*socket)->close_code(), 1011);
}

TEST_F(WebSocketTest, AnIdleSocketIsSmall) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "a sanitizer's allocator says nothing about memory";
#endif
#endif
  serve(upgrade);
  constexpr std::size_t kCount = 2000;
  constexpr std::size_t kWarm = 200;
  std::vector<std::unique_ptr<RawSocket>> clients;
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < kCount + kWarm; ++i) {
    if (i == kWarm) before = sample_self().memory_bytes;
    clients.push_back(std::make_unique<RawSocket>(port()));
    clients.back()->send(kHandshake + frame(Opcode::text, "hello"));
    clients.back()->read_until("hello");
  }
  const auto each = (sample_self().memory_bytes - before) / kCount;
  RecordProperty("bytes_per_idle_socket", static_cast<int>(each));
  std::printf("%zu bytes per idle socket\n", static_cast<std::size_t>(each));
  EXPECT_LT(each, 6U << 10U);
}

TEST_F(WebSocketTest, ManyMessagesInBatches) {
  serve([](Request) -> runtime::Task<Response> {
    co_return Response{.websocket = [](Socket socket) -> runtime::Task<> {
      const auto one = text(std::string(200, 'x'));
      for (int i = 0; i < 10; ++i) {
        auto sent = co_await socket->write(std::vector<WebSocket::Text>(2000, one));
        EXPECT_TRUE(sent.has_value());
      }
    }};
  });
  auto socket = connect();
  ASSERT_TRUE(socket.has_value());
  const auto count = run([](Socket one) -> runtime::Task<int> {
    int seen = 0;
    while (auto message = co_await one->read()) seen += message->size() == 200 ? 1 : 0;
    co_return seen;
  }(*socket));
  EXPECT_EQ(count, 20'000);
}

}  // namespace
}  // namespace telltale::net
