// HTTP servers that do what a specification does not expect of them (reliability.md H1), played by
// our own server.
#include <deque>
#include <mutex>

#include "client_fixture.hpp"
#include "net/http_server.hpp"

namespace telltale::mcp {
namespace {

// Answers legacy initialize and notifications; the rest is the test's. It runs on the client's own
// loop.
class Impostor : public ClientTest {
 protected:
  using Answer = std::function<std::optional<net::Response>(const net::Request& request,
                                                            const JsonObject& message)>;

  ~Impostor() override {
    close();
    if (http_) run(stop(this));
  }
  static runtime::Task<bool> stop(Impostor* self) {
    co_await self->http_->stop(0ms);
    self->http_.reset();
    co_return true;
  }

  std::string serve(Answer answer) {
    answer_ = std::move(answer);
    auto opened = net::HttpServer::open({.port = 0}, {&loop()}, [this](net::Request request) {
      return handle(this, std::move(request));
    });
    EXPECT_TRUE(opened);
    http_ = std::move(*opened);
    http_->start();
    return "http://127.0.0.1:" + std::to_string(http_->port()) + "/mcp";
  }
  static runtime::Task<net::Response> handle(Impostor* self, net::Request request) {
    self->requests_.push_back(request);
    auto parsed = base::parse_json(request.body.empty() ? "{}" : request.body);
    const JsonObject message = parsed && parsed->is_object() ? parsed->get_object() : JsonObject();
    const auto method = base::string_or(message, "method");
    if (method == "hang") co_await runtime::sleep_for(1h);
    if (auto own = self->answer_(request, message)) co_return std::move(*own);
    if (request.method != "POST") co_return net::Response{.status = 405};
    if (method == "initialize") {
      auto out = json(message, {{"protocolVersion", "2025-11-25"},
                                {"capabilities", {{"tools", JsonObject()}}}});
      out.headers.set("mcp-session-id", "session-" + std::to_string(++self->sessions_));
      co_return out;
    }
    if (!message.contains("id")) co_return net::Response{.status = 202};
    if (method == "server/discover") co_return net::Response{.status = 400};
    co_return json(message, {{"content", JsonArray()}, {"method", method}});
  }
  static net::Response json(const JsonObject& message, JsonObject result) {
    net::Response out;
    out.headers.set("content-type", "application/json");
    out.body = base::write_json(
        JsonObject{{"jsonrpc", "2.0"}, {"id", message.at("id")}, {"result", std::move(result)}});
    return out;
  }
  static net::Response events(std::string body) {
    net::Response out{.body = std::move(body)};
    out.headers.set("content-type", "text/event-stream");
    return out;
  }
  static std::string result_event(const Json& id, const std::string& said) {
    return "data: {\"jsonrpc\":\"2.0\",\"id\":" + base::write_json(id) +
           ",\"result\":{\"said\":\"" + said + "\"}}\n\n";
  }
  std::vector<net::Request> of(std::string_view method) {
    return on_loop([&] {
      std::vector<net::Request> out;
      for (const auto& request : requests_)
        if (request.method == method) out.push_back(request);
      return out;
    });
  }

