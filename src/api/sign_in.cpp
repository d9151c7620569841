#include "api/sign_in.hpp"

#include "api/arguments.hpp"
#include "api/face.hpp"

namespace telltale::api {

struct LoginBody {
  std::optional<std::string> username, email;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(LoginBody, (), (username, email, password))
constexpr auto field_rules(const LoginBody*) {
  return std::array{base::FieldRule{.name = "password", .minimum = 1, .maximum = 1024}};
}

struct LinkBody {
  std::string code;
};
BOOST_DESCRIBE_STRUCT(LinkBody, (), (code))

struct RefreshBody {
  std::optional<std::string> refresh_token;
};
BOOST_DESCRIBE_STRUCT(RefreshBody, (), (refresh_token))

namespace {

constexpr std::string_view kAccessCookie = "telltale_session";
constexpr std::string_view kRefreshCookie = "telltale_refresh";

std::string cookie(std::string_view name, std::string_view value, std::string_view path,
                   std::int64_t seconds, bool secure) {
  std::string out(name);
  out.append("=")
      .append(value)
      .append("; Path=")
      .append(path)
      .append("; HttpOnly; SameSite=Strict; Max-Age=")
      .append(std::to_string(seconds));
  if (secure) out += "; Secure";
  return out;
}

net::Response with_session(base::Result<auth::SessionAnswer> answer, const net::Request& request) {
  if (!answer) return problem_response(answer.error(), request.path);
  auto out = json_response(200, base::to_json(*answer));
  out.headers.add("set-cookie", cookie(kAccessCookie, answer->access_token, "/", answer->expires_in,
                                       request.secure));
  out.headers.add("set-cookie", cookie(kRefreshCookie, answer->refresh_token, "/api/auth",
                                       30L * 24 * 3600, request.secure));
  return out;
}

template <class Body>
base::Result<Body> read_body(const net::Request& request) {
  auto object = body_object(request);
  if (!object) return std::unexpected(object.error());
  return base::from_json<Body>(base::Json(std::move(*object)));
}

runtime::Task<net::Response> login(auth::SessionService* sessions, net::Request request,
                                   auth::Visitor visitor) {
  auto body = read_body<LoginBody>(request);
  if (body && !body->username && !body->email)
    body = base::bad_field("/username", "is required (or email)");
  if (!body) co_return problem_response(body.error(), request.path);
  const auto name = body->username ? *body->username : *body->email;
  co_return with_session(
      co_await sessions->login(name, std::move(body->password), std::move(visitor)), request);
}

}  // namespace

std::vector<OpenRoute> sign_in_routes() {
  const auto post = [](std::string_view path, std::string_view help, base::JsonObject body) {
    return OpenRoute{.method = "POST",
                     .path = path,
                     .help = help,
                     .body = std::move(body),
                     .answer = base::json_schema<auth::SessionAnswer>()};
  };
  std::vector<OpenRoute> out{
      post("/api/auth/login", "Log in by user name or e-mail and password",
           base::json_schema<LoginBody>()),
      post("/auth/api/v1/auth/login", "The login of old clients", base::json_schema<LoginBody>()),
      post("/api/auth/link", "Exchange the one-time code of a login link for a session",
           base::json_schema<LinkBody>()),
      post("/api/auth/refresh", "Rotate the refresh token; without one, the cookie is used",
           base::json_schema<RefreshBody>()),
      post("/api/auth/logout", "End the session", base::json_schema<RefreshBody>())};
  out.back().answer = {{"type", "object"}, {"properties", {{"success", {{"type", "boolean"}}}}}};
  return out;
}

bool is_sign_in(const net::Request& request) {
  if (request.method != "POST") return false;
  return request.path == "/api/auth/login" || request.path == "/auth/api/v1/auth/login" ||
         request.path == "/api/auth/link" || request.path == "/api/auth/refresh" ||
         request.path == "/api/auth/logout";
}

runtime::Task<SignedIn> handle_sign_in(auth::SessionService* sessions, net::Request request) {
  const auto with = [](net::Response response) {
    return SignedIn{.response = std::move(response), .revoked_of = {}};
  };
  auth::Visitor visitor{.address = request.remote_address,
                        .agent = std::string(request.headers.get_or("user-agent", ""))};
  if (request.path.ends_with("/login"))
    co_return with(co_await login(sessions, std::move(request), std::move(visitor)));
  if (request.path == "/api/auth/link") {
    auto body = read_body<LinkBody>(request);
    if (!body) co_return with(problem_response(body.error(), request.path));
    auto answer = co_await sessions->exchange_code(std::move(body->code), std::move(visitor));
    co_return with(with_session(std::move(answer), request));
  }
  auto body = read_body<RefreshBody>(request);
  if (!body) co_return with(problem_response(body.error(), request.path));
  const auto token = body->refresh_token.value_or(request.cookie(kRefreshCookie).value_or(""));
  if (request.path == "/api/auth/refresh") {
    auto refreshed = co_await sessions->refresh(token, std::move(visitor));
    co_return SignedIn{.response = with_session(std::move(refreshed.answer), request),
                       .revoked_of = std::move(refreshed.revoked_of)};
  }
  auto done = co_await sessions->logout(token);
  if (!done) co_return with(problem_response(done.error(), request.path));
  auto out = json_response(200, base::JsonObject{{"success", true}});
  out.headers.add("set-cookie", cookie(kAccessCookie, "", "/", 0, request.secure));
  out.headers.add("set-cookie", cookie(kRefreshCookie, "", "/api/auth", 0, request.secure));
  co_return with(std::move(out));
}

}  // namespace telltale::api
