#include "base/encoding.hpp"
#include "base/random.hpp"
#include "net/dial.hpp"
#include "net/http_parser.hpp"
#include "net/http_text.hpp"
#include "net/websocket_connection.hpp"

namespace telltale::net {
namespace {

constexpr std::size_t kHeadLimit = 16U << 10U;
constexpr base::Duration kConnectLimit = std::chrono::seconds(10);

std::string upgrade_text(const WebSocketTarget& target, const Url& url, std::string_view key) {
  std::string out = "GET " + url.target + " HTTP/1.1\r\n";
  append_header(out, "Host", url.host_header());
  append_header(out, "Upgrade", "websocket");
  append_header(out, "Connection", "Upgrade");
  append_header(out, "Sec-WebSocket-Version", "13");
  append_header(out, "Sec-WebSocket-Key", key);
  std::string protocols;
  for (const auto& name : target.subprotocols)
    protocols.append(protocols.empty() ? "" : ", ").append(name);
  if (!protocols.empty()) append_header(out, "Sec-WebSocket-Protocol", protocols);
  for (const auto& [name, value] : target.headers) append_header(out, name, value);
  return out + "\r\n";
}

}  // namespace

runtime::TaskResult<std::shared_ptr<WebSocket>> connect_websocket(WebSocketTarget target,
                                                                  WebSocketSettings settings) {
  auto& loop = *runtime::Loop::current();
  const auto deadline = loop.clock().now() + kConnectLimit;
  auto url = parse_url(target.url);
  if (!url) co_return std::unexpected(url.error());
  std::shared_ptr<const TlsContext> tls;
  if (url->secure()) {
    auto made = TlsContext::client(target.verify_peer, target.ca_file);
    if (!made) co_return std::unexpected(made.error());
    tls = std::move(*made);
  }
  auto transport = co_await dial(
      loop, {.host = url->host, .port = url->port, .tls = std::move(tls), .limit = kConnectLimit});
  if (!transport) co_return std::unexpected(transport.error());
  std::uint8_t random[16];
  base::secure_bytes(random);
  const auto key = base::base64_encode({reinterpret_cast<const char*>(random), sizeof random});
  const auto text = upgrade_text(target, *url, key);
  if (auto sent = co_await (*transport)->write({io_buffer(text)}, deadline); !sent)
    co_return std::unexpected(sent.error());
  ResponseParser parser(kHeadLimit, false);
  std::string buffer;
  while (!parser.head_done()) {
    auto bytes = co_await (*transport)->read_some(deadline);
    if (!bytes) co_return std::unexpected(bytes.error());
    buffer.append(*bytes);
    if (bytes->empty())
      parser.feed_end();
    else
      parser.feed(buffer);
    if (parser.error()) co_return std::unexpected(*parser.error());
  }
  if (parser.status() != 101)
    co_return base::fail(
        base::code_from_http_status(parser.status()),
        "the WebSocket was refused with status " + std::to_string(parser.status()));
  if (parser.headers().get_or("Sec-WebSocket-Accept", "") != accept_key(key))
    co_return base::fail(base::Code::protocol, "the server's WebSocket handshake is wrong");
  co_return std::make_shared<WebSocketConnection>(
      std::move(*transport), WebSocketConnection::Role::client, settings, std::string(), buffer);
}

}  // namespace telltale::net
