#include "net/http_client.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "net/http_parser.hpp"
#include "net/http_text.hpp"
#include "net/redirect.hpp"

namespace telltale::net {
namespace {

// Servers close idle connections after 5 s and more. A request that must not be sent twice does not
// risk meeting that.
constexpr base::Duration kFreshEnough = std::chrono::seconds(3);
constexpr base::Duration kIdleLimit = std::chrono::seconds(60);

struct Connection {
  std::unique_ptr<Transport> transport;
  std::string buffer;
  base::SteadyTime idle_since{};
};
using ConnectionPtr = std::unique_ptr<Connection>;

bool is_replayable(const ClientRequest& request) {
  static constexpr std::array<std::string_view, 5> kMethods{"GET", "HEAD", "PUT", "DELETE",
                                                            "OPTIONS"};
  return request.replayable || std::ranges::find(kMethods, request.method) != kMethods.end() ||
         request.headers.contains("Idempotency-Key");
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 127 &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
  });
}

base::Result<std::string> head_text(const ClientRequest& request, const Url& url) {
  if (!is_token(request.method)) return base::bad_field("/method", "is no HTTP method");
  std::string out = request.method + " " + url.target + " HTTP/1.1\r\n";
  append_header(out, "Host", url.host_header());  // never what a definition says
  if (!request.headers.contains("User-Agent")) append_header(out, "User-Agent", "telltale");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return base::bad_field("/headers", "\"" + name + "\" is no header name");
    if (!equal_no_case(name, "Content-Length") && !equal_no_case(name, "Transfer-Encoding") &&
        !equal_no_case(name, "Host"))
      append_header(out, name, value);
  }
  const bool may_have_body =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!request.body.empty() || may_have_body)
    append_header(out, "Content-Length", std::to_string(request.body.size()));
  return out + "\r\n";
}

}  // namespace

struct HttpClient::State {
  State(runtime::Loop& home, HttpClientSettings values)
      : loop(home), settings(std::move(values)), tls(settings.tls) {}
  runtime::Loop& loop;
  HttpClientSettings settings;
  std::shared_ptr<const TlsContext> tls;  // made at the first https
  std::map<std::string, std::vector<ConnectionPtr>> idle;

  // The one used last, when nothing has come from it meanwhile (neither an end nor bytes nobody
  // asked for).
  ConnectionPtr take_idle(const std::string& origin, bool replayable) {
    const auto found = idle.find(origin);
    if (found == idle.end()) return nullptr;
    auto& list = found->second;
    ConnectionPtr out;
    while (!out && !list.empty()) {
      out = std::move(list.back());
      list.pop_back();
      std::array<char, 1> probe{};
      const auto age = loop.clock().now() - out->idle_since;
      const bool too_old = age > kIdleLimit || (!replayable && age > kFreshEnough);
      if (too_old || out->transport->try_read(probe).state != Io::State::want_read) out.reset();
    }
    if (list.empty()) idle.erase(found);
    return out;
  }

  void give_back(const std::string& origin, ConnectionPtr connection) {
    auto& list = idle[origin];
    connection->idle_since = loop.clock().now();
    if (!list.empty() && list.size() >= settings.idle_per_origin) list.erase(list.begin());
    list.push_back(std::move(connection));
    if (settings.idle_per_origin == 0) idle.erase(origin);
  }

  base::Result<std::shared_ptr<const TlsContext>> tls_for(const Url& url) {
    if (url.secure() && !tls) {
      auto made = TlsContext::client(settings.verify_peer, settings.ca_file);
      if (!made) return made;
      tls = std::move(*made);
    }
    return url.secure() ? tls : nullptr;
  }
};

namespace {

// One answer in progress, on a connection it owns until the regular end.
class Answer final : public ClientStream {
 public:
  using GiveBack = std::move_only_function<void(ConnectionPtr)>;

  Answer(ConnectionPtr connection, const HttpClientSettings& settings, bool to_head,
         base::Duration gap, GiveBack give_back)
      : connection_(std::move(connection)),
        parser_(settings.header_limit, to_head),
        peer_(peer_of(*connection_->transport)),
        gap_(gap),
        give_back_(std::move(give_back)) {}

  int status() const override { return parser_.status(); }
  const Headers& headers() const override { return parser_.headers(); }
  const IpAddress& peer() const override { return peer_; }
  bool got_any() const noexcept { return got_any_; }

  runtime::TaskResult<bool> exchange(std::string head, std::string body,
                                     base::SteadyTime write_deadline) {
    auto sent =
        co_await connection_->transport->write({io_buffer(head), io_buffer(body)}, write_deadline);
    // A server may answer and close before it has read all (413, 401): what it said is worth
    // reading.
    const auto deadline = connection_->transport->loop().clock().now() + gap_;
    while (!parser_.head_done()) {
      if (auto more = co_await feed(deadline); !more) {
        if (!sent) co_return std::unexpected(sent.error());
        co_return std::unexpected(more.error());
      }
    }
    reusable_ = sent.has_value();
    co_return true;
  }

  runtime::TaskResult<std::string> read_some() override { return next(std::nullopt); }

