// The public face: every call goes to the session, which outlives the calls that run in it.
#include "mcp/client.hpp"

#include "base/check.hpp"
#include "mcp/call.hpp"
#include "mcp/connector.hpp"
#include "mcp/lists.hpp"
#include "mcp/subscriptions.hpp"
#include "mcp/volley.hpp"

namespace telltale::mcp {

std::string_view era_name(Era era) noexcept {
  return era == Era::modern ? "modern" : "legacy";
}

std::string_view transport_name(TransportKind kind) noexcept {
  switch (kind) {
    case TransportKind::stdio:
      return "stdio";
    case TransportKind::http:
      return "http";
    case TransportKind::sse:
      return "sse";
  }
  return "stdio";
}

struct Client::State {
  std::shared_ptr<Session> session;
};

namespace {

TransportKind kind_of(const Target& target) {
  const auto* http = std::get_if<HttpTarget>(&target);
  return http == nullptr ? TransportKind::stdio : http->kind;
}

std::unique_ptr<Transport> open(runtime::Loop& loop, const Target& target, TransportKind kind,
                                TransportListener& listener) {
  if (const auto* stdio = std::get_if<StdioTarget>(&target))
    return open_stdio_transport(loop, stdio->process, listener);
  const auto& http = std::get<HttpTarget>(target);
  return kind == TransportKind::sse ? open_sse_transport(loop, http, listener)
                                    : open_http_transport(loop, http, listener);
}

Session::TransportFactory factory_of(runtime::Loop& loop, Target target,
                                     decltype(ClientSettings::wrap) wrap) {
  return [&loop, target = std::move(target), wrap = std::move(wrap)](
             TransportKind kind, TransportListener& listener) -> std::unique_ptr<Transport> {
    if (!wrap) return open(loop, target, kind, listener);
    return wrap([&](TransportListener& ear) { return open(loop, target, kind, ear); }, listener);
  };
}

runtime::TaskResult<base::Duration> measure(std::shared_ptr<Session> session,
                                            base::Duration timeout) {
  if (!session->info()) co_return base::fail(base::Code::unavailable, "not connected");
  const auto before = session->now();
  const bool modern = session->info()->era == Era::modern;
  if (!modern) {
    if (auto there = co_await renewed(session); !there) co_return std::unexpected(there.error());
  }
  const auto life = session->life;
  // Exempt: a server kept busy by calls is not unhealthy because of our own limit.
  auto answer = co_await session->exchange({.method = modern ? "server/discover" : "ping",
                                            .options = {.timeout = timeout},
                                            .exempt = true});
  if (!answer && answer.error().data.contains("session_lost")) {
    start_renewal(session, life);
    if (auto there = co_await renewed(session); !there) co_return std::unexpected(there.error());
    co_return session->now() - before;  // a handshake is proof enough
  }
  // A server may not know ping and still live: it answered.
  if (!answer && answer.error().code != base::Code::unsupported)
    co_return std::unexpected(answer.error());
  co_return session->now() - before;
}

runtime::TaskResult<ToolCallResult> call_and_check(std::shared_ptr<Session> session,
                                                   std::string name, base::JsonObject arguments,
                                                   CallOptions options) {
  base::JsonObject params{{"name", name}, {"arguments", std::move(arguments)}};
  const auto place = options.trace;
  const auto traffic = std::make_shared<Traffic>();
  options.traffic = traffic;
  auto result = co_await call(session, "tools/call", std::move(params), std::move(options));
  if (!result) co_return std::unexpected(result.error());
  const runtime::Span checking(place, "check");
  auto out = check_tool_result(*session, name, std::move(*result));
  out.request_bytes = traffic->sent;
  out.result_bytes = traffic->received;
  co_return out;
}

// Legacy: logging/setLevel. Modern has no such request: the level goes along with every one.
runtime::TaskResult<bool> set_level(std::shared_ptr<Session> session, std::string level) {
  if (!session->info() || !session->info()->has("logging")) co_return false;
  session->log_level = level;
  if (session->info()->era == Era::modern) co_return true;
  auto done = co_await call(session, "logging/setLevel", {{"level", std::move(level)}}, {});
  if (!done) co_return std::unexpected(done.error());
  co_return true;
}

}  // namespace

Client::Client(runtime::Loop& loop, Target target, ClientSettings settings, Listener listener)
    : state_(std::make_shared<State>()) {
  const auto kind = kind_of(target);
  auto factory = factory_of(loop, std::move(target), std::move(settings.wrap));
  state_->session = std::make_shared<Session>(loop, kind, std::move(factory), std::move(settings),
                                              std::move(listener));
}

Client::~Client() {
  CHECK(state_->session->transport() == nullptr || state_->session->closed());
}  // close() comes first

runtime::TaskResult<SessionInfo> Client::connect() {
  return mcp::connect(state_->session);
}
const std::optional<SessionInfo>& Client::session() const noexcept {
  return state_->session->session_info();
}
bool Client::connected() const noexcept {
  const auto& session = *state_->session;
  return session.info() && !session.ended() && !session.closed();
}

runtime::TaskResult<base::Duration> Client::check(base::Duration timeout) {
  return measure(state_->session, timeout);
}

runtime::TaskResult<base::JsonArray> Client::list_tools(CallOptions options) {
  return mcp::list_tools(state_->session, std::move(options));
}
runtime::TaskResult<base::JsonArray> Client::list_resources(CallOptions options) {
  return mcp::list(state_->session, kResources, std::move(options));
}
runtime::TaskResult<base::JsonArray> Client::list_resource_templates(CallOptions options) {
  return mcp::list(state_->session, kTemplates, std::move(options));
}
runtime::TaskResult<base::JsonArray> Client::list_prompts(CallOptions options) {
  return mcp::list(state_->session, kPrompts, std::move(options));
}

runtime::TaskResult<ToolCallResult> Client::call_tool(std::string name, base::JsonObject arguments,
                                                      CallOptions options) {
  return call_and_check(state_->session, std::move(name), std::move(arguments), std::move(options));
}
runtime::TaskResult<base::JsonObject> Client::read_resource(std::string uri, CallOptions options) {
  return call(state_->session, "resources/read", {{"uri", std::move(uri)}}, std::move(options));
}
runtime::TaskResult<base::JsonObject> Client::get_prompt(std::string name,
                                                         base::JsonObject arguments,
                                                         CallOptions options) {
  return call(state_->session, "prompts/get",
              {{"name", std::move(name)}, {"arguments", std::move(arguments)}}, std::move(options));
}
runtime::TaskResult<base::JsonObject> Client::complete(base::JsonObject reference,
                                                       base::JsonObject argument,
                                                       base::JsonObject context,
                                                       CallOptions options) {
  base::JsonObject params{{"ref", std::move(reference)}, {"argument", std::move(argument)}};
  if (!context.empty()) params["context"] = {{"arguments", std::move(context)}};
  return call(state_->session, "completion/complete", std::move(params), std::move(options));
}
runtime::TaskResult<bool> Client::set_log_level(std::string level) {
  return set_level(state_->session, std::move(level));
}
runtime::TaskResult<bool> Client::subscribe_resource(std::string uri) {
  return Subscriptions::subscribe(state_->session, std::move(uri));
}
runtime::TaskResult<bool> Client::unsubscribe_resource(std::string uri) {
  return Subscriptions::unsubscribe(state_->session, std::move(uri));
}
runtime::TaskResult<base::JsonObject> Client::request(std::string method, base::JsonObject params,
                                                      CallOptions options) {
  return call(state_->session, std::move(method), std::move(params), std::move(options));
}

base::Result<std::unique_ptr<Volley>> Client::volley(VolleyRequest request, VolleyEvents events) {
  auto* const transport = state_->session->transport();
  if (transport == nullptr || !connected())
    return base::fail(base::Code::unavailable, "not connected");
  if (transport->kind() != TransportKind::stdio)
    return base::fail(base::Code::unsupported, "a volley needs a server on pipes");
  return std::make_unique<Volley>(state_->session, std::move(request), std::move(events));
}

runtime::Task<> Client::close(base::Duration grace) {
  return state_->session->close(grace);
}

int Client::pid() const noexcept {
  auto* const transport = state_->session->transport();
  return transport == nullptr ? 0 : transport->pid();
}
std::optional<net::ProcessUsage> Client::sample() {
  auto* const transport = state_->session->transport();
  return transport == nullptr ? std::nullopt : transport->sample();
}
std::size_t Client::in_flight() const noexcept {
  return state_->session->calls_in_flight();
}
void Client::kill_process() {
  if (auto* const transport = state_->session->transport()) transport->kill_process();
}

}  // namespace telltale::mcp
