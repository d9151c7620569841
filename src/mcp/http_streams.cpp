// The streams of HttpTransport: the answer to a POST, taken up again where it broke (2025-11-25
// basic/transports, "Resumability and Redelivery"; there is none in 2026-07-28), and the server's
// own stream.
#include "mcp/authorized.hpp"
#include "mcp/http_transport.hpp"
#include "runtime/sync.hpp"

namespace telltale::mcp {
namespace {

constexpr int kResumeLimit = 10;  // in a row without a single event
constexpr std::chrono::milliseconds kRetry{1'000};
constexpr std::chrono::milliseconds kLongestRetry{30'000};
constexpr base::Duration kLinger = std::chrono::milliseconds(500);

// `retry` comes from the server: respected, but not without bounds.
std::chrono::milliseconds wait_of(const net::SseParser& parser,
                                  std::chrono::milliseconds otherwise) {
  return std::min(parser.retry().value_or(otherwise), std::chrono::milliseconds(300'000));
}

// It will not help to ask again.
bool is_final(const base::Error& error) {
  const auto status = base::find_integer(error.data, "http_status").value_or(0);
  return status != 0 && status < 500 && status != 408 && status != 429;
}

}  // namespace

void HttpTransport::take_event(const net::SseEvent& event) {
  if (!event.data.empty())
    listener_.on_text(event.data, "sse.not-json");  // else it only primes Last-Event-ID
}

runtime::TaskResult<bool> HttpTransport::read_answer_stream(HttpTransport* self, Stream stream,
                                                            std::optional<std::int64_t> id) {
  net::SseParser parser;
  std::string last_event_id;
  auto retry = kRetry;
  for (int fruitless = 0;;) {
    base::Error broken{.code = base::Code::unavailable,
                       .detail = "the server closed the stream before its answer"};
    for (;;) {
      auto piece = co_await stream->read_some();
      if (!piece) broken = piece.error();
      if (!piece || piece->empty()) break;
      auto events = parser.feed(*piece);
      if (!events) co_return std::unexpected(events.error());
      for (const auto& event : *events) self->take_event(event);
      if (!events->empty()) fruitless = 0;
      // Answered: a server that leaves the stream open after that is not listened to for long.
      if (id && !self->listener_.waits_for(*id)) co_return co_await drain(self, std::move(stream));
    }
    if (!id || !self->listener_.waits_for(*id)) co_return true;
    if (!parser.last_event_id().empty()) last_event_id = parser.last_event_id();
    if (self->version_.era != Era::legacy || last_event_id.empty() || fruitless++ >= kResumeLimit)
      co_return std::unexpected(broken);
    stream.reset();
    retry = wait_of(parser, retry);
    co_await runtime::sleep_for(retry);
    auto again = co_await resume(self, last_event_id);
    for (auto wait = retry; !again && fruitless < kResumeLimit;
         ++fruitless, wait = std::min(wait * 2, kLongestRetry)) {
      if (is_final(again.error())) break;
      co_await runtime::sleep_for(wait);
      again = co_await resume(self, last_event_id);
    }
    if (!again) co_return std::unexpected(again.error());
    stream = std::move(*again);
    parser = net::SseParser();
  }
}

// Waits a little for the regular end, so that the connection can be used again.
runtime::TaskResult<bool> HttpTransport::drain(HttpTransport* self, Stream stream) {
  const auto rest = [](HttpTransport* transport,
                       net::ClientStream* open) -> runtime::TaskResult<bool> {
    net::SseParser parser;
    for (;;) {
      auto piece = co_await open->read_some();
      if (!piece || piece->empty()) co_return true;
      if (auto events = parser.feed(*piece))
        for (const auto& event : *events) transport->take_event(event);
    }
  };
  auto ended =
      co_await runtime::with_timeout<bool>(kLinger, "still open", rest(self, stream.get()));
  if (!ended && ended.error().code != base::Code::deadline_exceeded) co_return ended;
  co_return true;
}

runtime::TaskResult<HttpTransport::Stream> HttpTransport::resume(HttpTransport* self,
                                                                 std::string last_event_id) {
  net::ClientRequest request{
      .url = self->target_.url,
      .headers = http_stream_headers(self->target_.headers, self->version_, last_event_id)};
  auto stream =
      co_await authorized_stream(&self->client_, self->target_.authorizer, std::move(request));
  if (!stream) co_return stream;
  const int status = (*stream)->status();
  if (status == 200 &&
      (*stream)->headers().get_or("content-type", "").starts_with("text/event-stream"))
    co_return stream;
  auto error = refusal(status, "", !self->version_.session_id.empty());
  error.detail = "the broken stream cannot be taken up again: " + error.detail;
  co_return std::unexpected(std::move(error));
}

void HttpTransport::session_ready() {
  if (listening_) listening_->cancel();
  listening_.emplace();
  tasks_.spawn("mcp.listen", run_listen(this, *listening_));
}

runtime::Task<> HttpTransport::run_listen(HttpTransport* self, runtime::CancelSource cancel) {
  constexpr base::Duration kLongest = std::chrono::hours(24 * 366);
  auto ended = co_await runtime::with_timeout<bool>(kLongest, "too long", listen(self), cancel);
  if (ended || cancel.cancelled()) co_return;
  if (ended.error().data.contains("session_lost")) self->listener_.on_session_lost();
}

// Notifications and requests outside any call ("Listening for Messages from the Server"). 405: this
// server has no such stream.
runtime::TaskResult<bool> HttpTransport::listen(HttpTransport* self) {
  auto wait = kRetry;
  std::string last_event_id;
  for (;;) {
    net::SseParser parser;
    auto stream = co_await resume(self, last_event_id);
    if (!stream && is_final(stream.error())) co_return std::unexpected(stream.error());
    while (stream) {
      auto piece = co_await (*stream)->read_some();
      if (!piece || piece->empty()) break;
      auto events = parser.feed(*piece);
      if (!events) co_return std::unexpected(events.error());
      for (const auto& event : *events) self->take_event(event);
      wait = kRetry;
    }
    if (!parser.last_event_id().empty()) last_event_id = parser.last_event_id();
    if (stream) stream->reset();
    co_await runtime::sleep_for(wait_of(parser, wait));
    wait = std::min(wait * 2, kLongestRetry);
  }
}

}  // namespace telltale::mcp
