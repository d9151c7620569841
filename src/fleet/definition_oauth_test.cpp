#include "fleet/definition_oauth.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "fleet/definition.hpp"
#include "mcp/oauth/ec_key.hpp"

namespace telltale::fleet {
namespace {

base::Result<Definition> parse(std::string_view text) {
  return parse_definition("one", base::parse_json(text)->get_object(), "/mcpServers/one");
}
base::Result<Definition> with(base::JsonObject oauth) {
  return parse_definition("one",
                          {{"url", "https://mcp.example/mcp"}, {"telltale", {{"oauth", oauth}}}},
                          "/mcpServers/one");
}
std::string wrong(const base::Result<Definition>& parsed) {
  return parsed || parsed.error().fields.empty() ? "" : parsed.error().fields.front().pointer;
}

TEST(DefinitionOAuth, AServerWithAUrlIsAuthorizedWithWhenItAsks) {
  EXPECT_TRUE(parse(R"({"url": "https://mcp.example/mcp"})")->oauth);
  EXPECT_FALSE(parse(R"({"command": "true"})")->oauth);
  EXPECT_FALSE(parse(R"({"url": "https://mcp.example/mcp", "telltale": {"oauth": false}})")->oauth);
  EXPECT_FALSE(
      parse(R"({"url": "https://a.b/", "headers": {"authorization": "Bearer mine"}})")->oauth)
      << "a token of one's own is used as it is";
}

TEST(DefinitionOAuth, SaysWhoWeAre) {
  ::setenv("OAUTH_TEST_SECRET", "hush", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  const auto one = with({{"grant", "client_credentials"},
                         {"client_id", "hub"},
                         {"client_secret", "${env:OAUTH_TEST_SECRET}"},
                         {"issuer", "https://as.example"},
                         {"scope", "a b"},
                         {"dpop", false}});
  ASSERT_TRUE(one) << one.error().detail;
  EXPECT_EQ(one->oauth->grant, mcp::oauth::Grant::client_credentials);
  EXPECT_EQ(one->oauth->client_secret.reveal(), "hush");
  EXPECT_EQ(one->oauth->issuer, "https://as.example");
  EXPECT_FALSE(one->oauth->dpop);
  const auto key = mcp::oauth::EcKey::generate()->to_pem();
  EXPECT_TRUE(with({{"client_id", "hub"}, {"private_key", std::string(key.reveal())}}));
}

TEST(DefinitionOAuth, WhatIsWrongIsNamed) {
  const std::string at = "/mcpServers/one/telltale/oauth";
  EXPECT_EQ(wrong(parse(R"({"command": "true", "telltale": {"oauth": {}}})")), at);
  EXPECT_EQ(wrong(parse(R"({"url": "https://a.b/", "telltale": {"oauth": "yes"}})")), at);
  EXPECT_EQ(wrong(parse(R"({"url": "https://a.b/", "headers": {"Authorization": "x"},
                            "telltale": {"oauth": {}}})")),
            at);
  EXPECT_EQ(wrong(with({{"grant", "password"}})), at + "/grant");
  EXPECT_EQ(wrong(with({{"scopes", "a"}})), at + "/scopes");
  EXPECT_EQ(wrong(with({{"grant", "client_credentials"}})), at + "/client_id");
  EXPECT_EQ(wrong(with({{"grant", "client_credentials"}, {"client_id", "hub"}})),
            at + "/client_secret");
  EXPECT_EQ(wrong(with({{"client_secret", "x"}})), at + "/client_id");
  EXPECT_EQ(wrong(with({{"client_id", "hub"}, {"private_key", "no key"}})), at + "/private_key");
  EXPECT_EQ(wrong(with({{"issuer", "ftp://as.example"}})), at + "/issuer");
  EXPECT_EQ(wrong(with({{"grant", "jwt_bearer"}})), at + "/assertion_file");
  EXPECT_EQ(wrong(with({{"assertion_file", "/run/token"}})), at + "/assertion_file");
  EXPECT_EQ(wrong(with({{"grant", "jwt_bearer"}, {"assertion_file", "token"}})),
            at + "/assertion_file");
  EXPECT_EQ(wrong(with({{"grant", "enterprise"}, {"assertion_file", "/run/token"}})),
            at + "/identity_provider");
}

TEST(DefinitionOAuth, WhatIsSecretIsNotShown) {
  const base::JsonObject source{
      {"url", "https://a.b/"},
      {"telltale",
       {{"oauth",
         {{"client_id", "hub"},
          {"client_secret", "hush"},
          {"private_key", "hush"},
          {"identity_provider", {{"client_id", "x"}, {"client_secret", "hush"}}}}}}}};
  const auto shown = base::write_json(redacted(source));
  EXPECT_EQ(shown.find("hush"), std::string::npos) << shown;
  EXPECT_NE(shown.find("hub"), std::string::npos);
}

TEST(Definition, WhatReachesThisMachineIsKnown) {
  const auto reaches = [](std::string_view text) {
    return reaches_machine(base::parse_json(text)->get_object());
  };
  EXPECT_TRUE(reaches(R"({"command": "true"})"));
  EXPECT_TRUE(reaches(R"({"url": "https://a.b/", "headers": {"X": "${env:SECRET_KEY}"}})"));
  EXPECT_TRUE(reaches(R"({"url": "https://a.b/?k=${env:SECRET_KEY}"})"));
  EXPECT_TRUE(reaches(R"({"url": "https://a.b/", "telltale": {"tags": ["${env:SECRET_KEY}"]}})"));
  EXPECT_TRUE(reaches(
      R"({"url": "https://a.b/", "telltale": {"oauth": {"assertion_file": "/etc/shadow"}}})"));
  EXPECT_FALSE(reaches(R"({"url": "https://a.b/", "headers": {"X": "plain"}})"));
}

}  // namespace
}  // namespace telltale::fleet
