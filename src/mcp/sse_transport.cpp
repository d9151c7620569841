// The old HTTP+SSE transport (2024-11-05 basic/transports): one stream from the server, whose first
// event names where to post. The end of the stream is the end of the session.
#include "mcp/authorized.hpp"
#include "mcp/transport.hpp"
#include "net/http_client.hpp"
#include "net/sse.hpp"
#include "net/url.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::mcp {
namespace {

constexpr base::Duration kEndpointLimit = std::chrono::seconds(15);
constexpr std::size_t kAnswerLimit = 1U << 20U;  // to a POST; what it says comes over the stream

class SseTransport final : public Transport {
 public:
  SseTransport(runtime::Loop& loop, HttpTarget target, TransportListener& listener)
      : target_(std::move(target)),
        listener_(listener),
        client_(loop, {.header_timeout = std::chrono::seconds(30), .outbound = target_.outbound}),
        tasks_(loop, "mcp sse"),
        endpoint_(loop) {}

  runtime::TaskResult<bool> open() override {
    tasks_.spawn("mcp.sse", read_stream(this));
    auto found = co_await endpoint_.wait_for(kEndpointLimit);
    if (!found)
      co_return base::fail(base::Code::deadline_exceeded, "the server sent no endpoint event");
    if (!*found) co_return std::unexpected(found->error());
    co_return true;
  }

  base::Result<void> send(std::string text, SendHints hints) override {
    listener_.on_tap('>', text);
    if (closing_ || !tasks_.spawn("mcp.post", post(this, std::move(text), hints.id)))
      return base::fail(base::Code::unavailable, "the session is closing");
    return {};
  }
  void abandon(std::int64_t) override {}
  void set_version(Era, std::string version) override { version_ = std::move(version); }
  void session_ready() override {}
  runtime::Task<> close(base::Duration) override {
    closing_ = true;
    co_await tasks_.stop();
  }
  TransportKind kind() const override { return TransportKind::sse; }

 private:
  static runtime::Task<> post(SseTransport* self, std::string text,
                              std::optional<std::int64_t> id) {
    if (!self->endpoint_.is_set() || !self->endpoint_.value()) co_return;
    net::ClientRequest request{
        .method = "POST", .url = *self->endpoint_.value(), .headers = self->target_.headers};
    request.headers.set("content-type", "application/json");
    if (!self->version_.empty()) request.headers.set("mcp-protocol-version", self->version_);
    request.body = std::move(text);
    auto answer =
        co_await authorized_stream(&self->client_, self->target_.authorizer, std::move(request));
    const int status = answer ? (*answer)->status() : 0;
    if (answer) co_await (*answer)->read_all(kAnswerLimit);  // the connection can be used again
    if (status >= 200 && status <= 299) co_return;
    base::Error error{.code = base::Code::remote};
    if (answer) {
      error.detail = "the server answered HTTP " + std::to_string(status);
      error.data["http_status"] = status;
    } else {
      error = answer.error();
    }
    if (!id)
      self->listener_.on_finding({"http.message-refused", error.detail});
    else if (self->listener_.waits_for(*id))
      self->listener_.on_failed(*id, std::move(error));
  }

  static runtime::Task<> read_stream(SseTransport* self) {
    net::ClientRequest request{.url = self->target_.url, .headers = self->target_.headers};
    request.headers.set("accept", "text/event-stream");
    auto stream =
        co_await authorized_stream(&self->client_, self->target_.authorizer, std::move(request));
    base::Error end{.code = base::Code::unavailable, .detail = "the event stream ended"};
    if (!stream) {
      end = stream.error();
    } else if ((*stream)->status() != 200 ||
               !(*stream)->headers().get_or("content-type", "").starts_with("text/event-stream")) {
      end = {.code = base::Code::remote,
             .detail = "no event stream: HTTP " + std::to_string((*stream)->status())};
      end.data["http_status"] = (*stream)->status();
    } else {
      net::SseParser parser;
      for (;;) {
        auto piece = co_await (*stream)->read_some();
        if (!piece || piece->empty()) break;
        auto events = parser.feed(*piece);
        if (!events) {
          end = events.error();
          self->listener_.on_finding({"sse.event-too-long", end.detail, true});
          break;
        }
        for (const auto& event : *events) self->take(event);
      }
    }
    const bool before_endpoint = self->endpoint_.set(std::unexpected(end));
    if (!before_endpoint && !std::exchange(self->closing_, true)) self->listener_.on_closed(end);
  }

  void take(const net::SseEvent& event) {
    if (event.event == "endpoint") return take_endpoint(event.data);
    if (!event.data.empty()) listener_.on_text(event.data, "sse.not-json");
  }

  // Our headers may carry a token: they go to the origin the user named and to no other.
  void take_endpoint(const std::string& reference) {
    auto url = net::resolve_url(target_.url, reference);
    const auto ours = net::parse_url(target_.url);
    const auto theirs = net::parse_url(url ? *url : std::string());
    if (!theirs || !ours || theirs->origin() != ours->origin())
      endpoint_.set(base::fail(base::Code::protocol, "the endpoint event names another origin"));
    else
      endpoint_.set(std::move(*url));
  }

  HttpTarget target_;
  TransportListener& listener_;
  net::HttpClient client_;
  runtime::TaskGroup tasks_;
  runtime::OneShot<base::Result<std::string>> endpoint_;
  std::string version_;
  bool closing_ = false;
};

}  // namespace

std::unique_ptr<Transport> open_sse_transport(runtime::Loop& loop, HttpTarget target,
                                              TransportListener& listener) {
  return std::make_unique<SseTransport>(loop, std::move(target), listener);
}

}  // namespace telltale::mcp
