#include "net/http_connection.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace telltale::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using RequestParser = http::request_parser<http::string_body>;

constexpr std::size_t kReadSize = 16U << 10U;

std::string_view reason_phrase(int status) {
  return status == 499 ? std::string_view("Client Closed Request")
                       : std::string_view(http::obsolete_reason(static_cast<http::status>(status)));
}

Response refusal(int status, std::string_view detail) {
  Response out{.status = status};
  out.headers.set("content-type", "application/problem+json");
  out.body = base::write_json(base::JsonObject{{"type", "about:blank"},
                                               {"title", reason_phrase(status)},
                                               {"status", status},
                                               {"detail", detail},
                                               {"success", false},
                                               {"error", detail}});
  return out;
}

Response refusal_of(const error_code& error) {
  if (error == http::error::header_limit) return refusal(431, "the header is too large");
  if (error == http::error::body_limit) return refusal(413, "the body is too large");
  return refusal(400, "not an HTTP request: " + error.message());
}

bool parse_query(std::string_view text, std::vector<std::pair<std::string, std::string>>& out) {
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    const auto equals = pair.find('=');
    auto name = base::percent_decode(pair.substr(0, equals), true);
    auto value = base::percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
    if (!name || !value) return false;
    if (!name->empty()) out.emplace_back(std::move(*name), std::move(*value));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return true;
}

std::optional<Request> to_request(RequestParser& parser, const std::string& remote) {
  auto& message = parser.get();
  Request out;
  out.method = std::string(message.method_string());
  out.target = std::string(message.target());
  const auto question = out.target.find('?');
  out.path = out.target.substr(0, question);
  if (question != std::string::npos && !parse_query(std::string_view(out.target).substr(question + 1), out.query))
    return std::nullopt;
  for (const auto& field : message) out.headers.add(std::string(field.name_string()), std::string(field.value()));
  out.body = std::move(message.body());
  out.remote_address = remote;
  return out;
}

// The Date header changes once a second; writing it anew for each answer would cost more than the rest of the head.
const std::string& date_header(base::WallTime now) {
  thread_local std::int64_t second = 0;
  thread_local std::string text;
  const auto current = base::unix_ms(now) / 1000;
  if (current != second) {
    second = current;
    text = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(current)));
  }
  return text;
}

bool has_line_break(std::string_view text) { return text.find_first_of("\r\n") != std::string_view::npos; }

}  // namespace

HttpConnection::HttpConnection(runtime::Loop& loop, std::unique_ptr<Transport> transport,
                               const HttpServerSettings& settings, const HttpServer::Handler& handler,
                               const std::atomic<bool>& stopping, std::atomic<std::uint64_t>& requests)
    : loop_(loop),
      transport_(std::move(transport)),
      settings_(settings),
      handler_(handler),
      stopping_(stopping),
      requests_(requests) {}

runtime::TaskResult<bool> HttpConnection::fill() {
  std::array<char, kReadSize> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the read
  auto got = co_await transport_->read_some(bytes);
  if (!got) co_return std::unexpected(got.error());
  buffer_.append(bytes.data(), *got);
  co_return *got > 0;
}

runtime::Task<HttpConnection::ReadOutcome> HttpConnection::read_request() {
  RequestParser parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(settings_.header_limit));
  parser.body_limit(settings_.body_limit);
  Deadline deadline(loop_, *transport_);
  deadline.set(buffer_.empty() ? settings_.keep_alive_timeout : settings_.header_timeout);
  bool began = !buffer_.empty();
  bool in_body = false;
  for (;;) {
    error_code error;
    if (!buffer_.empty()) {
      const auto used = parser.put(boost::asio::buffer(buffer_), error);
      buffer_.erase(0, used);
    }
    if (error && error != http::error::need_more) co_return ReadOutcome{.refusal = refusal_of(error)};
    if (parser.is_done()) break;
    if (!in_body && parser.is_header_done()) {
      in_body = true;
      deadline.set(settings_.body_timeout);
      if (parser.get()[http::field::expect] == "100-continue") {
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        if (auto sent = co_await transport_->write({boost::asio::buffer(kContinue)}); !sent) co_return ReadOutcome{};
      }
    }
    auto more = co_await fill();
    if (!more || !*more) co_return ReadOutcome{};  // gone; a half request gets no answer
    if (!std::exchange(began, true)) deadline.set(settings_.header_timeout);
  }
  deadline.clear();
  auto request = to_request(parser, transport_->remote_address());
  if (!request) co_return ReadOutcome{.refusal = refusal(400, "the query string is badly encoded")};
  co_return ReadOutcome{.request = std::move(request), .keep_alive = parser.get().keep_alive()};
}

