// OAuthClient against servers on loopback: an MCP server and an authorization server, kind ones and
// hostile ones.
#include "mcp/oauth/client.hpp"

#include <map>

#include "base/encoding.hpp"
#include "mcp/oauth/pkce.hpp"
#include "net/http_server.hpp"
#include "net/test_support.hpp"

namespace telltale::mcp::oauth {
namespace {

using namespace std::chrono_literals;
using base::JsonArray;
using base::JsonObject;
using net::Request;
using net::Response;
using runtime::TaskResult;

Response json(JsonObject body, int status = 200) {
  Response out{.status = status, .body = base::write_json(body)};
  out.headers.set("content-type", "application/json");
  return out;
}

class Site {
 public:
  std::map<std::string, std::function<Response(const Request&)>> routes;
  std::vector<Request> seen;
  std::string url;
  std::unique_ptr<net::HttpServer> server;

  void open(runtime::Loop& loop) {
    server = std::move(*net::HttpServer::open({.port = 0}, {&loop}, [this](Request request) {
      return answer(this, std::move(request));
    }));
    server->start();
    url = "http://127.0.0.1:" + std::to_string(server->port());
  }
  std::vector<Request> all(const std::string& path) const {
    std::vector<Request> out;
    for (const auto& one : seen)
      if (one.path == path) out.push_back(one);
    return out;
  }
  std::string form_value(std::size_t index, std::string_view name) const {
    const auto form = *read_form(all("/token").at(index).body);
    for (const auto& [key, value] : form)
      if (key == name) return value;
    return "(none)";
  }

 private:
  static runtime::Task<Response> answer(Site* self, Request request) {
    self->seen.push_back(request);
    const auto found = self->routes.find(request.path);
    co_return found == self->routes.end() ? Response{.status = 404} : found->second(request);
  }
};

// How many of the callers were told to ask again.
struct Callers {
  explicit Callers(runtime::Loop& loop) : done(loop) {}
  runtime::Notifier done;
  int ended = 0, again = 0;
};
runtime::Task<> call_challenged(OAuthClient* client, Refusal refusal, Callers* callers) {
  const auto again = co_await client->challenged(std::move(refusal));
  if (again && *again) ++callers->again;
  ++callers->ended;
  callers->done.notify_all();
}
runtime::Task<int> challenge_together(runtime::Loop* loop, OAuthClient* client, Refusal refusal,
                                      int count) {
  Callers callers(*loop);
  runtime::TaskGroup group(*loop, "callers");
  for (int i = 0; i < count; ++i) group.spawn("caller", call_challenged(client, refusal, &callers));
  while (callers.ended < count) co_await callers.done.wait();
  co_await group.stop();
  co_return callers.again;
}

class OAuthClientTest : public net::NetTest {
 protected:
  OAuthClientTest() {
    mcp_.open(loop());
    as_.open(loop());
    settings_.server_url = mcp_.url + "/mcp";
    settings_.identity.redirect_uri = "http://localhost:1/callback";
    settings_.load = [this]() { return give(stored_); };
    settings_.save = [this](JsonObject state) { return keep(this, std::move(state)); };
    resource_ = {{"resource", mcp_.url + "/mcp"}, {"authorization_servers", JsonArray{as_.url}}};
    metadata_ = {{"issuer", as_.url},
                 {"authorization_endpoint", as_.url + "/authorize"},
                 {"token_endpoint", as_.url + "/token"},
                 {"registration_endpoint", as_.url + "/register"},
                 {"code_challenge_methods_supported", JsonArray{"S256"}},
                 {"authorization_response_iss_parameter_supported", true}};
    mcp_.routes["/.well-known/oauth-protected-resource/mcp"] = [this](const Request&) {
      return json(resource_);
    };
    as_.routes["/.well-known/oauth-authorization-server"] = [this](const Request&) {
      return json(metadata_);
    };
    as_.routes["/register"] = [this](const Request&) {
      return json({{"client_id", "client-" + std::to_string(++registered_)}}, 201);
    };
    as_.routes["/token"] = [this](const Request&) { return json(token()); };
  }
  ~OAuthClientTest() override {
    run(stop(this));
    on_loop([this] {
      mcp_.server.reset();
      as_.server.reset();
    });
  }

