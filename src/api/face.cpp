#include "api/face.hpp"

#include <algorithm>
#include <charconv>

#include "api/arguments.hpp"
#include "api/assets.hpp"
#include "api/audit_entries.hpp"
#include "api/cross_origin.hpp"
#include "api/openapi.hpp"
#include "api/security_headers.hpp"
#include "api/sign_in.hpp"
#include "api/whep.hpp"

namespace telltale::api {
namespace {

constexpr std::string_view kExposed = "retry-after";

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

std::string_view host_without_port(std::string_view host) {
  if (host.starts_with('['))
    return host.substr(1,
                       host.find(']') == std::string_view::npos ? host.size() : host.find(']') - 1);
  return host.substr(0, host.rfind(':'));
}

std::optional<std::string> token_of(const net::Request& request, bool is_websocket,
                                    bool allow_query_token) {
  if (is_websocket) {
    for (const auto& [name, value] : request.headers) {
      if (name != "Sec-WebSocket-Protocol" && name != "sec-websocket-protocol") continue;
      const auto at = value.find("bearer.");
      if (at != std::string::npos)
        return value.substr(at + 7, value.find_first_of(", ", at) - at - 7);
    }
  }
  const auto header = request.headers.get_or("authorization", "");
  if (header.starts_with("Bearer ") || header.starts_with("bearer "))
    return std::string(header.substr(7));
  if (const auto key = request.headers.get_or("x-api-key", ""); !key.empty())
    return std::string(key);
  if (auto cookie = request.cookie("telltale_session")) return cookie;
  if (is_websocket && allow_query_token)
    if (const auto token = request.query_value("token")) return std::string(*token);
  return std::nullopt;
}

// Prefer: wait=N (RFC 7240)
std::optional<base::Duration> preferred_wait(const net::Request& request) {
  const auto prefer = request.headers.get_or("prefer", "");
  const auto at = prefer.find("wait=");
  if (at == std::string_view::npos) return std::nullopt;
  int seconds = 0;
  const auto text = prefer.substr(at + 5);
  if (std::from_chars(text.data(), text.data() + text.size(), seconds).ec != std::errc() ||
      seconds < 0)
    return std::nullopt;
  return std::chrono::seconds(std::min(seconds, 300));
}

// traceparent: 00-<32 hex>-<16 hex>-<flags> (W3C Trace Context)
std::string trace_id_of(const net::Request& request) {
  const auto parent = request.headers.get_or("traceparent", "");
  if (parent.size() < 55 || !parent.starts_with("00-")) return {};
  const auto id = parent.substr(3, 32);
  const bool valid = id.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
                     id.find_first_not_of('0') != std::string_view::npos;
  return valid ? std::string(id) : std::string();
}

std::vector<OpenRoute> open_routes(const std::string& metrics_path) {
  auto out = sign_in_routes();
  const auto get = [&](std::string_view path, std::string_view help, std::string_view type) {
    out.push_back({.method = "GET", .path = path, .help = help, .content_type = type});
  };
  get("/healthz", "The process lives", "application/json");
  get("/readyz", "Ready to serve, or 503 with what is not", "application/json");
  if (!metrics_path.empty())
    get(metrics_path, "Prometheus text; open to loopback, else with a token", "text/plain");
  get("/openapi.json", "This document", "application/json");
  get("/oauth/client-metadata.json",
      "Who we are to authorization servers; with a --public-url of https", "application/json");
  return out;
}

}  // namespace

Face::Face(catalog::Dispatcher& dispatcher, auth::SessionService& sessions,
           const base::Clock& clock, audit::Log& audit, FaceSettings settings, FaceParts parts)
    : dispatcher_(dispatcher),
      sessions_(sessions),
      clock_(clock),
      audit_(audit),
      settings_(std::move(settings)),
      parts_(std::move(parts)),
      limits_(clock, settings_.rate_limit_per_minute) {
  for (const auto& [name, operation] : dispatcher_.catalog().all())
    for (const auto& route : operation.spec.routes)
      router_.add(route.method, route.path, {name, route.success_status});
  openapi_ = openapi_document(dispatcher_.catalog(), open_routes(settings_.metrics_path),
                              settings_.version);
}

Face::~Face() = default;

runtime::Task<net::Response> Face::handle(net::Request request) {
  const bool secure = request.secure;
  auto response = co_await route(&request);
  if (!response.websocket) add_security_headers(secure, response);
  co_return response;
}

// DNS rebinding: a foreign name that resolves to us is not us (MCP transports, security warning).
base::Result<void> Face::check_host(const net::Request& request) const {
  const auto host = host_without_port(request.headers.get_or("host", ""));
  if (host == "localhost" || is_loopback(host) ||
      std::ranges::find(settings_.allowed_hosts, host) != settings_.allowed_hosts.end())
    return {};
  return base::fail(
      base::Code::permission_denied,
      "this server does not answer to the host name in the request; name it with --allow-host");
}

base::Result<void> Face::check_origin(const net::Request& request) const {
  const auto origin = request.headers.get("origin");
  if (!origin) return {};
  const auto own = std::string(request.secure ? "https://" : "http://") +
                   std::string(request.headers.get_or("host", ""));
  if (*origin == own ||
      std::ranges::find(settings_.allowed_origins, *origin) != settings_.allowed_origins.end())
    return {};
  return base::fail(base::Code::permission_denied,
                    "requests from this origin are not taken; name it with --allow-origin");
}

base::Result<Face::Caller> Face::authenticate(const net::Request& request,
                                              bool is_websocket) const {
  if (is_websocket)
    if (const auto ticket = request.query_value("ticket")) {
      auto found = sessions_.redeem_ticket(std::string(*ticket));
      if (!found) return std::unexpected(found.error());
      return Caller{std::move(found->actor), found->expires};
    }
  const auto token = token_of(request, is_websocket, settings_.allow_query_token);
  if (!token) return base::fail(base::Code::unauthenticated, "log in first");
  auto found = sessions_.authenticate(*token);
  if (!found) return std::unexpected(found.error());
  found->actor.via = "rest";
  found->actor.address = request.remote_address;
  return Caller{std::move(found->actor), found->expires};
}

// Of `handle`, which holds it: it is long to move.
runtime::Task<net::Response> Face::route(net::Request* request_of) {
  auto& request = *request_of;
  if (auto host = check_host(request); !host) {
    auto answer = problem_response(host.error(), request.path);
    co_return co_await refused(std::move(request), std::move(answer));
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const bool is_upgrade = request.headers.has_token("upgrade", "websocket");
  if (!reads || is_upgrade)
    if (auto origin = check_origin(request); !origin) {
      auto answer = problem_response(origin.error(), request.path);
      co_return co_await refused(std::move(request), std::move(answer));
    }
  if (request.path == "/ws" || request.path == "/ws/mcp-status")
    co_return co_await upgrade(std::move(request));
  if (whep_target(request)) co_return co_await whep(std::move(request));
  if (is_sign_in(request)) co_return co_await sign_in(std::move(request));
  if (reads) {
    if (request.path == "/api/v0/webrtc/dashboard") {  // a page of ours now
      net::Response out{.status = 302};
      out.headers.set("location", "/webrtc");
      co_return out;
    }
    if (request.path == "/healthz")
      co_return json_response(200, base::JsonObject{{"status", "ok"}});
    if (request.path == "/readyz") co_return readiness();
    if (request.path == settings_.metrics_path) co_return metrics(request);
    if (request.path == "/oauth/client-metadata.json")
      if (auto document = parts_.client_metadata(); !document.empty())
        co_return json_response(200, std::move(document));
    if (request.path == "/openapi.json") {
      net::Response out;
      out.headers.set("content-type", "application/json");
      out.body = openapi_;
      co_return out;
    }
  }
  const auto lookup = request.method == "HEAD" ? std::string("GET") : request.method;
  auto match = router_.find(lookup, request.path);
  if (match.target != nullptr) {
    const auto origin =
        cross_origin(match.target->operation) == nullptr ? std::nullopt : checked_origin(request);
    auto out = co_await run(match.target, std::move(match.parameters), &request);
    allow_origin(origin, kExposed, out);
    co_return out;
  }
  if (request.method == "OPTIONS")
    if (auto preflight = this->preflight(request)) co_return std::move(*preflight);
  if (match.allowed.empty())
    if (auto asset = serve_asset(request, embedded_assets())) co_return std::move(*asset);
  co_return nothing_here(request, match.allowed);
}

// Before a page of another origin calls an operation that is for such pages (CORS); needs no login.
std::optional<net::Response> Face::preflight(const net::Request& request) const {
  const auto method = request.headers.get_or("access-control-request-method", "POST");
  const auto match = router_.find(std::string(method), request.path);
  if (match.target == nullptr || cross_origin(match.target->operation) == nullptr)
    return std::nullopt;
  net::Response out{.status = 204};
  const auto methods = "OPTIONS, " + std::string(method);
  out.headers.set("allow", methods);
  allow_methods(methods, "authorization, content-type", out);
  allow_origin(checked_origin(request), kExposed, out);
  return out;
}

net::Response Face::nothing_here(const net::Request& request,
                                 const std::vector<std::string>& allowed) {
  const auto quota = limits_.address(request.remote_address);
  if (quota.exceeded()) return quota.refusal(request.path);
  if (allowed.empty()) {
    auto out = problem_response(
        {.code = base::Code::not_found, .detail = "nothing is at " + request.path.substr(0, 200)},
        request.path);
    quota.describe(out);
    return out;
  }
  auto out = json_response(405, base::JsonObject{{"type", "about:blank"},
                                                 {"title", "Method Not Allowed"},
                                                 {"status", 405},
                                                 {"detail", request.method + " is not taken here"},
                                                 {"success", false},
                                                 {"error", "method not allowed"}});
  std::string methods;
  for (const auto& method : allowed) methods.append(methods.empty() ? "" : ", ").append(method);
  out.headers.set("allow", methods);
  out.headers.set("content-type", "application/problem+json");
  quota.describe(out);
  return out;
}

std::expected<Face::Caller, net::Response> Face::admit(const net::Request& request,
                                                       bool is_websocket, Quota& quota) {
  auto caller = authenticate(request, is_websocket);
  // Whoever guesses tokens is counted by address.
  quota = caller ? limits_.principal(caller->actor) : limits_.address(request.remote_address);
  if (quota.exceeded()) return std::unexpected(quota.refusal(request.path));
  if (caller) return std::move(*caller);
  auto out = problem_response(caller.error(), request.path);
  quota.describe(out);
  return std::unexpected(std::move(out));
}

runtime::Task<net::Response> Face::refused(net::Request request, net::Response answer) {
  co_await audit_.refuse(refused_at_door(request, answer));
  co_return answer;
}

// A session whose beginning the audit cannot keep is not handed out.
runtime::Task<net::Response> Face::sign_in(net::Request request) {
  // What can be guessed is asked rarely. A refresh token cannot, and every page load brings one.
  const auto quota = request.path == "/api/auth/refresh" || request.path == "/api/auth/logout"
                         ? limits_.address(request.remote_address)
                         : limits_.sign_in(request.remote_address);
  if (quota.exceeded()) {
    auto answer = quota.refusal(request.path);
    co_return co_await refused(std::move(request), std::move(answer));
  }
  const auto attempt = SignInAttempt::of(request);
  const auto path = request.path;
  auto signed_in = co_await handle_sign_in(&sessions_, std::move(request));
  auto entry = attempt.entry(signed_in);
  auto out = std::move(signed_in.response);
  // A stolen token is never one of many refusals that are only counted.
  if (entry && entry->outcome == "refused" && signed_in.revoked_of.empty()) {
    if (entry->action == "auth.login" || entry->action == "auth.link") logins_refused_.fetch_add(1);
    co_await audit_.refuse(std::move(*entry));
  } else if (entry) {
    auto noted = co_await audit_.append(std::move(*entry));
    if (!noted && out.status < 400) out = problem_response(noted.error(), path);
  }
  quota.describe(out);
  co_return out;
}

runtime::Task<net::Response> Face::run(const Target* target, PathParameters path,
                                       net::Request* request_of) {
  auto& request = *request_of;
  const auto* operation = dispatcher_.catalog().find(target->operation);
  catalog::Call call{.operation = target->operation,
                     .arrived = runtime::Loop::current()->clock().now()};
  Quota quota;
  if (operation->spec.permission != "public") {
    auto caller = admit(request, false, quota);
    if (!caller) co_return co_await refused(std::move(request), std::move(caller.error()));
    call.actor = std::move(caller->actor);
  } else {
    quota = limits_.address(request.remote_address);
    if (quota.exceeded()) co_return quota.refusal(request.path);
  }
  const auto& spec = operation->spec;
  if (const auto* const limits = cross_origin(target->operation);
      limits != nullptr && request.body.size() > limits->bytes_max) {
    auto out = problem_response(
        {.code = base::Code::too_large,
         .detail = "the body has " + std::to_string(limits->bytes_max) + " bytes at most"},
        request.path);
    quota.describe(out);
    co_return out;
  }
  auto arguments = arguments_of(request, path, operation->input_schema, spec.takes_bytes);
  if (!arguments) {
    auto out = problem_response(arguments.error(), request.path);
    quota.describe(out);
    co_return out;
  }
  call.arguments = std::move(*arguments);
  if (spec.takes_bytes && has_bytes(request))
    call.bytes = std::make_shared<const std::string>(std::move(request.body));
  if (spec.gives_bytes) {
    call.can_take_bytes = true;
    call.wait = spec.time_limit;  // bytes cannot come later
    if (const auto range = request.headers.get("range"))
      call.arguments.as_object()["range"] = *range;
    if (const auto* properties = base::find_object(operation->input_schema, "properties");
        request.headers.has_token("accept", "text/csv") && properties->contains("format") &&
        !call.arguments.as_object().contains("format"))
      call.arguments.as_object()["format"] = "csv";
  }
  const auto kept_as = AnswerCache::key_of(operation->spec, call.arguments, call.actor);
  const auto version = kept_as.empty() ? 0 : operation->spec.version();  // before it is answered
  const auto rights = call.actor.rights;
  if (!kept_as.empty())
    if (auto body = answers_.find(kept_as, version)) {
      auto out = json_response(target->success_status, std::move(body));
      quota.describe(out);
      co_return out;
    }
  const auto wait = spec.gives_bytes ? std::nullopt : preferred_wait(request);
  // Waiting for an operation's end is an argument of asking for it, not a wait for the asking.
  if (wait && target->operation == "operations.get") {
    call.arguments.as_object()["wait"] = base::to_seconds(*wait);
    call.wait = *wait + std::chrono::seconds(5);
  } else if (wait) {
    call.wait = *wait;
  }
  call.idempotency_key = std::string(request.headers.get_or("idempotency-key", "")).substr(0, 200);
  call.trace_id = trace_id_of(request);

  auto outcome = co_await dispatcher_.call(std::move(call));
  net::Response out;
  if (!outcome.result) {
    out = problem_response(outcome.result.error(), request.path);
  } else if (!outcome.finished) {
    out = json_response(
        202, base::JsonObject{{"operation_id", outcome.operation_id}, {"status", "started"}});
    out.headers.set("location", "/api/operations/" + outcome.operation_id);
  } else if (outcome.bytes) {
    out = bytes_response(std::move(*outcome.bytes));
  } else {
    out = json_response(target->success_status, *outcome.result);
    if (!kept_as.empty()) {
      out.shared_body = std::make_shared<const std::string>(std::exchange(out.body, {}));
      answers_.put(kept_as, version, rights, out.shared_body);
    }
  }
  if (!outcome.operation_id.empty() && operation->spec.changes)
    out.headers.set("x-operation-id", outcome.operation_id);
  quota.describe(out);
  co_return out;
}

runtime::Task<net::Response> Face::upgrade(net::Request request) {
  if (!request.headers.has_token("upgrade", "websocket") ||
      !request.headers.contains("sec-websocket-key") ||
      request.headers.get_or("sec-websocket-version", "") != "13") {
    auto out = problem_response(
        {.code = base::Code::invalid_argument, .detail = "this is a WebSocket (version 13)"},
        request.path);
    out.status = 426;
    out.headers.set("upgrade", "websocket");
    co_return out;
  }
  Quota quota;
  auto caller = admit(request, true, quota);
  if (!caller) co_return co_await refused(std::move(request), std::move(caller.error()));
  net::Response out{.status = 101};
  if (request.headers.has_token("sec-websocket-protocol", "telltale.v1"))
    out.subprotocol = "telltale.v1";
  out.websocket = [this, actor = std::move(caller->actor),
                   expires = caller->expires](std::shared_ptr<net::WebSocket> socket) mutable {
    return parts_.websocket(std::move(socket), std::move(actor), expires);
  };
  co_return out;
}

net::Response Face::readiness() const {
  auto state = parts_.readiness();
  const bool ready = base::find_bool(state, "ready").value_or(false);
  return json_response(ready ? 200 : 503, base::Json(std::move(state)));
}

net::Response Face::metrics(const net::Request& request) {
  const bool open = settings_.open_metrics_on_loopback && is_loopback(request.remote_address);
  Quota quota;
  if (!open) {
    auto caller = admit(request, false, quota);
    if (!caller) return std::move(caller.error());
    // The figures name every server.
    if (!caller->actor.may("system:read") || !caller->actor.sees_all())
      return problem_response({.code = base::Code::permission_denied,
                               .detail = "needs system:read, and fleet:read on every server"},
                              request.path);
  }
  net::Response out;
  out.headers.set("content-type", "text/plain; version=0.0.4; charset=utf-8");
  out.body = parts_.metrics_text();
  return out;
}

}  // namespace telltale::api
