#include "net/http_client.hpp"

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <map>

#include "net/transport.hpp"
#include "net/url.hpp"
#include "runtime/run.hpp"

namespace telltale::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using ResponseParser = http::response_parser<http::string_body>;

constexpr std::size_t kReadSize = 16U << 10U;

struct Connection {
  std::unique_ptr<Transport> transport;
  std::string buffer;
  bool reused = false;
};
using ConnectionPtr = std::unique_ptr<Connection>;

std::string request_text(const ClientRequest& request, const Url& url) {
  std::string out = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.host_header() + "\r\n";
  for (const auto& [name, value] : request.headers)
    if (name.find_first_of("\r\n:") == std::string::npos && value.find_first_of("\r\n") == std::string::npos)
      out.append(name).append(": ").append(value).append("\r\n");
  if (!request.headers.contains("user-agent")) out += "User-Agent: telltale\r\n";
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
    out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return out + "\r\n";
}

base::Error client_error(std::string detail) { return {.code = base::Code::unavailable, .detail = std::move(detail)}; }

}  // namespace

struct HttpClient::State {
  State(runtime::Loop& home, HttpClientSettings values) : loop(home), settings(std::move(values)) {}
  runtime::Loop& loop;
  HttpClientSettings settings;
  std::map<std::string, std::vector<ConnectionPtr>> idle;

  ConnectionPtr take_idle(const std::string& origin) {
    const auto found = idle.find(origin);
    if (found == idle.end() || found->second.empty()) return nullptr;
    auto connection = std::move(found->second.back());
    found->second.pop_back();
    connection->reused = true;
    return connection;
  }
  void give_back(const std::string& origin, ConnectionPtr connection) {
    auto& list = idle[origin];
    if (connection->transport->open() && connection->buffer.empty() && list.size() < settings.idle_per_origin)
      list.push_back(std::move(connection));
  }
  static runtime::TaskResult<ConnectionPtr> connect(std::shared_ptr<State> state, Url url) {
    ConnectTarget target{.host = url.host,
                         .port = url.port,
                         .tls = url.secure(),
                         .verify_peer = state->settings.verify_peer,
                         .ca_file = state->settings.ca_file};
    auto transport = co_await runtime::with_timeout<std::unique_ptr<Transport>>(
        state->settings.connect_timeout, "connect timeout: " + url.host + ":" + url.port,
        connect_transport(state->loop, std::move(target)));
    if (!transport) co_return std::unexpected(transport.error());
    auto out = std::make_unique<Connection>();
    out->transport = std::move(*transport);
    co_return out;
  }
};

namespace {

// One answer in progress on a connection it owns until the regular end.
class Answer final : public ClientStream {
 public:
  using GiveBack = std::function<void(ConnectionPtr)>;

  Answer(runtime::Loop& loop, ConnectionPtr connection, const HttpClientSettings& settings, bool head, GiveBack give_back)
      : loop_(loop), connection_(std::move(connection)), give_back_(std::move(give_back)) {
    parser_.eager(true);
    parser_.header_limit(static_cast<std::uint32_t>(settings.header_limit));
    parser_.body_limit(boost::none);  // read_all bounds what is kept; a stream may go on for days
    parser_.skip(head);
  }

  int status() const override { return static_cast<int>(parser_.get().result_int()); }
  const Headers& headers() const override { return headers_; }
  bool got_any() const noexcept { return got_any_; }

  runtime::TaskResult<bool> read_head(base::Duration limit) {
    Deadline deadline(loop_, *connection_->transport);
    deadline.set(limit);
    while (!parser_.is_header_done()) {
      auto more = co_await feed();
      if (deadline.expired())
        co_return base::fail(base::Code::deadline_exceeded, "no answer within " + std::to_string(limit / std::chrono::milliseconds(1)) + " ms");
      if (!more) co_return std::unexpected(more.error());
    }
    for (const auto& field : parser_.get()) headers_.add(std::string(field.name_string()), std::string(field.value()));
    co_return true;
  }

  runtime::TaskResult<std::string> read_some() override {
    for (;;) {
      auto& body = parser_.get().body();
      if (!body.empty()) {
        std::string out;
        out.swap(body);
        co_return out;
      }
      if (parser_.is_done()) {
        finish();
        co_return std::string();
      }
      if (!connection_) co_return std::unexpected(client_error("the answer has ended"));
      auto more = co_await feed();
      if (!more) co_return std::unexpected(more.error());
    }
  }

  runtime::TaskResult<std::string> read_all(std::size_t limit) override {
    std::string out;
    for (;;) {
      auto piece = co_await read_some();
      if (!piece) co_return std::unexpected(piece.error());
      if (piece->empty()) co_return out;
      if (out.size() + piece->size() > limit)
        co_return base::fail(base::Code::too_large, "the answer is over " + std::to_string(limit) + " bytes");
      out += *piece;
    }
  }