  JsonObject token() {
    ++issued_;
    return {{"access_token", "access-" + std::to_string(issued_)},
            {"refresh_token", "refresh-" + std::to_string(issued_)},
            {"token_type", "Bearer"},
            {"expires_in", 3600}};
  }
  // A person who consents at once, and an authorization server that answers as it should.
  void consenting() {
    settings_.consent = [this](std::string url) { return consent(this, std::move(url)); };
  }
  static TaskResult<CallbackParameters> consent(OAuthClientTest* self, std::string url) {
    ++self->consents_;
    self->last_url_ = url;
    const auto query = *read_form(url.substr(url.find('?') + 1));
    CallbackParameters out{.code = "the-code", .iss = self->as_.url};
    for (const auto& [name, value] : query)
      if (name == "state") out.state = value;
    co_return out;
  }
  std::string asked(std::string_view name) const {
    for (const auto& [key, value] : *read_form(last_url_.substr(last_url_.find('?') + 1)))
      if (key == name) return value;
    return "(none)";
  }

  OAuthClient& client() {
    if (!client_) on_loop([this] { client_ = std::make_unique<OAuthClient>(loop(), settings_); });
    return *client_;
  }
  void restart() { run(end_client(this)); }
  Refusal refusal(int status = 401, std::string challenge = "Bearer") {
    return {.status = status,
            .challenges = {std::move(challenge)},
            .peer = boost::asio::ip::make_address("127.0.0.1"),
            .generation = proof().generation};
  }
  base::Result<bool> challenge(Refusal what) { return run(client().challenged(std::move(what))); }
  base::Result<bool> challenge() { return challenge(refusal()); }
  Proof proof() { return *run(client().headers("POST", settings_.server_url)); }
  std::string authorization() {
    return std::string(proof().headers.get_or("authorization", "(none)"));
  }
  std::string failure(const base::Result<bool>& result) {
    return result ? "no failure" : result.error().detail;
  }

  Site mcp_;
  Site as_;
  Settings settings_;
  JsonObject resource_;
  JsonObject metadata_;
  JsonObject stored_;
  std::string last_url_;
  std::unique_ptr<OAuthClient> client_;
  int registered_ = 0;
  int issued_ = 0;
  int consents_ = 0;

 private:
  static TaskResult<JsonObject> give(JsonObject value) { co_return value; }
  static TaskResult<bool> keep(OAuthClientTest* self, JsonObject state) {
    self->stored_ = std::move(state);
    co_return true;
  }
  static runtime::Task<> end_client(OAuthClientTest* self) {
    if (self->client_) co_await self->client_->close();
    self->client_.reset();
  }
  static runtime::Task<> stop(OAuthClientTest* self) {
    co_await end_client(self);
    co_await self->mcp_.server->stop(0ms);
    co_await self->as_.server->stop(0ms);
  }
};

TEST_F(OAuthClientTest, FromNothingToAToken) {
  consenting();
  resource_["scopes_supported"] = JsonArray{"a", "b"};
  EXPECT_EQ(authorization(), "(none)");
  const auto done = challenge();
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(authorization(), "Bearer access-1");
  EXPECT_EQ(asked("resource"), mcp_.url + "/mcp");
  EXPECT_EQ(asked("scope"), "a b");
  EXPECT_EQ(asked("code_challenge"), code_challenge(as_.form_value(0, "code_verifier")));
  EXPECT_EQ(as_.form_value(0, "resource"), mcp_.url + "/mcp");
  EXPECT_EQ(as_.form_value(0, "client_id"), "client-1");
  EXPECT_EQ(as_.form_value(0, "code"), "the-code");

  // Another life: what was stored is enough.
  restart();
  EXPECT_EQ(authorization(), "Bearer access-1");
  EXPECT_EQ(consents_, 1);
  // The proof goes to the server and to nobody else.
  EXPECT_EQ(run(client().headers("GET", as_.url + "/x"))->headers.size(), 0U);
}

TEST_F(OAuthClientTest, RefreshesOnceForAllWhoWereRefused) {
  consenting();
  ASSERT_TRUE(challenge());
  restart();
  const auto refused = refusal();
  const auto all = run(challenge_together(&loop(), &client(), refused, 8));
  EXPECT_EQ(all, 8);
  EXPECT_EQ(as_.all("/token").size(), 2U);
  EXPECT_EQ(as_.form_value(1, "grant_type"), "refresh_token");
  EXPECT_EQ(as_.form_value(1, "refresh_token"), "refresh-1");
  EXPECT_EQ(authorization(), "Bearer access-2");
  EXPECT_EQ(base::string_or(stored_.at("tokens").as_object(), "refresh_token"), "refresh-2");
  EXPECT_EQ(consents_, 1);
}

TEST_F(OAuthClientTest, ARefreshTokenThatIsNoMoreGood) {
  consenting();
  ASSERT_TRUE(challenge());
  restart();
  as_.routes["/token"] = [this](const Request& request) {
    if (request.body.find("grant_type=refresh_token") == std::string::npos) return json(token());
    return json({{"error", "invalid_grant"}}, 400);
  };
  ASSERT_TRUE(challenge());
  EXPECT_EQ(consents_, 2);
  EXPECT_EQ(authorization(), "Bearer access-2");
}

TEST_F(OAuthClientTest, RefreshesAheadOfTheEnd) {
  consenting();
  bool down = false;
  as_.routes["/token"] = [&](const Request&) {
    auto out = token();
    out["expires_in"] = 10;
    return down ? Response{.status = 503} : json(std::move(out));
  };
  ASSERT_TRUE(challenge());
  EXPECT_EQ(authorization(), "Bearer access-2");
  down = true;
  EXPECT_EQ(authorization(), "Bearer access-2") << "the old one, for what it is worth";
  const auto asked_so_far = as_.all("/token").size();
  EXPECT_EQ(authorization(), "Bearer access-2");
  EXPECT_EQ(as_.all("/token").size(), asked_so_far) << "not for every call";
}

TEST_F(OAuthClientTest, TwoHalvesWithABrowserBetween) {
  const auto first = challenge();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, base::Code::unauthenticated);
  EXPECT_TRUE(first.error().data.at(kAuthorizationRequired).as_bool());
  const auto url = base::string_or(first.error().data, "authorization_url");
  const auto begun = run(client().begin_authorization());
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->url, url) << "the page that is open already";
  restart();  // the callback may come to another life