  Answer answer_;
  std::unique_ptr<net::HttpServer> http_;
  std::deque<net::Request> requests_;
  int sessions_ = 0;
};

std::optional<net::Response> nothing(const net::Request&, const JsonObject&) {
  return std::nullopt;
}

TEST_F(Impostor, CarriesSessionAndVersionAndSaysGoodbye) {
  const auto info = connect(HttpTarget{.url = serve(nothing)});
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_TRUE(run(client_->request("a", {})));
  close();
  const auto posts = of("POST");
  EXPECT_EQ(posts.back().headers.get("mcp-session-id"), "session-1");
  EXPECT_EQ(posts.back().headers.get("mcp-protocol-version"), "2025-11-25");
  EXPECT_FALSE(posts.back().headers.contains("mcp-method"));
  const auto goodbyes = of("DELETE");
  ASSERT_EQ(goodbyes.size(), 1U);
  EXPECT_EQ(goodbyes[0].headers.get("mcp-session-id"), "session-1");
}

TEST_F(Impostor, ABrokenStreamIsTakenUpAgain) {
  std::optional<Json> asked;
  const auto info = connect(HttpTarget{
      .url = serve([&](const net::Request& request,
                       const JsonObject& message) -> std::optional<net::Response> {
        if (base::string_or(message, "method") == "slow") {
          asked = message.at("id");
          return events("id: e-1\nretry: 50\ndata:\n\n");
        }
        if (request.headers.get("last-event-id") == "e-1")
          return events(
              "id: e-2\ndata: "
              "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n");
        if (request.headers.get("last-event-id") == "e-2")
          return events(": comment\n\nid: e-3\n" + result_event(*asked, "at last"));
        return std::nullopt;
      })});
  ASSERT_TRUE(info) << info.error().detail;
  const auto outcome = run(client_->request("slow", {}));
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(base::string_or(*outcome, "said"), "at last");
  EXPECT_EQ(on_loop([this] { return changed_lists_.size(); }), 1U);
}

TEST_F(Impostor, AStreamThatAlwaysBreaksIsGivenUp) {
  const auto info = connect(
      HttpTarget{.url = serve([&](const net::Request& request,
                                  const JsonObject& message) -> std::optional<net::Response> {
                   if (base::string_or(message, "method") == "slow")
                     return events("id: e-1\nretry: 1\ndata:\n\n");
                   if (request.headers.contains("last-event-id")) return events("retry: 1\n\n");
                   return std::nullopt;
                 })});
  ASSERT_TRUE(info) << info.error().detail;
  const auto outcome = run(client_->request("slow", {}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::Code::unavailable);
  EXPECT_LE(of("GET").size(), 20U);
}

TEST_F(Impostor, AModernStreamThatBreaksIsLost) {
  const auto info = connect(HttpTarget{
      .url = serve(
          [&](const net::Request&, const JsonObject& message) -> std::optional<net::Response> {
            const auto method = base::string_or(message, "method");
            if (method == "server/discover")
              return json(message,
                          {{"supportedVersions", {"2026-07-28"}}, {"capabilities", JsonObject()}});
            if (method == "slow") return events("id: e-1\ndata:\n\n");
            return std::nullopt;
          })});
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_EQ(info->era, Era::modern);
  const auto outcome = run(client_->request("slow", {}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(of("GET").size(), 0U);
  EXPECT_EQ(of("POST").back().headers.get("mcp-method"), "slow");
  EXPECT_FALSE(of("POST").back().headers.contains("mcp-session-id"));
}

TEST_F(Impostor, LosesTheSessionIn400AsOlderServersDo) {
  const auto info = connect(HttpTarget{
      .url = serve([&](const net::Request& request,
                       const JsonObject& message) -> std::optional<net::Response> {
        if (base::string_or(message, "method") != "a" ||
            request.headers.get("mcp-session-id") != "session-1")
          return std::nullopt;
        return net::Response{
            .status = 400, .body = R"({"error":{"code":-32000,"message":"No valid session ID"}})"};
      })});
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_TRUE(run(client_->request("a", {})));
  EXPECT_TRUE(found("session.renewed"));
  EXPECT_TRUE(found("http.session-lost-status"));
  EXPECT_EQ(of("POST").back().headers.get("mcp-session-id"), "session-2");
}

TEST_F(Impostor, RedirectsWithinTheOriginOnly) {
  const auto info = connect(
      HttpTarget{.url = serve([&](const net::Request& request,
                                  const JsonObject& message) -> std::optional<net::Response> {
                   net::Response moved{.status = 307};
                   moved.headers.set("location", base::string_or(message, "method") == "far"
                                                     ? "http://198.51.100.7/mcp"
                                                     : "/mcp/");
                   if (request.path == "/mcp" || base::string_or(message, "method") == "far")
                     return moved;
                   return std::nullopt;
                 })});
  ASSERT_TRUE(info) << info.error().detail;
  const auto outcome = run(client_->request("far", {}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(base::find_integer(outcome.error().data, "http_status"), 307);
  EXPECT_TRUE(found("http.redirect"));
}

TEST_F(Impostor, WrongAnswersAreErrorsNotHangs) {
  const auto info = connect(
      HttpTarget{.url = serve([&](const net::Request&,
                                  const JsonObject& message) -> std::optional<net::Response> {
                   const auto method = base::string_or(message, "method");
                   net::Response out;
                   if (method == "html")
                     out.body = "<html>hello</html>";
                   else if (method == "empty")
                     out.status = 202;
                   else if (method == "500")
                     out.status = 500;
                   else if (method == "401")
                     out.status = 401;
                   else if (method == "gzip")
                     out.headers.set("content-encoding", "gzip");
                   else if (method == "other-id")
                     out.body = R"({"jsonrpc":"2.0","id":4711,"result":{}})";
                   else
                     return std::nullopt;
                   if (method == "401")
                     out.headers.set("www-authenticate", "Bearer resource_metadata=\"x\"");
                   return out;
                 })});
  ASSERT_TRUE(info) << info.error().detail;
  for (const auto& [method, code] :
       std::map<std::string, base::Code>{{"html", base::Code::protocol},
                                         {"empty", base::Code::protocol},
                                         {"500", base::Code::remote},
                                         {"401", base::Code::unauthenticated},
                                         {"gzip", base::Code::protocol},
                                         {"other-id", base::Code::protocol}}) {
    const auto outcome = run(client_->request(method, {}));
    ASSERT_FALSE(outcome) << method;
    EXPECT_EQ(outcome.error().code, code) << method << ": " << outcome.error().detail;
    if (method == "401") EXPECT_TRUE(outcome.error().data.contains("www_authenticate"));
  }
  EXPECT_TRUE(found("http.not-json"));
  EXPECT_TRUE(found("response.unknown-id"));
  EXPECT_TRUE(run(client_->request("fine", {})));
}

TEST_F(Impostor, ASilentServerIsLeftAtTheDeadline) {
  ASSERT_TRUE(connect(HttpTarget{.url = serve(nothing)}));
  const auto outcome = run(client_->request("hang", {}, {.timeout = 100ms}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::Code::deadline_exceeded);
  EXPECT_EQ(on_loop([this] { return client_->in_flight(); }), 0U);
  EXPECT_TRUE(run(client_->request("fine", {})));
  EXPECT_TRUE(eventually([this] {  // legacy: the server is told, and its handler ends
    return std::ranges::any_of(requests_, [](const net::Request& request) {
      return request.body.find("notifications/cancelled") != std::string::npos;
    });
  }));
}

TEST_F(Impostor, AnEndpointOfAnotherOriginGetsNothing) {
  settings_.connect_timeout = 3s;
  const auto info =
      connect(HttpTarget{.url = serve([&](const net::Request& request,
                                          const JsonObject&) -> std::optional<net::Response> {
                           if (request.method == "GET")
                             return events("event: endpoint\ndata: http://198.51.100.7/steal\n\n");
                           return net::Response{.status = 405};
                         }),
                         .kind = TransportKind::sse});
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, base::Code::protocol);
}

}  // namespace
}  // namespace telltale::mcp