 private:
  // Parses what is there, else reads more.
  runtime::TaskResult<bool> feed() {
    error_code error;
    auto& buffer = connection_->buffer;
    if (buffer.empty()) {
      std::array<char, kReadSize> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the read
      auto got = co_await connection_->transport->read_some(bytes);
      if (!got) co_return std::unexpected(got.error());
      if (*got == 0) {
        if (got_any_) parser_.put_eof(error);
        if (!got_any_ || error) co_return std::unexpected(client_error("the connection closed in the middle of the answer"));
        co_return true;
      }
      got_any_ = true;
      buffer.append(bytes.data(), *got);
    }
    const auto before = buffer.size();
    const auto used = parser_.put(boost::asio::buffer(buffer), error);
    buffer.erase(0, used);
    if (error == http::error::need_more && used < before) {
      // The head is not whole yet: more bytes have to join what is there.
      std::array<char, kReadSize> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the read
      auto got = co_await connection_->transport->read_some(bytes);
      if (!got) co_return std::unexpected(got.error());
      if (*got == 0) co_return std::unexpected(client_error("the connection closed in the middle of the answer"));
      buffer.append(bytes.data(), *got);
      co_return true;
    }
    if (error && error != http::error::need_more)
      co_return base::fail(base::Code::protocol, "not an HTTP answer: " + error.message());
    co_return true;
  }

  void finish() {
    if (connection_ && parser_.get().keep_alive()) give_back_(std::move(connection_));
    connection_.reset();
  }

  runtime::Loop& loop_;
  ConnectionPtr connection_;
  GiveBack give_back_;
  ResponseParser parser_;
  Headers headers_;
  bool got_any_ = false;
};

}  // namespace

HttpClient::HttpClient(runtime::Loop& loop, HttpClientSettings settings)
    : state_(std::make_shared<State>(loop, std::move(settings))) {}
HttpClient::~HttpClient() { state_->idle.clear(); }
void HttpClient::close_idle() { state_->idle.clear(); }

namespace {

runtime::TaskResult<std::unique_ptr<Answer>> send_on(runtime::Loop& loop, ConnectionPtr connection, std::string text,
                                                     std::string body, bool head, base::Duration limit,
                                                     HttpClientSettings settings, Answer::GiveBack give_back) {
  auto* const transport = connection->transport.get();
  auto answer = std::make_unique<Answer>(loop, std::move(connection), settings, head, std::move(give_back));
  std::vector<boost::asio::const_buffer> buffers{boost::asio::buffer(text)};
  if (!body.empty()) buffers.push_back(boost::asio::buffer(body));
  auto sent = co_await transport->write(std::move(buffers));
  if (!sent) co_return std::unexpected(sent.error());
  auto read = co_await answer->read_head(limit);
  if (!read) co_return std::unexpected(read.error());
  co_return answer;
}

}  // namespace

runtime::TaskResult<std::unique_ptr<ClientStream>> HttpClient::stream(ClientRequest request) {
  const auto state = state_;
  auto url = parse_url(request.url);
  if (!url) co_return std::unexpected(url.error());
  const auto origin = url->origin();
  const auto text = request_text(request, *url);
  const auto limit = request.header_timeout.value_or(state->settings.header_timeout);
  const auto give_back = [weak = std::weak_ptr(state), origin](ConnectionPtr connection) {
    if (const auto alive = weak.lock()) alive->give_back(origin, std::move(connection));
  };
  // An idle connection may have been closed by the other side meanwhile: then, and only then, once more on a fresh one.
  if (auto idle = state->take_idle(origin)) {
    auto answer = co_await send_on(state->loop, std::move(idle), text, request.body, request.method == "HEAD", limit,
                                   state->settings, give_back);
    if (answer) co_return std::move(*answer);
    if (answer.error().code != base::Code::unavailable) co_return std::unexpected(answer.error());
  }
  auto fresh = co_await State::connect(state, *url);
  if (!fresh) co_return std::unexpected(fresh.error());
  auto answer = co_await send_on(state->loop, std::move(*fresh), text, std::move(request.body), request.method == "HEAD",
                                 limit, state->settings, give_back);
  if (!answer) co_return std::unexpected(answer.error());
  co_return std::move(*answer);
}

runtime::TaskResult<ClientResponse> HttpClient::request(ClientRequest request) {
  const auto limit = state_->settings.body_limit;
  auto answer = co_await stream(std::move(request));
  if (!answer) co_return std::unexpected(answer.error());
  ClientResponse out{.status = (*answer)->status(), .headers = (*answer)->headers()};
  auto body = co_await (*answer)->read_all(limit);
  if (!body) co_return std::unexpected(body.error());
  out.body = std::move(*body);
  co_return out;
}

}  // namespace telltale::net
