#include "mcp/http_transport.hpp"

#include "mcp/authorized.hpp"
#include "net/url.hpp"

namespace telltale::mcp {
namespace {

constexpr base::Duration kLongest = std::chrono::hours(24 * 366);  // the session has the deadlines
constexpr std::size_t kBodyLimit = 32U << 20U;
constexpr std::size_t kRefusalLimit = 1U << 20U;
constexpr int kRedirectLimit = 3;
constexpr std::chrono::milliseconds kUnansweredLimit{60'000};  // of what waits for no result

bool is_type(const net::Headers& headers, std::string_view type) {
  return headers.get_or("content-type", "").starts_with(type);
}

}  // namespace

HttpTransport::HttpTransport(runtime::Loop& loop, HttpTarget target, TransportListener& listener)
    : target_(std::move(target)),
      listener_(listener),
      client_(loop, {.header_timeout = std::chrono::hours(24), .outbound = target_.outbound}),
      tasks_(loop, "mcp http") {}

base::Result<void> HttpTransport::send(std::string text, SendHints hints) {
  if (closing_) return base::fail(base::Code::unavailable, "the session is closing");
  listener_.on_tap('>', text);
  const runtime::CancelSource cancel;
  const auto id = hints.id;
  if (id) cancels_.insert_or_assign(*id, cancel);
  if (tasks_.spawn("mcp.post", run_post(this, std::move(text), std::move(hints), cancel)))
    return {};
  if (id) cancels_.erase(*id);
  return base::fail(base::Code::unavailable, "the session is closing");
}

void HttpTransport::abandon(std::int64_t id) {
  const auto found = cancels_.find(id);
  if (found == cancels_.end()) return;
  const auto cancel = found->second;
  cancels_.erase(found);
  cancel.cancel();
}

void HttpTransport::set_version(Era era, std::string version) {
  version_.era = era;
  version_.version = std::move(version);
  if (version_.version.empty()) version_.session_id.clear();  // initialize belongs to no session
}

runtime::Task<> HttpTransport::close(base::Duration grace) {
  closing_ = true;
  if (!version_.session_id.empty()) {
    // Best effort: the server may answer 405, and one that is gone needs no goodbye.
    net::ClientRequest goodbye{.method = "DELETE",
                               .url = target_.url,
                               .headers = http_stream_headers(target_.headers, version_, "")};
    auto said = co_await runtime::with_timeout<Stream>(
        grace, "no answer to DELETE",
        authorized_stream(&client_, target_.authorizer, std::move(goodbye)));
    if (!said) listener_.on_finding({"http.session-not-ended", said.error().detail});
    version_.session_id.clear();
  }
  co_await tasks_.stop();
  cancels_.clear();
  client_.close_idle();
}

runtime::Task<> HttpTransport::run_post(HttpTransport* self, std::string text, SendHints hints,
                                        runtime::CancelSource cancel) {
  const auto id = hints.id;
  auto done = co_await runtime::with_timeout<bool>(
      kLongest, "too long", post(self, std::move(text), std::move(hints)), cancel);
  if (id) self->cancels_.erase(*id);
  if (done) co_return;
  if (id && self->listener_.waits_for(*id))
    self->listener_.on_failed(*id, done.error());
  else if (!id)
    self->listener_.on_finding({"http.message-not-sent", done.error().detail});
}

runtime::TaskResult<bool> HttpTransport::post(HttpTransport* self, std::string text,
                                              SendHints hints) {
  const bool had_session = self->version_.era == Era::legacy && !self->version_.session_id.empty();
  auto answer = co_await open_post(self, std::move(text), hints);
  if (!answer) co_return std::unexpected(answer.error());
  const auto& headers = (*answer)->headers();
  if (hints.method == "initialize") self->take_session_id(headers);
  const int status = (*answer)->status();
  if (status < 200 || status > 299)
    co_return co_await read_refusal(self, std::move(*answer), std::move(hints), had_session);
  if (const auto coding = headers.get("content-encoding"); coding && *coding != "identity")
    co_return base::fail(base::Code::protocol,
                         "the server compressed an answer though we did not offer it");
  if (is_type(headers, "text/event-stream"))
    co_return co_await read_answer_stream(self, std::move(*answer), hints.id);
  co_return co_await read_body(self, std::move(*answer), std::move(hints));
}

// The head of the answer; redirects within the origin that keep the method are followed (H1: across
// hosts never).
runtime::TaskResult<HttpTransport::Stream> HttpTransport::open_post(HttpTransport* self,
                                                                    std::string text,
                                                                    SendHints hints) {
  for (int hop = 0;; ++hop) {
    net::ClientRequest request{
        .method = "POST",
        .url = self->target_.url,
        .headers = http_headers(self->target_.headers, self->version_, hints),
        .body = text};
    if (!hints.id) request.header_timeout = kUnansweredLimit;
    auto answer =
        co_await authorized_stream(&self->client_, self->target_.authorizer, std::move(request));
    if (!answer || hop == kRedirectLimit || !self->follow_redirect(**answer)) co_return answer;
  }
}

bool HttpTransport::follow_redirect(const net::ClientStream& answer) {
  if (answer.status() != 307 && answer.status() != 308) return false;
  auto url = net::resolve_url(target_.url, answer.headers().get_or("location", ""));
  const auto ours = net::parse_url(target_.url);
  const auto theirs = net::parse_url(url ? *url : std::string());
  if (!ours || !theirs || ours->origin() != theirs->origin()) {
    listener_.on_finding({"http.redirect", "a redirect to another origin is not followed"});
    return false;
  }
  target_.url = std::move(*url);
  return true;
}

void HttpTransport::take_session_id(const net::Headers& headers) {
  const auto session = headers.get("mcp-session-id");
  if (!session) return;
  if (is_session_id(*session))
    version_.session_id = *session;
  else
    listener_.on_finding({"http.session-id", "a session id that is not visible ASCII"});
}

runtime::TaskResult<bool> HttpTransport::read_refusal(HttpTransport* self, Stream answer,
                                                      SendHints hints, bool had_session) {
  const int status = answer->status();
  const std::string challenge(answer->headers().get_or("www-authenticate", ""));
  auto body = co_await answer->read_all(kRefusalLimit);
  if (body && !body->empty()) self->listener_.on_tap('<', *body);
  auto error = refusal(status, body ? *body : std::string(), had_session);
  if (!challenge.empty()) error.data["www_authenticate"] = challenge;
  const bool lost = error.data.contains("session_lost");
  if (lost && status != 404)
    self->listener_.on_finding(
        {"http.session-lost-status",
         "a lost session is answered " + std::to_string(status) + ", not 404"});
  if (hints.id) {
    if (self->listener_.waits_for(*hints.id))
      self->listener_.on_failed(*hints.id, std::move(error));
  } else if (lost) {
    self->listener_.on_session_lost();
  } else {
    self->listener_.on_finding({"http.message-refused", hints.method + ": " + error.detail});
  }
  co_return true;
}

runtime::TaskResult<bool> HttpTransport::read_body(HttpTransport* self, Stream answer,
                                                   SendHints hints) {
  const int status = answer->status();
  const std::string type(answer->headers().get_or("content-type", ""));
  auto body = co_await answer->read_all(kBodyLimit);
  if (!body) co_return std::unexpected(body.error());
  if (!body->empty()) {
    if (!type.starts_with("application/json"))
      self->listener_.on_finding(
          {"http.content-type", "an answer of type \"" + type.substr(0, 80) + "\""});
    self->listener_.on_text(*body, "http.not-json");
  }
  if (hints.id && self->listener_.waits_for(*hints.id))
    co_return base::fail(base::Code::protocol, "the server answered HTTP " +
                                                   std::to_string(status) + " without a result");
  co_return true;
}

std::unique_ptr<Transport> open_http_transport(runtime::Loop& loop, HttpTarget target,
                                               TransportListener& listener) {
  return std::make_unique<HttpTransport>(loop, std::move(target), listener);
}

}  // namespace telltale::mcp
