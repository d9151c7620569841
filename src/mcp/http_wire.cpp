// Streamable HTTP, both eras (basic/transports/streamable-http of 2026-07-28, basic/transports of
// 2025-11-25).
#include <map>

#include "base/encoding.hpp"
#include "mcp/wire.hpp"
#include "net/http_client.hpp"
#include "net/sse.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::mcp {
namespace {

constexpr base::Duration kLongest = std::chrono::hours(24);
constexpr std::size_t kBodyLimit = 32U << 20U;
constexpr int kResumeLimit = 10;

bool plain_ascii(std::string_view value) {
  if (value.empty()) return true;
  if (value.front() == ' ' || value.front() == '\t' || value.back() == ' ' || value.back() == '\t')
    return false;
  for (const char c : value)
    if (c != '\t' && (c < 0x20 || c > 0x7e)) return false;
  return !value.starts_with("=?base64?");
}

std::string header_value(const std::string& value) {
  return plain_ascii(value) ? value : "=?base64?" + base::base64_encode(value) + "?=";
}

class HttpWire final : public Wire {
 public:
  HttpWire(runtime::Loop& loop, HttpTarget target, WireEvents events)
      : target_(std::move(target)),
        events_(std::move(events)),
        client_(loop, {.header_timeout = std::chrono::hours(1)}),
        tasks_(loop, "mcp http") {}

  runtime::TaskResult<bool> open() override { co_return true; }

  base::Result<void> send(const base::JsonObject& message, SendHints hints) override {
    auto text = base::write_json(message);
    events_.on_text('>', text);
    runtime::CancelSource cancel;
    if (hints.id) cancels_.insert_or_assign(*hints.id, cancel);
    if (!tasks_.spawn("mcp.post", guarded(this, std::move(text), std::move(hints), cancel)))
      return base::fail(base::Code::unavailable, "the session is closing");
    return {};
  }

  void abandon(std::int64_t id) override {
    const auto found = cancels_.find(id);
    if (found == cancels_.end()) return;
    const auto cancel = found->second;
    cancels_.erase(found);
    cancel.cancel();  // closes the stream: that is how a modern server hears of it
  }

  void set_session(Era era, std::string version) override {
    era_ = era;
    version_ = std::move(version);
  }
  void session_ready() override { tasks_.spawn("mcp.listen", listen(this)); }

  runtime::Task<> close(base::Duration grace) override {
    if (!session_id_.empty()) {
      auto request = base_request("DELETE");
      request.header_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(grace);
      // Best effort: a server may answer 405, and one that is gone needs no goodbye.
      auto said = co_await client_.request(std::move(request));
      if (!said) events_.on_text('!', said.error().detail);
    }
    co_await tasks_.stop();
  }
  TransportKind kind() const override { return TransportKind::http; }

 private:
  net::ClientRequest base_request(std::string method) const {
    net::ClientRequest out{
        .method = std::move(method), .url = target_.url, .headers = target_.headers};
    out.headers.set("accept", out.method == "GET" ? "text/event-stream"
                                                  : "application/json, text/event-stream");
    if (!session_id_.empty()) out.headers.set("mcp-session-id", session_id_);
    if (!version_.empty()) out.headers.set("mcp-protocol-version", version_);
    return out;
  }

  static runtime::Task<> guarded(HttpWire* self, std::string text, SendHints hints,
                                 runtime::CancelSource cancel) {
    const auto id = hints.id;
    auto done = co_await runtime::with_timeout<bool>(
        kLongest, "too long", post(self, std::move(text), std::move(hints)), cancel);
    if (!id) co_return;
    self->cancels_.erase(*id);
    if (!done && self->events_.is_pending(*id)) self->events_.on_failed(*id, done.error());
  }

  static runtime::TaskResult<bool> post(HttpWire* self, std::string text, SendHints hints) {
    auto request = self->base_request("POST");
    request.headers.set("content-type", "application/json");
    if (self->era_ == Era::modern) {
      request.headers.set("mcp-method", hints.method);
      if (!hints.name.empty()) request.headers.set("mcp-name", header_value(hints.name));
      for (const auto& [name, value] : hints.parameters)
        request.headers.set("mcp-param-" + name, header_value(value));
    }
    request.body = std::move(text);
    const bool had_session = !self->session_id_.empty();
    auto answer = co_await self->client_.stream(std::move(request));
    if (!answer) co_return std::unexpected(answer.error());
    auto& stream = **answer;
    if (const auto session = stream.headers().get("mcp-session-id");
        session && hints.method == "initialize")
      self->session_id_ = *session;
    if (stream.status() < 200 || stream.status() > 299)
      co_return co_await refused(self, std::move(*answer), hints, had_session);
    if (stream.headers().get_or("content-type", "").starts_with("text/event-stream"))
      co_return co_await read_events(self, std::move(*answer), hints.id);
    auto body = co_await stream.read_all(kBodyLimit);
    if (!body) co_return std::unexpected(body.error());
    if (!body->empty()) {
      self->events_.on_text('<', *body);
      deliver_text(*body, self->events_, "http.not-json");
    }
    if (hints.id && self->events_.is_pending(*hints.id))
      co_return base::fail(
          base::Code::protocol,
          "the server answered " + std::to_string(stream.status()) + " without a result");
    co_return true;
  }

