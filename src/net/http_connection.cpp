#include "net/http_connection.hpp"

#include <array>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "net/http_text.hpp"

namespace telltale::net {
namespace {

constexpr base::Duration kFirstRequest = std::chrono::milliseconds(250);  // at a shutdown
constexpr std::size_t kReadAhead = 64U << 10U;  // of pipelined requests, while a handler runs
constexpr std::size_t kLingerBytes = 4U << 20U;
constexpr base::Duration kLinger = std::chrono::seconds(1);
constexpr base::Duration kNever = std::chrono::hours(24 * 365);
constexpr base::Duration kWatchAfter = std::chrono::milliseconds(20);
constexpr std::string_view kGoingAway = "the server is restarting; connect again";

// Empty when this is no WebSocket handshake, or not one of ours (RFC 6455 section 4.2.1).
std::string websocket_key(const Request& request) {
  const auto key = request.headers.get_or("Sec-WebSocket-Key", "");
  const bool asks = request.method == "GET" && request.headers.has_token("Upgrade", "websocket") &&
                    request.headers.has_token("Connection", "upgrade") &&
                    request.headers.get_or("Sec-WebSocket-Version", "") == "13";
  const auto decoded = base::base64_decode(key);
  return asks && decoded && decoded->size() == 16 ? std::string(key) : "";
}

Response refuse_upgrade() {
  auto response = problem(426, "this address speaks WebSocket version 13 only");
  response.headers.set("Upgrade", "websocket");
  response.headers.set("Connection", "Upgrade");
  response.headers.set("Sec-WebSocket-Version", "13");
  return response;
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string head_of(const Response& response, std::size_t body_size, bool keep_alive,
                    base::WallTime now) {
  std::string head;
  head.reserve(512);
  head.append("HTTP/1.1 ").append(fmt::format_int(response.status).c_str()).append(" ");
  head.append(reason_phrase(response.status)).append("\r\n");
  if (!response.headers.contains("Date")) head += date_header(now);
  for (const auto& [name, value] : response.headers)
    if (!equal_no_case(name, "Content-Length") && !equal_no_case(name, "Transfer-Encoding") &&
        (keep_alive || !equal_no_case(name, "Connection")))
      append_header(head, name, value);
  head += response.fixed_headers;
  if (has_body(response.status))
    head.append("Content-Length: ").append(fmt::format_int(body_size).c_str()).append("\r\n");
  if (!keep_alive) head += "Connection: close\r\n";
  return head += "\r\n";
}

}  // namespace

// Reads ahead while a handler runs, so that a client that has gone ends it. Most handlers are done
// before that is worth a wait on the socket. Shared with its pending wait, which may outlive the
// connection.
struct HttpConnection::Watch : std::enable_shared_from_this<HttpConnection::Watch> {
  explicit Watch(HttpConnection& owner) : connection(&owner) {}
  HttpConnection* connection;  // null once the handler has ended

