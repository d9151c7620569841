// OAuthClient from nothing to a token: consent, refresh, more scopes, and what is not asked twice.
#include "mcp/oauth/client.hpp"

#include "mcp/oauth/pkce.hpp"
#include "mcp/oauth/test_support.hpp"

namespace telltale::mcp::oauth {
namespace {

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
