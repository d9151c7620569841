#include "mcp/session.hpp"

#include "base/encoding.hpp"
#include "mcp/protocol.hpp"
#include "mcp/subscriptions.hpp"
#include "mcp/volley.hpp"
#include "runtime/uncancelled.hpp"

namespace telltale::mcp {

Session::Session(runtime::Loop& loop, TransportKind kind, TransportFactory factory,
                 ClientSettings settings, Listener listener)
    : loop_(loop),
      kind_(kind),
      factory_(std::move(factory)),
      settings_(std::move(settings)),
      listener_(std::move(listener)),
      server_requests_(listener_),
      tasks_(loop, "mcp client"),
      calls_(loop),
      subscriptions_(std::make_unique<Subscriptions>(loop)) {}

Session::~Session() = default;

// However a caller goes away — answer, deadline, cancellation — the id is forgotten, and a server
// that still works on it is told: by notifications/cancelled, or where that is the signal by the
// end of its stream (basic/patterns/cancellation).
class Session::Forget {
 public:
  Forget(Session& session, std::int64_t id, bool cancellable, bool exempt)
      : session_(session), id_(id), cancellable_(cancellable), exempt_(exempt) {
    session_.exempt_ += exempt_ ? 1 : 0;
  }
  Forget(const Forget&) = delete;
  Forget& operator=(const Forget&) = delete;
  ~Forget() {
    session_.exempt_ -= exempt_ ? 1 : 0;
    const bool unanswered = session_.calls_.forget(id_);
    if (!unanswered || session_.closed_ || session_.ended_ || !session_.transport_) return;
    const bool stream_is_signal =
        session_.era_ == Era::modern && session_.transport_->kind() != TransportKind::stdio;
    if (cancellable_ && !stream_is_signal) session_.tell_cancelled(id_);
    session_.transport_->abandon(id_);
  }

 private:
  Session& session_;
  std::int64_t id_;
  bool cancellable_;
  bool exempt_;
};

runtime::TaskResult<base::JsonObject> Session::exchange(Exchange asked) {
  const auto self = shared_from_this();
  if (closed_ || ended_ || !transport_)
    co_return base::fail(base::Code::unavailable, "not connected");
  if (!asked.exempt && calls_in_flight() >= settings_.in_flight_limit)
    co_return base::fail(base::Code::rate_limited, "too many calls in flight to this server");

  const auto limit = asked.options.timeout.value_or(settings_.request_timeout);
  const auto [id, call] = calls_.begin(limit, settings_.request_ceiling, std::move(asked.options));
  const Forget forget(*this, id, asked.cancellable, asked.exempt);
  auto hints = hints_of(asked, id);
  add_meta(asked.params, id, call->options());
  runtime::Span writing(call->options().trace, "write");
  const auto message = request_message(id, asked.method, std::move(asked.params));
  auto text = base::write_json(message);
  if (const auto& traffic = call->options().traffic) traffic->sent += text.size();
  if (auto sent = transport_->send(std::move(text), std::move(hints)); !sent) {
    writing.fail();
    co_return std::unexpected(sent.error());
  }
  writing.end();

  runtime::Span waiting(call->options().trace, "wait");
  auto outcome = co_await PendingCall::wait(call);
  waiting.end(outcome && *outcome);
  if (outcome) co_return std::move(*outcome);
  co_return base::fail(base::Code::deadline_exceeded,
                       asked.method + ": no answer within " +
                           std::to_string(limit / std::chrono::milliseconds(1)) + " ms");
}

SendHints Session::hints_of(const Exchange& asked, std::int64_t id) const {
  SendHints out{.id = id, .method = asked.method};
  if (asked.method == "tools/call" || asked.method == "prompts/get")
    out.name = base::string_or(asked.params, "name");
  if (asked.method == "resources/read") out.name = base::string_or(asked.params, "uri");
  if (asked.method.starts_with("tasks/")) out.name = base::string_or(asked.params, "taskId");
  if (asked.method == "tools/call" && era_ == Era::modern)
    if (const auto* arguments = base::find_object(asked.params, "arguments"))
      out.parameters = tools_.headers_of(out.name, *arguments);
  return out;
}

// 2026-07-28 basic/index "_meta": version, identity and capabilities with every request; progress
// and trace context (SEP-414, without a prefix) in both eras.
void Session::add_meta(base::JsonObject& params, std::int64_t id,
                       const CallOptions& options) const {
  base::JsonObject out;
  if (const auto* given = base::find_object(params, "_meta")) out = *given;
  if (options.on_progress) out["progressToken"] = id;
  if (!options.trace_parent.empty()) out["traceparent"] = options.trace_parent;
  if (era_ == Era::modern) {
    out[meta::kVersion] = version_;
    out[meta::kClientInfo] = {{"name", settings_.name}, {"version", settings_.version}};
    out[meta::kClientCapabilities] = server_requests_.capabilities(Era::modern);
    if (!log_level.empty() && info_ && info_->has("logging")) out[meta::kLogLevel] = log_level;
  }
  if (!out.empty()) params["_meta"] = std::move(out);
}

base::Result<void> Session::notify(std::string method, base::JsonObject params) {
  if (closed_ || ended_ || !transport_) return base::fail(base::Code::unavailable, "not connected");
  const auto message = notification_message(method, std::move(params));
  return transport_->send(base::write_json(message), {.method = std::move(method)});
}

std::string Session::request_text(std::int64_t id, std::string_view method,
                                  base::JsonObject params) const {
  add_meta(params, id, {});
  return base::write_json(request_message(id, method, std::move(params)));
}

void Session::tell_cancelled(std::int64_t id) {
  if (closed_ || ended_ || !transport_) return;
  auto said =
      notify("notifications/cancelled", {{"requestId", id}, {"reason", "no longer needed"}});
  if (!said) finding("client.cancel-not-sent", said.error().detail);
}

runtime::TaskResult<bool> Session::open_transport(TransportKind kind) {
  const auto self = shared_from_this();
  if (transport_) co_await transport_->close(std::chrono::seconds(1));
  if (closed_) co_return base::fail(base::Code::cancelled, "the session was closed");
  ended_ = false;
  transport_ = factory_(kind, *this);
  co_return co_await transport_->open();
}

void Session::speak(Era era, std::string version) {
  era_ = era;
  version_ = version;
  if (transport_) transport_->set_version(era, std::move(version));
}

void Session::establish(SessionInfo info) {
  speak(info.era, info.protocol_version);
  info_ = std::move(info);
  cache_.clear();
}

runtime::Task<> Session::close(base::Duration grace) {
  return runtime::uncancelled(finish(shared_from_this(), grace));
}

runtime::Task<> Session::finish(std::shared_ptr<Session> self, base::Duration grace) {
  self->closed_ = true;
  const base::Error why{.code = base::Code::cancelled, .detail = "the session was closed"};
  self->calls_.fail_all(why);
  for (auto* const volley : self->volleys_) volley->end(why);
  co_await self->tasks_.stop();
  if (self->transport_) co_await self->transport_->close(grace);
}

void Session::finding(std::string rule, std::string_view detail, bool fatal) {
  if (listener_.on_finding)
    listener_.on_finding({std::move(rule), base::to_utf8(detail.substr(0, 200)), fatal});
}

}  // namespace telltale::mcp