  void wait() {
    connection->transport_->descriptor().async_wait(Ready::read,
                                                    [self = shared_from_this()](bool aborted) {
                                                      if (!aborted && self->connection != nullptr)
                                                        self->look();
                                                    });
  }
  void look() {
    std::array<char, 4096>
        bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the read
    const auto io = connection->transport_->try_read(bytes);
    if (io.state == Io::State::ended || io.state == Io::State::failed)
      return connection->gone_.cancel();
    connection->buffer_.append(bytes.data(), io.bytes);
    // Enough is enough: a client that pipelines that much is looked at again after this answer.
    if (connection->buffer_.size() < kReadAhead) wait();
  }
  void stop() {
    auto& descriptor = std::exchange(connection, nullptr)->transport_->descriptor();
    descriptor.cancel_wait(Ready::read);
  }
};

HttpConnection::HttpConnection(HttpShared& shared, std::unique_ptr<Transport> transport)
    : shared_(shared), loop_(transport->loop()), transport_(std::move(transport)) {}
HttpConnection::~HttpConnection() {
  if (last_chance_) loop_.cancel(*last_chance_);
  watch_after_.cancel(loop_);
}

runtime::Task<> HttpConnection::run() {
  if (transport_->secure())
    if (auto safe = co_await transport_->handshake(now() + shared_.settings.header_timeout); !safe)
      co_return;
  // A client that goes away ends what it asked for, and with it the connection.
  (void)co_await runtime::with_timeout<bool>(kNever, "", serve(), gone_);
  if (!upgrade_) {
    transport_->finish();
    co_return;
  }
  // From here on for as long as the WebSocket lives, in this coroutine: each more would cost every
  // idle socket its frame.
  accept_upgrade(*upgrade_);
  auto handler = std::move(upgrade_->handler);
  upgrade_.reset();
  std::string why;
  try {
    co_await handler(websocket_);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    why = error.what();
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (!why.empty()) base::log(base::LogLevel::error, "http", "a WebSocket handler threw: {}", why);
  co_await websocket_->close(why.empty() ? 1000 : 1011, why.empty() ? "" : "an internal error");
}

runtime::TaskResult<bool> HttpConnection::serve() {
  while (co_await serve_one()) {
  }
  co_return true;
}

runtime::Task<bool> HttpConnection::serve_one() {
  RequestParser parser(shared_.settings.header_limit, shared_.settings.body_limit);
  const bool whole = co_await read_request(&parser);
  if (parser.refusal()) {
    co_await refuse(std::move(*parser.refusal()));
    co_return false;
  }
  if (!whole) co_return false;
  shared_.requests.fetch_add(1, std::memory_order_relaxed);
  auto request = parser.take();
  request.remote_address = transport_->remote_address();
  request.secure = transport_->secure();
  const bool head_only = request.method == "HEAD";
  auto key = websocket_key(request);
  auto response = co_await call_handler(std::move(request));
  if (response.websocket) {
    if (!key.empty()) {
      upgrade_ = std::make_unique<Upgrade>(std::move(key), std::move(response.websocket),
                                           std::move(response.subprotocol));
      co_return false;
    }
    response = refuse_upgrade();
  }
  const bool keep_alive = parser.keep_alive() && !shared_.stopping &&
                          !response.headers.has_token("Connection", "close");
  co_return co_await respond(std::move(response), head_only, keep_alive);
}

// True when a whole request is there; else the connection ends, after the parser's refusal when it
// has one.
runtime::Task<bool> HttpConnection::read_request(RequestParser* parser) {
  const auto& settings = shared_.settings;
  auto phase_start = now();
  base::Duration limit = settings.keep_alive_timeout;
  bool began = false;
  bool in_body = false;
  std::size_t body_bytes = 0;
  for (;;) {
    if (!buffer_.empty()) {
      if (!std::exchange(began, true)) {
        phase_start = now();
        limit = settings.header_timeout;
      }
      body_bytes += in_body ? buffer_.size() : 0;
      parser->feed(buffer_);
    }
    if (parser->refusal()) co_return false;
    if (parser->done()) co_return true;
    if (parser->head_done() && !std::exchange(in_body, true)) {
      phase_start = now();
      limit = settings.body_timeout;
      if (parser->request().headers.has_token("Expect", "100-continue")) {
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        auto sent =
            co_await transport_->write({io_buffer(kContinue)}, now() + settings.write_timeout);
        if (!sent) co_return false;
      }
    }
    idle_ = !began;
    if (idle_ && shared_.stopping) {
      if (!fresh_) co_return false;
      ask_to_end();
    }
    auto bytes = co_await transport_->read_some(paced_deadline(phase_start, limit, body_bytes));
    idle_ = false;
    fresh_ = false;
    if (!bytes && began && bytes.error().code == base::Code::deadline_exceeded)
      co_await refuse(problem(
          408, in_body ? "the body of the request takes too long" : "the request takes too long"));
    if (!bytes || bytes->empty()) co_return false;
    buffer_.append(*bytes);
  }
}

runtime::Task<Response> HttpConnection::call_handler(Request request) {
  struct Watched {
    explicit Watched(HttpConnection& owner) : connection(owner) {
      connection.watch_after_.set(connection.loop(), connection.now() + kWatchAfter,
                                  [at = &connection] {
                                    at->watch_ = std::make_shared<Watch>(*at);
                                    if (at->buffer_.size() < kReadAhead) at->watch_->wait();
                                  });
    }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched() {
      connection.watch_after_.clear();
      if (connection.watch_) std::exchange(connection.watch_, nullptr)->stop();
    }
    HttpConnection& connection;
  } const watched{*this};
  const auto what = request.method + " " + request.path;
  std::string why;
  try {
    co_return co_await shared_.handler(std::move(request));
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    why = error.what();
  } catch (const std::exception& error) {
    why = error.what();
  }
  base::log(base::LogLevel::error, "http", "{} threw: {}", what, why);
  co_return problem(500, "an internal error; the log has it");
}

runtime::Task<bool> HttpConnection::respond(Response response, bool head_only, bool keep_alive) {
  const std::string_view body = response.shared_body ? *response.shared_body : response.body;
  const bool streams = static_cast<bool>(response.stream);
  const auto head = head_of(response, streams ? response.stream_size : body.size(), keep_alive,
                            loop().clock().wall());
  const bool with_body = !head_only && has_body(response.status);
  std::array pieces{io_buffer(head), io_buffer(with_body ? body : "")};
  std::span<iovec> left(pieces);
  base::Result<bool> sent = true;
  if (auto begun = transport_->write_now(left); !begun)
    sent = std::unexpected(begun.error());
  else if (!left.empty())
    sent = co_await transport_->write(
        {left.begin(), left.end()},
        paced_deadline(now(), shared_.settings.write_timeout, body.size()));
  if (sent && streams && with_body) sent = co_await send_stream(&response);
  if (!sent) transport_->shutdown();
  co_return sent&& keep_alive;
}

runtime::TaskResult<bool> HttpConnection::send_stream(Response* response) {
  for (auto left = response->stream_size; left > 0;) {
    auto piece = co_await response->stream();
    if (!piece) co_return std::unexpected(piece.error());
    if (piece->empty() || piece->size() > left)
      co_return base::fail(base::Code::internal, "a streamed body is not as long as it said");
    auto sent = co_await transport_->write(
        {io_buffer(*piece)}, paced_deadline(now(), shared_.settings.write_timeout, piece->size()));
    if (!sent) co_return sent;
    left -= piece->size();
  }
  co_return true;
}

// The peer may still be sending what we do not want; closing on it would reset the connection and
// lose the answer.
runtime::Task<> HttpConnection::refuse(Response response) {
  co_await respond(std::move(response), false, false);
  transport_->finish();
  const auto deadline = now() + kLinger;
  for (std::size_t dropped = 0; dropped < kLingerBytes && now() < deadline;) {
    auto bytes = co_await transport_->read_some(deadline);
    if (!bytes || bytes->empty()) break;
    dropped += bytes->size();
  }
}

void HttpConnection::accept_upgrade(Upgrade& upgrade) {
  std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  append_header(head, "Sec-WebSocket-Accept", accept_key(upgrade.key));
  if (!upgrade.subprotocol.empty())
    append_header(head, "Sec-WebSocket-Protocol", upgrade.subprotocol);
  head += "\r\n";
  transport_->descriptor().drop_timers();
  watch_after_.cancel(loop_);
  websocket_ = std::make_shared<WebSocketConnection>(
      std::move(transport_), WebSocketConnection::Role::server, shared_.settings.websocket,
      std::move(head), std::exchange(buffer_, {}));
  if (shared_.stopping) websocket_->begin_close(1001, kGoingAway);
  // The handler is next: when it says something at once, this goes with it.
  loop_.post([socket = websocket_] { socket->greet(); });
}

void HttpConnection::ask_to_end() {
  if (websocket_)
    websocket_->begin_close(1001, kGoingAway);
  else if (idle_ && transport_ && !fresh_)
    transport_->shutdown();
  else if (idle_ && transport_ && !last_chance_)
    // Taken, and its request is on the way: closing now would lose what nobody refused.
    last_chance_ = loop().schedule_at(now() + kFirstRequest, [this] {
      last_chance_.reset();
      if (idle_ && transport_) transport_->shutdown();
    });
}

}  // namespace telltale::net
