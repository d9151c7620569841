#include <array>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "net/url.hpp"
#include "net/websocket_stream.hpp"
#include "runtime/run.hpp"

namespace telltale::net {
namespace {

constexpr std::size_t kHeadLimit = 16U << 10U;

std::string upgrade_text(const WebSocketTarget& target, const Url& url, const std::string& key) {
  std::string out = "GET " + url.target + " HTTP/1.1\r\nHost: " + url.host_header() +
                    "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                    key + "\r\n";
  std::string protocols;
  for (const auto& name : target.subprotocols) protocols.append(protocols.empty() ? "" : ", ").append(name);
  if (!protocols.empty()) out += "Sec-WebSocket-Protocol: " + protocols + "\r\n";
  for (const auto& [name, value] : target.headers) out.append(name).append(": ").append(value).append("\r\n");
  return out + "\r\n";
}

runtime::TaskResult<std::shared_ptr<WebSocket>> handshake(runtime::Loop& loop, WebSocketTarget target, Url url,
                                                          WebSocketSettings settings) {
  auto transport = co_await connect_transport(loop, {.host = url.host, .port = url.port, .tls = url.secure()});
  if (!transport) co_return std::unexpected(transport.error());
  const auto key = base::base64_encode(base::secure_token(12));
  const auto text = upgrade_text(target, url, key);
  if (auto sent = co_await (*transport)->write({boost::asio::buffer(text)}); !sent) co_return std::unexpected(sent.error());
  std::string head;
  std::size_t end = std::string::npos;
  while ((end = head.find("\r\n\r\n")) == std::string::npos) {
    std::array<char, 2048> bytes{};
    auto got = co_await (*transport)->read_some(bytes);
    if (!got) co_return std::unexpected(got.error());
    if (*got == 0 || head.size() > kHeadLimit)
      co_return base::fail(base::Code::protocol, "the server closed during the WebSocket handshake");
    head.append(bytes.data(), *got);
  }
  if (!head.starts_with("HTTP/1.1 101")) {
    const auto line = head.substr(0, head.find("\r\n"));
    const auto status = line.size() > 12 ? std::atoi(line.c_str() + 9) : 0;
    co_return base::fail(base::code_from_http_status(status), "the WebSocket was refused: " + line);
  }
  if (head.find(accept_key(key)) == std::string::npos)
    co_return base::fail(base::Code::protocol, "the WebSocket handshake answer does not fit the question");
  co_return std::make_shared<WebSocketStream>(loop, std::move(*transport), false, settings, head.substr(end + 4));
}

}  // namespace

runtime::TaskResult<std::shared_ptr<WebSocket>> connect_websocket(WebSocketTarget target, WebSocketSettings settings) {
  auto* const loop = runtime::Loop::current();
  auto url = parse_url(target.url);
  if (!url) co_return std::unexpected(url.error());
  co_return co_await runtime::with_timeout<std::shared_ptr<WebSocket>>(
      std::chrono::seconds(10), "connect timeout: " + url->host, handshake(*loop, std::move(target), *url, settings));
}

}  // namespace telltale::net