  const CallbackParameters good{.state = begun->state, .code = "the-code", .iss = as_.url};
  auto wrong = good;
  wrong.state = "guessed";
  EXPECT_FALSE(run(client().finish_authorization(wrong)));
  const auto done = run(client().finish_authorization(good));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(authorization(), "Bearer access-1");
  EXPECT_FALSE(run(client().finish_authorization(good))) << "good for once";
  ASSERT_TRUE(run(client().forget()));
  EXPECT_EQ(authorization(), "(none)");
}

TEST_F(OAuthClientTest, ACallbackFromAnotherIssuerSpendsTheCodeNowhere) {
  const auto begun = run(client().begin_authorization());
  ASSERT_TRUE(begun) << begun.error().detail;
  EXPECT_FALSE(run(client().finish_authorization(
      {.state = begun->state, .code = "c", .iss = "https://evil.example"})));
  EXPECT_EQ(as_.all("/token").size(), 0U);
}

TEST_F(OAuthClientTest, AnotherIssuerBeginsWithNothing) {
  consenting();
  ASSERT_TRUE(challenge());
  Site second;
  on_loop([&] { second.open(loop()); });
  second.routes = as_.routes;
  auto moved = metadata_;
  for (const auto* key : {"authorization_endpoint", "token_endpoint", "registration_endpoint"})
    moved[key] = second.url + base::string_or(metadata_, key).substr(as_.url.size());
  moved["issuer"] = second.url;
  moved["authorization_response_iss_parameter_supported"] = false;
  second.routes["/.well-known/oauth-authorization-server"] = [&](const Request&) {
    return json(moved);
  };
  settings_.consent = {};
  restart();
  resource_["authorization_servers"] = JsonArray{second.url};
  const auto required = challenge();
  ASSERT_FALSE(required);
  EXPECT_EQ(second.all("/register").size(), 1U);
  EXPECT_EQ(second.all("/token").size(), 0U) << "the refresh token is the first issuer's";
  EXPECT_EQ(authorization(), "(none)");
  EXPECT_EQ(base::string_or(stored_, "issuer"), second.url);
  EXPECT_FALSE(stored_.contains("tokens"));
  run([](Site* site) -> runtime::Task<> { co_await site->server->stop(0ms); }(&second));
  on_loop([&] { second.server.reset(); });
}

TEST_F(OAuthClientTest, StepsUpWithTheUnionAndNotForEver) {
  consenting();
  ASSERT_TRUE(challenge(refusal(401, "Bearer scope=\"r\"")));
  run([](OAuthClient* one, std::uint64_t generation) -> runtime::Task<> {
    one->accepted(generation, "");
    co_return;
  }(&client(), proof().generation));
  const auto more = R"(Bearer error="insufficient_scope", scope="w")";
  ASSERT_TRUE(challenge(refusal(403, more)));
  EXPECT_EQ(asked("scope"), "r w");
  const auto again = challenge(refusal(403, more));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::Code::permission_denied);
  EXPECT_EQ(consents_, 2);
  const auto other = challenge(refusal(403, "Basic realm=\"x\""));
  ASSERT_TRUE(other);
  EXPECT_FALSE(*other) << "not about authorization";
}

