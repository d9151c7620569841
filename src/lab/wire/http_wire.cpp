#include "lab/wire/http_wire.hpp"

#include <map>

#include "lab/wire/frame_log.hpp"
#include "net/http_client.hpp"
#include "net/sse.hpp"
#include "runtime/run.hpp"

namespace telltale::lab {
namespace {

constexpr base::Duration kLongest = std::chrono::hours(24);  // whoever drives has the deadlines

class HttpWire final : public Wire {
 public:
  HttpWire(runtime::Loop& loop, mcp::HttpTarget target, const WireLimits& limits)
      : target_(std::move(target)),
        limits_(limits),
        log_(loop, limits.frames),
        client_(loop, {.connect_timeout = limits.connect,
                       .header_timeout = std::chrono::hours(24),
                       .idle_per_origin = 0,  // a dead idle connection would look like a refusal
                       .outbound = target_.outbound}),
        tasks_(loop, "lab http wire") {}

  runtime::TaskResult<bool> open() override {
    log_.restart();
    co_return true;
  }

  base::Result<std::size_t> send(Outgoing out) override {
    const auto exchange = ++exchanges_;
    log_.add({.kind = Frame::Kind::sent, .exchange = exchange, .text = out.text});
    const runtime::CancelSource cancel;
    cancels_.insert_or_assign(exchange, cancel);
    if (!tasks_.spawn("lab.exchange", run(this, exchange, std::move(out), cancel)))
      return base::fail(base::Code::unavailable, "the wire is closed");
    return exchange;
  }
  const std::vector<Frame>& frames() const override { return log_.frames(); }
  std::size_t dropped() const override { return log_.dropped(); }
  runtime::Task<bool> changed(std::size_t known, base::Duration limit) override {
    return FrameLog::changed(&log_, known, limit);
  }
  bool is_stdio() const override { return false; }
  bool alive() const override { return true; }
  void end_input() override {}
  void kill() override {}
  void abandon(std::size_t exchange) override {
    if (const auto found = cancels_.find(exchange); found != cancels_.end()) {
      const auto cancel = found->second;
      cancel.cancel();
    }
  }
  std::optional<net::ProcessExit> exit() const override { return std::nullopt; }
  runtime::Task<> close() override {
    co_await tasks_.stop();
    client_.close_idle();
  }

 private:
  static runtime::Task<> run(HttpWire* self, std::size_t exchange, Outgoing out,
                             runtime::CancelSource cancel) {
    auto done = co_await runtime::with_timeout<bool>(kLongest, "too long",
                                                     read(self, exchange, std::move(out)), cancel);
    self->cancels_.erase(exchange);
    if (!done)
      self->log_.add(
          {.kind = Frame::Kind::failed, .exchange = exchange, .text = done.error().detail});
  }

  static runtime::TaskResult<bool> read(HttpWire* self, std::size_t exchange, Outgoing out) {
    net::ClientRequest request{.method = std::move(out.method),
                               .url = self->target_.url,
                               .headers = self->target_.headers,
                               .body = std::move(out.text)};
    for (const auto& [name, value] : out.headers) request.headers.set(name, value);
    auto answer = co_await self->client_.stream(std::move(request));
    if (!answer) co_return std::unexpected(answer.error());
    self->log_.add({.kind = Frame::Kind::head,
                    .exchange = exchange,
                    .status = (*answer)->status(),
                    .headers = (*answer)->headers()});
    const bool events =
        (*answer)->headers().get_or("content-type", "").starts_with("text/event-stream");
    net::SseParser parser(self->limits_.message);
    std::string body;
    for (;;) {
      auto piece = co_await (*answer)->read_some();
      if (!piece) co_return std::unexpected(piece.error());
      if (piece->empty()) break;
      if (events) {
        auto parsed = parser.feed(*piece);
        if (!parsed) co_return std::unexpected(parsed.error());
        for (auto& event : *parsed)
          if (event.has_data && !event.data.empty())
            self->log_.add({.kind = Frame::Kind::message,
                            .exchange = exchange,
                            .text = std::move(event.data),
                            .event_id = std::move(event.id)});
      } else {
        body += *piece;
        if (body.size() > self->limits_.message)
          co_return base::fail(base::Code::too_large, "the body is over the limit");
      }
    }
    if (!body.empty())
      self->log_.add({.kind = Frame::Kind::message, .exchange = exchange, .text = std::move(body)});
    self->log_.add({.kind = Frame::Kind::end, .exchange = exchange});
    co_return true;
  }

  mcp::HttpTarget target_;
  WireLimits limits_;
  FrameLog log_;
  net::HttpClient client_;
  runtime::TaskGroup tasks_;
  std::map<std::size_t, runtime::CancelSource> cancels_;
  std::size_t exchanges_ = 0;
};

}  // namespace

std::shared_ptr<Wire> make_http_wire(runtime::Loop& loop, mcp::HttpTarget target,
                                     const WireLimits& limits) {
  return std::make_shared<HttpWire>(loop, std::move(target), limits);
}

}  // namespace telltale::lab
