// The old HTTP+SSE transport (2024-11-05): one stream from the server, whose first event names
// where to post.
#include "mcp/wire.hpp"
#include "net/http_client.hpp"
#include "net/sse.hpp"
#include "net/url.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::mcp {
namespace {

class SseWire final : public Wire {
 public:
  SseWire(runtime::Loop& loop, HttpTarget target, WireEvents events)
      : target_(std::move(target)),
        events_(std::move(events)),
        client_(loop, {.header_timeout = std::chrono::seconds(30)}),
        tasks_(loop, "mcp sse"),
        endpoint_(loop) {}

  runtime::TaskResult<bool> open() override {
    tasks_.spawn("mcp.sse", read_stream(this));
    auto found = co_await endpoint_.wait_for(std::chrono::seconds(15));
    if (!found)
      co_return base::fail(base::Code::deadline_exceeded, "the server sent no endpoint event");
    if (!*found) co_return std::unexpected(found->error());
    co_return true;
  }

  base::Result<void> send(const base::JsonObject& message, SendHints hints) override {
    auto text = base::write_json(message);
    events_.on_text('>', text);
    if (!tasks_.spawn("mcp.post", post(this, std::move(text), hints.id)))
      return base::fail(base::Code::unavailable, "the session is closing");
    return {};
  }
  void abandon(std::int64_t) override {}
  void set_session(Era, std::string version) override { version_ = std::move(version); }
  void session_ready() override {}
  runtime::Task<> close(base::Duration) override {
    closing_ = true;
    co_await tasks_.stop();
  }
  TransportKind kind() const override { return TransportKind::sse; }

 private:
  static runtime::Task<> post(SseWire* self, std::string text, std::optional<std::int64_t> id) {
    net::ClientRequest request{
        .method = "POST", .url = self->endpoint_.value().value(), .headers = self->target_.headers};
    request.headers.set("content-type", "application/json");
    if (!self->version_.empty()) request.headers.set("mcp-protocol-version", self->version_);
    request.body = std::move(text);
    auto answer = co_await self->client_.request(std::move(request));
    if (!id || !self->events_.is_pending(*id)) co_return;
    if (!answer) {
      self->events_.on_failed(*id, answer.error());
    } else if (answer->status > 299) {
      base::Error error{.code = base::Code::remote,
                        .detail = "the server answered HTTP " + std::to_string(answer->status)};
      error.data["http_status"] = answer->status;
      self->events_.on_failed(*id, std::move(error));
    }
  }

  static runtime::Task<> read_stream(SseWire* self) {
    net::ClientRequest request{.url = self->target_.url, .headers = self->target_.headers};
    request.headers.set("accept", "text/event-stream");
    auto stream = co_await self->client_.stream(std::move(request));
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
        if (!events) break;
        for (const auto& event : *events) self->take(event);
      }
    }
    const bool before_endpoint = self->endpoint_.set(std::unexpected(end));
    if (!before_endpoint && !self->closing_) self->events_.on_closed(end);
  }

  void take(const net::SseEvent& event) {
    if (event.event == "endpoint") {
      auto url = net::resolve_url(target_.url, event.data);
      const auto ours = net::parse_url(target_.url);
      const auto theirs =
          url ? net::parse_url(*url) : base::Result<net::Url>(std::unexpected(url.error()));
      // Our headers may carry a token: they go to the host the user named and to no other.
      if (!theirs || !ours || theirs->origin() != ours->origin())
        endpoint_.set(base::fail(base::Code::protocol, "the endpoint event names another origin"));
      else
        endpoint_.set(std::move(*url));
      return;
    }
    events_.on_text('<', event.data);
    deliver_text(event.data, events_, "sse.not-json");
  }

  HttpTarget target_;
  WireEvents events_;
  net::HttpClient client_;
  runtime::TaskGroup tasks_;
  runtime::OneShot<base::Result<std::string>> endpoint_;
  std::string version_;
  bool closing_ = false;
};

}  // namespace

std::unique_ptr<Wire> sse_wire(runtime::Loop& loop, HttpTarget target, WireEvents events) {
  return std::make_unique<SseWire>(loop, std::move(target), std::move(events));
}

}  // namespace telltale::mcp