TEST_F(OAuthClientTest, ATokenRefusedAtOnceIsNotAskedForAgain) {
  consenting();
  ASSERT_TRUE(challenge());
  const auto again = challenge();
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().detail.find("refuses the token"), std::string::npos);
  EXPECT_EQ(consents_, 1);
}

TEST_F(OAuthClientTest, AScopeThatARegistrationRefusesIsLeftOutOfIt) {
  consenting();
  resource_["scopes_supported"] = JsonArray{"mcp:tools"};
  as_.routes["/register"] = [this](const Request& request) {
    ++registered_;
    if (request.body.find("mcp:tools") != std::string::npos)
      return json({{"error", "invalid_client_metadata"}}, 400);
    return json({{"client_id", "client"}}, 201);
  };
  const auto done = challenge();
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(registered_, 2);
  EXPECT_EQ(asked("scope"), "mcp:tools") << "it is asked for all the same";
}

TEST_F(OAuthClientTest, KnowsWhatItWaitsFor) {
  const auto begun = run(client().begin_authorization());
  ASSERT_TRUE(begun) << begun.error().detail;
  EXPECT_TRUE(*run(client().awaits(begun->state)));
  EXPECT_FALSE(*run(client().awaits("another")));
  EXPECT_FALSE(*run(client().awaits("")));
  restart();
  EXPECT_TRUE(*run(client().awaits(begun->state))) << "also in the next life";
}

// Hostile documents. In each case nobody gets a code, a registration or a token.

TEST_F(OAuthClientTest, MetadataOfAnotherIssuer) {
  consenting();
  metadata_["issuer"] = "https://evil.example";
  EXPECT_NE(failure(challenge()).find("another one"), std::string::npos);
  EXPECT_EQ(as_.all("/register").size() + as_.all("/token").size(), 0U);
}

TEST_F(OAuthClientTest, ResourceOfAnotherServer) {
  consenting();
  resource_["resource"] = "https://evil.example/mcp";
  EXPECT_NE(failure(challenge()).find("not this server"), std::string::npos);
  EXPECT_TRUE(as_.seen.empty());
}

TEST_F(OAuthClientTest, NoPkce) {
  consenting();
  metadata_.erase("code_challenge_methods_supported");
  EXPECT_NE(failure(challenge()).find("does not offer PKCE with S256"), std::string::npos);
  EXPECT_EQ(as_.all("/register").size(), 0U);
}

TEST_F(OAuthClientTest, EndpointsThatLeadInside) {
  consenting();
  for (const auto* url :
       {"http://10.0.0.1/token", "https://169.254.169.254/latest/meta-data", "http://[fd00::1]/",
        "gopher://127.0.0.1/", "https://[::ffff:a9fe:a9fe]/"}) {
    metadata_["registration_endpoint"] = url;
    restart();
    EXPECT_FALSE(challenge()) << url;
  }
  EXPECT_EQ(as_.all("/token").size(), 0U);
}

TEST_F(OAuthClientTest, AServerOfTheInternetNamesNothingInside) {
  consenting();
  mcp_.routes["/prm"] = [this](const Request&) { return json(resource_); };
  auto from_outside = refusal(401, "Bearer resource_metadata=\"" + mcp_.url + "/prm\"");
  from_outside.peer = boost::asio::ip::make_address("93.184.216.34");
  const auto done = challenge(from_outside);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::Code::permission_denied) << done.error().detail;
  EXPECT_TRUE(mcp_.seen.empty());
  // The names of what is inside do not help either.
  settings_.resolve = [](std::string) -> TaskResult<std::vector<net::IpAddress>> {
    co_return std::vector{boost::asio::ip::make_address("10.0.0.1")};
  };
  restart();
  from_outside.challenges = {"Bearer resource_metadata=\"https://inside.example/prm\""};
  from_outside.generation = proof().generation;
  EXPECT_EQ(challenge(from_outside).error().code, base::Code::permission_denied);
}