  static runtime::TaskResult<bool> refused(HttpWire* self,
                                           std::unique_ptr<net::ClientStream> answer,
                                           SendHints hints, bool had_session) {
    const int status = answer->status();
    auto body = co_await answer->read_all(1U << 20U);
    base::Error error{.code = base::Code::remote,
                      .detail = "the server answered HTTP " + std::to_string(status)};
    if (status == 401 || status == 403) error.detail += " (it wants authorisation)";
    error.data["http_status"] = status;
    if (body) {
      self->events_.on_text('<', *body);
      if (auto parsed = base::parse_json(*body); parsed && parsed->is_object())
        if (const auto* rpc = base::find_object(parsed->get_object(), "error")) {
          error.data["rpc"] = *rpc;
          error.detail = base::string_or(*rpc, "message", error.detail);
        }
    }
    // A session that is gone is made anew by the client (2025-11-25 basic/transports, session
    // management).
    if (status == 404 && had_session && self->era_ == Era::legacy) {
      self->session_id_.clear();
      error.data["session_lost"] = true;
    }
    if (hints.id) self->events_.on_failed(*hints.id, std::move(error));
    co_return true;
  }

  // Reads a stream to its end, and when it broke before the answer came, takes it up again where it
  // stopped (legacy).
  static runtime::TaskResult<bool> read_events(HttpWire* self,
                                               std::unique_ptr<net::ClientStream> stream,
                                               std::optional<std::int64_t> id) {
    net::SseParser parser;
    for (int resumed = 0;; ++resumed) {
      base::Error broken{.code = base::Code::unavailable,
                         .detail = "the server closed the stream before its answer"};
      for (;;) {
        auto piece = co_await stream->read_some();
        if (!piece) broken = piece.error();
        if (!piece || piece->empty()) break;
        auto events = parser.feed(*piece);
        if (!events) co_return std::unexpected(events.error());
        for (const auto& event : *events) self->take_event(event);
      }
      if (id && !self->events_.is_pending(*id)) co_return true;
      const bool can_resume =
          self->era_ == Era::legacy && !parser.last_event_id().empty() && resumed < kResumeLimit;
      if (!can_resume) {
        if (!id) co_return true;
        co_return std::unexpected(broken);
      }
      co_await runtime::sleep_for(parser.retry().value_or(std::chrono::milliseconds(1000)));
      auto request = self->base_request("GET");
      request.headers.set("last-event-id", parser.last_event_id());
      auto again = co_await self->client_.stream(std::move(request));
      if (!again) co_return std::unexpected(again.error());
      if ((*again)->status() != 200) co_return std::unexpected(broken);
      stream = std::move(*again);
    }
  }

  void take_event(const net::SseEvent& event) {
    if (event.data.empty()) return;  // priming
    events_.on_text('<', event.data);
    deliver_text(event.data, events_, "sse.not-json");
  }

  // The server's own stream: notifications and requests outside any call. 405 means it has none.
  static runtime::Task<> listen(HttpWire* self) {
    auto wait = std::chrono::milliseconds(1000);
    std::string last_id;
    for (;;) {
      auto request = self->base_request("GET");
      if (!last_id.empty()) request.headers.set("last-event-id", last_id);
      auto stream = co_await self->client_.stream(std::move(request));
      if (stream && (*stream)->status() != 200) co_return;
      net::SseParser parser;
      while (stream) {
        auto piece = co_await (*stream)->read_some();
        if (!piece || piece->empty()) break;
        auto events = parser.feed(*piece);
        if (!events) break;
        for (const auto& event : *events) self->take_event(event);
        wait = std::chrono::milliseconds(1000);
      }
      if (!parser.last_event_id().empty()) last_id = parser.last_event_id();
      co_await runtime::sleep_for(parser.retry().value_or(wait));
      wait = std::min(wait * 2, std::chrono::milliseconds(30'000));
    }
  }

  HttpTarget target_;
  WireEvents events_;
  net::HttpClient client_;
  runtime::TaskGroup tasks_;
  std::map<std::int64_t, runtime::CancelSource> cancels_;
  Era era_ = Era::legacy;
  std::string version_;
  std::string session_id_;
};

}  // namespace

std::unique_ptr<Wire> http_wire(runtime::Loop& loop, HttpTarget target, WireEvents events) {
  return std::make_unique<HttpWire>(loop, std::move(target), std::move(events));
}

}  // namespace telltale::mcp
