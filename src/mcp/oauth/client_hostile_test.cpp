// OAuthClient against hostile documents. In each case nobody gets a code, a registration or a
// token.
#include "mcp/oauth/client.hpp"
#include "mcp/oauth/test_support.hpp"

namespace telltale::mcp::oauth {
namespace {

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

}  // namespace
}  // namespace telltale::mcp::oauth