runtime::Task<Response> HttpConnection::call_handler(Request request) {
  const auto target = request.method + " " + request.path;
  try {
    co_return co_await handler_(std::move(request));
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    base::log(base::LogLevel::error, "http", "{} threw: {}", target, error.what());
  } catch (const std::exception& error) {
    base::log(base::LogLevel::error, "http", "{} threw: {}", target, error.what());
  }
  co_return refusal(500, "an internal error; the log has it");
}

runtime::Task<> HttpConnection::run() {
  for (bool keep_alive = true; keep_alive && transport_->open();) {
    auto outcome = co_await read_request();
    if (!outcome.request) {
      if (outcome.refusal) co_await respond(std::move(*outcome.refusal), false, false);
      co_return;
    }
    busy_ = true;
    requests_.fetch_add(1, std::memory_order_relaxed);
    keep_alive = outcome.keep_alive && !stopping_;
    const bool head_only = outcome.request->method == "HEAD";
    const std::string key(outcome.request->headers.get_or("sec-websocket-key", ""));
    auto response = co_await call_handler(std::move(*outcome.request));
    if (response.websocket) {
      co_await become_websocket(std::move(response), key);
      co_return;
    }
    if (stopping_) keep_alive = false;
    if (auto sent = co_await respond(std::move(response), head_only, keep_alive); !sent) co_return;
    busy_ = false;
  }
  transport_->shutdown_send();
}

runtime::TaskResult<bool> HttpConnection::respond(Response response, bool head_only, bool keep_alive) {
  const auto& body = response.shared_body ? *response.shared_body : response.body;
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status),
                                 date_header(loop_.clock().wall()));
  for (const auto& [name, value] : response.headers)
    if (!has_line_break(name) && !has_line_break(value)) fmt::format_to(std::back_inserter(head), "{}: {}\r\n", name, value);
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", body.size());
  head += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  std::vector<boost::asio::const_buffer> buffers{boost::asio::buffer(head)};
  if (!head_only && !bodiless && !body.empty()) buffers.push_back(boost::asio::buffer(body));
  Deadline deadline(loop_, *transport_);
  deadline.set(settings_.write_timeout);
  auto sent = co_await transport_->write(std::move(buffers));
  if (!sent) co_return std::unexpected(sent.error());
  co_return true;
}

runtime::Task<> HttpConnection::become_websocket(Response response, std::string key) {
  std::string head = fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n",
      accept_key(key));
  if (!response.subprotocol.empty()) head += "Sec-WebSocket-Protocol: " + response.subprotocol + "\r\n";
  head += "\r\n";
  if (auto sent = co_await transport_->write({boost::asio::buffer(head)}); !sent) co_return;
  websocket_ = std::make_shared<WebSocketStream>(loop_, std::move(transport_), true, WebSocketSettings{},
                                                 std::exchange(buffer_, {}));
  if (stopping_) co_await websocket_->close(1001, "the server is restarting; connect again");
  co_await response.websocket(websocket_);
}

runtime::Task<> HttpConnection::ask_to_end() {
  if (websocket_) {
    const auto keep = websocket_;
    co_await keep->close(1001, "the server is restarting; connect again");
  } else if (!busy_ && transport_) {
    transport_->close();
  }
}

}  // namespace telltale::net