TEST_F(OAuthClientTest, WhatAChallengeNamedIsRememberedWithWhoNamedIt) {
  mcp_.routes["/prm"] = [this](const Request&) { return json(resource_); };
  const auto challenge_text = "Bearer resource_metadata=\"" + mcp_.url + "/prm\"";
  ASSERT_FALSE(challenge(refusal(401, challenge_text))) << "somebody has to consent";
  mcp_.routes.erase("/.well-known/oauth-protected-resource/mcp");
  restart();
  EXPECT_TRUE(run(client().begin_authorization()));
  auto from_outside = refusal(401, challenge_text);
  from_outside.peer = boost::asio::ip::make_address("93.184.216.34");
  restart();
  ASSERT_FALSE(challenge(from_outside));
  const auto begun = run(client().begin_authorization());
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, base::Code::permission_denied);
}

TEST_F(OAuthClientTest, DpopWhereTheResourceWantsIt) {
  consenting();
  resource_["dpop_bound_access_tokens_required"] = true;
  EXPECT_NE(failure(challenge()).find("DPoP"), std::string::npos) << "not offered";
  metadata_["dpop_signing_alg_values_supported"] = JsonArray{"RS256", "ES256"};
  restart();
  EXPECT_NE(failure(challenge()).find("one that is not"), std::string::npos) << "a Bearer token";
  as_.routes["/token"] = [this](const Request& request) {
    auto out = token();
    out["token_type"] = "DPoP";
    auto answer = json(std::move(out));
    if (request.headers.get_or("dpop", "").empty()) answer.status = 400;
    return answer;
  };
  restart();
  ASSERT_TRUE(challenge());
  const auto first = proof().headers;
  EXPECT_TRUE(first.get_or("authorization", "").starts_with("DPoP access-"));
  EXPECT_NE(first.get_or("dpop", ""), proof().headers.get_or("dpop", "")) << "never twice";
  EXPECT_EQ(asked("dpop_jkt").size(), 43U);
  const auto key = base::string_or(stored_, "dpop_key");
  restart();
  EXPECT_TRUE(authorization().starts_with("DPoP access-"));
  EXPECT_EQ(base::string_or(stored_, "dpop_key"), key);
}

TEST_F(OAuthClientTest, AGiantDocument) {
  consenting();
  mcp_.routes["/.well-known/oauth-protected-resource/mcp"] = [](const Request&) {
    return Response{.body = std::string(2U << 20U, ' ') + "{}"};
  };
  const auto done = challenge();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::Code::too_large) << done.error().detail;
}

TEST_F(OAuthClientTest, RedirectsWithoutEndAndAway) {
  consenting();
  const std::string path = "/.well-known/oauth-protected-resource/mcp";
  const auto to = [](const std::string& where) {
    return [where](const Request&) {
      Response out{.status = 302};
      out.headers.set("location", where);
      return out;
    };
  };
  mcp_.routes[path] = to(path);
  EXPECT_NE(failure(challenge()).find("redirects without end"), std::string::npos);
  EXPECT_EQ(mcp_.all(path).size(), 4U);
  mcp_.routes[path] = to(as_.url + "/elsewhere");
  restart();
  EXPECT_NE(failure(challenge()).find("another origin"), std::string::npos);
  EXPECT_TRUE(as_.seen.empty());
  // A form is never sent on.
  mcp_.routes[path] = [this](const Request&) { return json(resource_); };
  as_.routes["/token"] = to(mcp_.url + "/stolen");
  restart();
  EXPECT_FALSE(challenge());
  EXPECT_TRUE(mcp_.all("/stolen").empty());
}

TEST_F(OAuthClientTest, WhatIsRefusedIsNotAskedAgainAtOnce) {
  consenting();
  as_.routes["/token"] = [](const Request& request) {
    const auto verifier = request.body.substr(request.body.find("code_verifier=") + 14, 43);
    return json({{"error", "invalid_request"}, {"error_description", "bad " + verifier}}, 400);
  };
  const auto first = challenge();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().detail.find(as_.form_value(0, "code_verifier")), std::string::npos);
  EXPECT_EQ(first.error().detail, failure(challenge()));
  EXPECT_EQ(as_.all("/token").size(), 1U);
}

TEST_F(OAuthClientTest, ARefusedAssertionIsNotSentTwice) {
  settings_.grant = Grant::jwt_bearer;
  settings_.identity.client_id = "workload";
  settings_.assertion = []() -> TaskResult<base::Secret> { co_return base::Secret("the.jwt.x"); };
  as_.routes["/token"] = [](const Request&) { return json({{"error", "invalid_grant"}}, 400); };
  EXPECT_FALSE(challenge());
  EXPECT_FALSE(challenge(refusal(401, "Bearer scope=\"other\"")));
  EXPECT_EQ(as_.all("/token").size(), 1U);
}

}  // namespace
}  // namespace telltale::mcp::oauth
