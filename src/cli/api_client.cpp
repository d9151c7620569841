#include "cli/api_client.hpp"

#include "cli/session.hpp"

namespace telltale::cli {
namespace {

runtime::TaskResult<base::Json> send(Connection connection, ApiCall call) {
  net::HttpClient client(*runtime::Loop::current(), {.header_timeout = std::chrono::minutes(11)});
  net::ClientRequest request{.method = call.method, .url = connection.url + call.path};
  if (!connection.token.empty()) request.headers.set("authorization", "Bearer " + connection.token);
  if (call.wait_s > 0) request.headers.set("prefer", "wait=" + std::to_string(call.wait_s));
  if (!call.body.is_null()) {
    request.headers.set("content-type", "application/json");
    request.body = base::write_json(call.body);
  }
  auto answer = co_await client.request(std::move(request));
  if (!answer)
    co_return base::fail(
        answer.error().code,
        answer.error().detail + " (is `telltale serve` running at " + connection.url + "?)");
  auto body = answer->body.empty() ? base::Result<base::Json>(base::Json(nullptr))
                                   : base::parse_json(answer->body);
  if (answer->status > 299) {
    const auto* problem = body && body->is_object() ? &body->get_object() : nullptr;
    co_return base::fail(base::code_from_http_status(answer->status),
                         problem == nullptr ? "HTTP " + std::to_string(answer->status)
                                            : base::string_or(*problem, "detail", "HTTP error"));
  }
  co_return body;
}

}  // namespace

runtime::TaskResult<std::string> access_token(Connection connection) {
  if (!connection.token.empty()) co_return connection.token;
  if (connection.password.empty())
    co_return base::fail(
        base::Code::unauthenticated,
        "give a token (--token, TELLTALE_TOKEN) or a password (--password, TELLTALE_PASSWORD)");
  const base::JsonObject login{{"username", connection.user}, {"password", connection.password}};
  auto answer =
      co_await send(connection, {.method = "POST", .path = "/api/auth/login", .body = login});
  if (!answer) co_return std::unexpected(answer.error());
  co_return base::string_or(answer->get_object(), "access_token");
}

runtime::TaskResult<base::Json> call_api(Connection connection, ApiCall call) {
  auto token = co_await access_token(connection);
  if (!token) co_return std::unexpected(token.error());
  connection.token = std::move(*token);
  co_return co_await send(std::move(connection), std::move(call));
}

}  // namespace telltale::cli