  runtime::TaskResult<std::string> read_all(std::size_t limit) override {
    std::string out;
    for (;;) {
      const Deadline deadline = connection_
                                    ? Deadline(connection_->transport->loop().clock().now() + gap_)
                                    : std::nullopt;
      auto piece = co_await next(deadline);
      if (!piece) co_return std::unexpected(piece.error());
      if (piece->empty()) co_return out;
      if (out.size() + piece->size() > limit) {
        connection_.reset();
        co_return base::fail(base::Code::too_large,
                             "the answer is over " + std::to_string(limit) + " bytes");
      }
      out += *piece;
    }
  }

 private:
  static IpAddress peer_of(const Transport& transport) {
    boost::system::error_code error;
    return boost::asio::ip::make_address(transport.remote_address(), error);
  }

  runtime::TaskResult<std::string> next(Deadline deadline) {
    for (;;) {
      if (auto body = parser_.take_body(); !body.empty()) co_return body;
      if (parser_.done()) {
        if (connection_ && reusable_ && parser_.keep_alive() && connection_->buffer.empty())
          give_back_(std::move(connection_));
        connection_.reset();
        co_return std::string();
      }
      if (!connection_) co_return base::fail(base::Code::unavailable, "the connection is closed");
      if (auto more = co_await feed(deadline); !more) {
        connection_.reset();
        co_return std::unexpected(more.error());
      }
    }
  }

  runtime::TaskResult<bool> feed(Deadline deadline) {
    auto bytes = co_await connection_->transport->read_some(deadline);
    if (!bytes) {
      if (bytes.error().code == base::Code::deadline_exceeded)
        bytes.error().detail = "the server did not answer in time";
      co_return std::unexpected(bytes.error());
    }
    if (bytes->empty()) {
      parser_.feed_end();
    } else {
      got_any_ = true;
      connection_->buffer.append(*bytes);
      parser_.feed(connection_->buffer);
    }
    if (parser_.error()) co_return std::unexpected(*parser_.error());
    co_return true;
  }

  ConnectionPtr connection_;
  ResponseParser parser_;
  IpAddress peer_;
  base::Duration gap_;
  GiveBack give_back_;
  bool got_any_ = false;
  bool reusable_ = false;
};

}  // namespace

HttpClient::HttpClient(runtime::Loop& loop, HttpClientSettings settings)
    : state_(std::make_shared<State>(loop, std::move(settings))) {}
HttpClient::~HttpClient() {
  close_idle();
}
void HttpClient::close_idle() {
  state_->idle.clear();
}

runtime::TaskResult<std::unique_ptr<ClientStream>> HttpClient::stream(ClientRequest request) {
  const auto state = state_;
  auto url = parse_url(request.url);
  if (!url) co_return std::unexpected(url.error());
  auto head = head_text(request, *url);
  if (!head) co_return std::unexpected(head.error());
  auto tls = state->tls_for(*url);
  if (!tls) co_return std::unexpected(tls.error());
  const auto origin = url->origin();
  const base::Duration gap = request.header_timeout.value_or(state->settings.header_timeout);
  const bool replayable = is_replayable(request);
  auto connection = state->take_idle(origin, replayable);
  for (;;) {
    const bool reused = connection != nullptr;
    if (!reused) {
      auto transport = co_await dial(state->loop, {.host = url->host,
                                                   .port = url->port,
                                                   .tls = *tls,
                                                   .limit = state->settings.connect_timeout,
                                                   .outbound = state->settings.outbound,
                                                   .resolve = state->settings.resolve});
      if (!transport) co_return std::unexpected(transport.error());
      connection = std::make_unique<Connection>(std::move(*transport));
    }
    auto answer =
        std::make_unique<Answer>(std::move(connection), state->settings, request.method == "HEAD",
                                 gap, [weak = std::weak_ptr(state), origin](ConnectionPtr idle) {
                                   if (const auto alive = weak.lock())
                                     alive->give_back(origin, std::move(idle));
                                 });
    const auto write_deadline = paced_deadline(state->loop.clock().now(), gap, request.body.size());
    auto done = co_await answer->exchange(
        *head, reused && replayable ? request.body : std::move(request.body), write_deadline);
    if (done) co_return answer;
    // The server closed an idle connection while the request was on its way: once more, on a fresh
    // one.
    const bool stale =
        reused && replayable && !answer->got_any() && done.error().code == base::Code::unavailable;
    if (!stale) co_return std::unexpected(done.error());
  }
}

runtime::TaskResult<ClientResponse> HttpClient::request(ClientRequest request) {
  const auto state = state_;
  auto left = std::min(request.redirects, kRedirectLimit);
  for (;;) {
    std::optional<ClientRequest> asked;  // what a redirect goes on from
    if (left > 0) asked = request;
    auto answer = co_await stream(std::move(request));
    if (!answer) co_return std::unexpected(answer.error());
    if (asked) {
      auto next = next_hop(*asked, (*answer)->status(), (*answer)->headers());
      if (!next) co_return std::unexpected(next.error());
      if (*next) {
        request = std::move(**next);
        --left;
        continue;
      }
    }
    auto body = co_await (*answer)->read_all(state->settings.body_limit);
    if (!body) co_return std::unexpected(body.error());
    co_return ClientResponse{.status = (*answer)->status(),
                             .headers = (*answer)->headers(),
                             .body = std::move(*body),
                             .peer = (*answer)->peer()};
  }
}

}  // namespace telltale::net
