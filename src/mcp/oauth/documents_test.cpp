// Documents and answers of servers: metadata, registrations, tokens, refusals.
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "mcp/oauth/token.hpp"

namespace telltale::mcp::oauth {
namespace {

using base::JsonObject;

const std::string kServer = "https://a.example/mcp";

JsonObject resource() {
  return {{"resource", kServer}, {"authorization_servers", {"https://as.example"}}};
}
JsonObject server() {
  return {{"issuer", "https://as.example"},
          {"authorization_endpoint", "https://as.example/authorize"},
          {"token_endpoint", "https://as.example/token"},
          {"code_challenge_methods_supported", {"plain", "S256"}}};
}
template <class T>
std::string why(const base::Result<T>& result) {
  return result ? "fine" : result.error().detail;
}

TEST(OAuthMetadata, Resource) {
  EXPECT_EQ(read_resource_metadata(resource(), kServer)->resource, kServer);
  auto evil = resource();
  evil["resource"] = "https://evil.example/mcp";
  EXPECT_NE(why(read_resource_metadata(evil, kServer)).find("not this server"), std::string::npos);
  for (const auto* issuer : {"http://as.example", "http://10.0.0.1", "ftp://x", "nonsense"}) {
    auto bad = resource();
    bad["authorization_servers"] = base::JsonArray{issuer};
    EXPECT_FALSE(read_resource_metadata(bad, kServer)) << issuer;
  }
  auto none = resource();
  none.erase("authorization_servers");
  EXPECT_FALSE(read_resource_metadata(none, kServer));
  EXPECT_FALSE(read_resource_metadata(base::Json("text"), kServer));
}

TEST(OAuthMetadata, Server) {
  const auto good = read_server_metadata(server(), "https://as.example");
  ASSERT_TRUE(good);
  EXPECT_TRUE(check_code_grant(*good));
  // Exactly: a slash is another issuer.
  EXPECT_NE(why(read_server_metadata(server(), "https://as.example/")).find("another one"),
            std::string::npos);
  for (const auto* endpoint :
       {"http://10.0.0.1/token", "http://as.example/token", "javascript:1"}) {
    auto bad = server();
    bad["token_endpoint"] = endpoint;
    EXPECT_FALSE(read_server_metadata(bad, "https://as.example")) << endpoint;
  }
  auto plain = server();
  plain["code_challenge_methods_supported"] = base::JsonArray{"plain"};
  EXPECT_EQ(why(check_code_grant(*read_server_metadata(plain, "https://as.example"))),
            "oauth: the authorization server at https://as.example does not offer PKCE with S256");
  plain.erase("code_challenge_methods_supported");
  EXPECT_FALSE(check_code_grant(*read_server_metadata(plain, "https://as.example")));
  EXPECT_TRUE(check_code_grant(assumed_metadata(kServer)));
  EXPECT_EQ(assumed_metadata(kServer).token_endpoint, "https://a.example/token");
}

TEST(OAuthRegistration, Order) {
  Identity identity{.redirect_uri = "http://localhost/cb"};
  ServerMetadata as{.issuer = "https://as.example",
                    .registration_endpoint = "https://as.example/r"};
  State state;
  auto chosen = choose_registration(identity, as, state, 0);
  ASSERT_TRUE(chosen);
  EXPECT_FALSE(*chosen) << "to be registered";

  state.issuer = as.issuer;
  state.registration = Registration{.client_id = "dyn", .redirect_uri = "http://localhost/cb"};
  EXPECT_EQ((*choose_registration(identity, as, state, 0))->client_id, "dyn");
  state.registration->expires_at_s = 100;
  EXPECT_FALSE(*choose_registration(identity, as, state, 100)) << "the secret has expired";
  state.registration->expires_at_s = 0;
  state.issuer = "https://old.example";
  EXPECT_FALSE(*choose_registration(identity, as, state, 0)) << "another issuer's";

  identity.client_metadata_url = "https://me.example/client.json";
  EXPECT_FALSE(*choose_registration(identity, as, state, 0)) << "not offered";
  as.client_id_metadata_documents = true;
  EXPECT_EQ((*choose_registration(identity, as, state, 0))->client_id,
            identity.client_metadata_url);

  identity.client_id = "pre";
  EXPECT_EQ((*choose_registration(identity, as, state, 0))->client_id, "pre");
  identity.issuer = "https://other.example";
  EXPECT_FALSE(choose_registration(identity, as, state, 0));

  as = {.issuer = "https://as.example"};
  EXPECT_FALSE(choose_registration({}, as, {}, 0)) << "no way to register";
}

TEST(OAuthRegistration, Request) {
  ServerMetadata as{.token_auth_methods = {"none", "client_secret_post"}};
  auto asked = registration_request({.redirect_uri = "http://localhost:1/cb"}, as, "a");
  EXPECT_EQ(base::write_json(asked.at("redirect_uris")), R"(["http://localhost:1/cb"])");
  EXPECT_EQ(base::write_json(asked.at("grant_types")), R"(["authorization_code","refresh_token"])");
  EXPECT_EQ(base::write_json(asked.at("response_types")), R"(["code"])");
  EXPECT_EQ(base::string_or(asked, "application_type"), "native");
  EXPECT_EQ(base::string_or(asked, "token_endpoint_auth_method"), "client_secret_post");
  asked = registration_request({.redirect_uri = "https://t.example/cb"}, {}, "");
  EXPECT_EQ(base::string_or(asked, "application_type"), "web");
  EXPECT_FALSE(asked.contains("scope"));
}

TEST(OAuthToken, HowToAuthenticate) {
  const Registration open{.client_id = "c"};
  const Registration secret{.client_id = "c d", .client_secret = base::Secret("p:w")};
  EXPECT_EQ(*choose_auth_method(open, {}, false), "none");
  EXPECT_EQ(*choose_auth_method(open, {"client_secret_basic"}, false), "none");
  EXPECT_EQ(*choose_auth_method(secret, {}, false), "client_secret_basic");
  EXPECT_EQ(*choose_auth_method(secret, {"none"}, false), "none");
  EXPECT_EQ(*choose_auth_method(secret, {"client_secret_post"}, false), "client_secret_post");
  EXPECT_EQ(*choose_auth_method(open, {"private_key_jwt"}, true), "private_key_jwt");
  EXPECT_FALSE(choose_auth_method(secret, {"tls_client_auth"}, false));

  Form form;
  net::Headers headers;
  ASSERT_TRUE(
      authenticate(form, headers, {.registration = secret, .method = "client_secret_basic"}, {}));
  EXPECT_EQ(headers.get_or("authorization", ""), "Basic " + base::base64_encode("c%20d:p%3Aw"));
  EXPECT_TRUE(form.empty());
}

TEST(OAuthToken, Answers) {
  const JsonObject good{{"access_token", "abc"}, {"token_type", "bearer"}, {"expires_in", 60}};
  const auto now = base::from_unix_ms(1'000'000);
  const auto tokens = read_tokens(good, false, "a b", now);
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->expires_at_s, 1060);
  EXPECT_EQ(tokens->scope, "a b");
  for (const auto& [key, value] : JsonObject{{"access_token", "a\r\nb"},
                                             {"access_token ", ""},
                                             {"token_type", "mac"},
                                             {"refresh_token", "x y"}}) {
    auto bad = good;
    bad[key == "access_token " ? "access_token" : std::string_view(key)] = value;
    EXPECT_FALSE(read_tokens(bad, false, "", now)) << base::write_json(bad);
  }
  auto bound = good;
  bound["token_type"] = "DPoP";
  EXPECT_FALSE(read_tokens(bound, false, "", now)) << "not asked for";
  EXPECT_TRUE(read_tokens(bound, true, "", now)->dpop);
  auto forever = good;
  forever["expires_in"] = 1e300;
  EXPECT_GT(read_tokens(forever, false, "", now)->expires_at_s, 0);
}

TEST(OAuthToken, RefusalsDoNotRepeatSecrets) {
  const Form form{{"refresh_token", "a-very-secret-refresh-token"}};
  const auto error = token_refusal(
      400, R"({"error":"invalid_grant","error_description":"a-very-secret-refresh-token is old"})",
      form, "https://as.example/token");
  EXPECT_EQ(oauth_error(error), "invalid_grant");
  EXPECT_EQ(error.detail.find("very-secret"), std::string::npos) << error.detail;
  EXPECT_EQ(token_refusal(502, "<html>", form, "https://as.example/token").code,
            base::Code::unavailable);
}

}  // namespace
}  // namespace telltale::mcp::oauth
