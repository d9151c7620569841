// Face: what answers HTTP. Host and Origin are checked, the caller is found, the route is taken
// from the catalog, the answer gets its security headers. Sign-in has its own handlers
// (sign_in.hpp) because it sets cookies; everything else that is not a page, a probe or the metrics
// is an operation.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/answer_cache.hpp"
#include "api/limits.hpp"
#include "api/router.hpp"
#include "audit/log.hpp"
#include "auth/sessions.hpp"
#include "catalog/dispatcher.hpp"
#include "net/http_server.hpp"

namespace telltale::api {

struct FaceSettings {
  std::vector<std::string>
      allowed_hosts;  // besides the loopback names: what Host may say, without the port
  std::vector<std::string> allowed_origins;  // besides our own
  bool allow_query_token = true;             // `?token=` for old clients
  bool open_metrics_on_loopback = true;
  std::string metrics_path = "/metrics";    // "" none
  std::uint32_t rate_limit_per_minute = 0;  // 0: none
  std::string version;
};

// What the other faces put behind this one; each may be called from every loop.
struct FaceParts {
  // OAuth client ID metadata document; empty: there is none.
  std::function<base::JsonObject()> client_metadata;
  std::function<std::string()> metrics_text;
  std::function<base::JsonObject()> readiness;  // {"ready": bool, …}
  std::function<runtime::Task<>(std::shared_ptr<net::WebSocket>, runtime::Actor, base::WallTime)>
      websocket;
};

class Face {
 public:
  Face(catalog::Dispatcher& dispatcher, auth::SessionService& sessions, const base::Clock& clock,
       audit::Log& audit, FaceSettings settings, FaceParts parts);
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;
  ~Face();

  runtime::Task<net::Response> handle(net::Request request);
  // Of names and passwords, and of links.
  std::uint64_t logins_refused() const noexcept { return logins_refused_.load(); }
  std::uint64_t rate_limited() const noexcept { return limits_.refused(); }

 private:
  struct Target {
    std::string operation;
    int success_status = 200;
  };
  struct Caller {
    runtime::Actor actor;
    base::WallTime expires;
  };
  using Probe = std::function<net::Response(const net::Request&)>;

  runtime::Task<net::Response> route(net::Request* request_of);
  runtime::Task<net::Response> run(const Target* target, PathParameters path,
                                   net::Request* request_of);
  // Tells the audit and gives the answer back.
  runtime::Task<net::Response> refused(net::Request request, net::Response answer);
  runtime::Task<net::Response> sign_in(net::Request request);
  runtime::Task<net::Response> upgrade(net::Request request);
  runtime::Task<net::Response> whep(net::Request request);  // and WHIP: whep.cpp
  base::Result<Caller> authenticate(const net::Request& request, bool is_websocket) const;
  // The caller within its limit; else the answer that says why not.
  std::expected<Caller, net::Response> admit(const net::Request& request, bool is_websocket,
                                             Quota& quota);
  std::optional<net::Response> preflight(const net::Request& request) const;
  net::Response nothing_here(const net::Request& request, const std::vector<std::string>& allowed);
  base::Result<void> check_host(const net::Request& request) const;
  base::Result<void> check_origin(const net::Request& request) const;
  net::Response readiness() const;
  net::Response metrics(const net::Request& request);

  catalog::Dispatcher& dispatcher_;
  auth::SessionService& sessions_;
  const base::Clock& clock_;
  audit::Log& audit_;
  FaceSettings settings_;
  FaceParts parts_;
  RequestLimits limits_;
  std::atomic<std::uint64_t> logins_refused_{0};
  AnswerCache answers_;
  Router<Target> router_;
  std::string openapi_;
};

net::Response json_response(int status, const base::Json& body);
net::Response json_response(int status, std::shared_ptr<const std::string> body);  // JSON text
net::Response bytes_response(runtime::BytesAnswer answer);
net::Response problem_response(const base::Error& error, std::string_view instance);

}  // namespace telltale::api
