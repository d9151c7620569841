// The parts of the OAuth client without I/O.
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "base/encoding.hpp"
#include "mcp/oauth/callback.hpp"
#include "mcp/oauth/challenge.hpp"
#include "mcp/oauth/jwt.hpp"
#include "mcp/oauth/pkce.hpp"
#include "mcp/oauth/plan.hpp"
#include "mcp/oauth/scope.hpp"
#include "mcp/oauth/token.hpp"
#include "mcp/oauth/urls.hpp"

namespace telltale::mcp::oauth {
namespace {

TEST(OAuthChallenge, ReadsWhatServersSend) {
  struct Case {
    std::string field;
    std::string schemes;
    std::string metadata;
    std::string scope;
  };
  const std::vector<Case> cases{
      {R"(Bearer resource_metadata="https://a/x", scope="r w")", "bearer,", "https://a/x", "r w"},
      {R"(Bearer realm="a, b", scope=read)", "bearer,", "", "read"},
      {R"(Basic realm="x", Bearer scope="s\"t")", "basic,bearer,", "", "s\"t"},
      {R"(Negotiate YWJj==, DPoP algs="ES256", scope="q")", "negotiate,dpop,", "", "q"},
      {R"(Bearer, DPoP scope="z")", "bearer,dpop,", "", "z"},
      {R"(bearer SCOPE = "up" , error="invalid_token")", "bearer,", "", "up"},
      {R"(Bearer resource_metadata=https://a/y?b=c)", "bearer,", "https://a/y?b=c", ""},
      {R"(Bearer scope="never ends)", "bearer,", "", ""},
      {"Bearer", "bearer,", "", ""},
      {"", "", "", ""},
      {"=,=\"", "", "", ""},
  };
  for (const auto& one : cases) {
    std::string schemes;
    for (const auto& challenge : parse_challenges(one.field)) schemes += challenge.scheme + ",";
    EXPECT_EQ(schemes, one.schemes) << one.field;
    const auto demand = demand_of({one.field});
    EXPECT_EQ(demand.resource_metadata, one.metadata) << one.field;
    EXPECT_EQ(demand.scope, one.scope) << one.field;
  }
  EXPECT_FALSE(demand_of({"Basic realm=\"x\""}).present);
  EXPECT_TRUE(demand_of({"Basic realm=\"x\"", "DPoP error=\"use_dpop_nonce\""}).dpop);
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += "Bearer a=b, ";
  EXPECT_LE(parse_challenges(flood).size(), 16U);
}

TEST(OAuthUrls, WellKnown) {
  using List = std::vector<std::string>;
  EXPECT_EQ(resource_metadata_urls("https://a.example/mcp?x=1"),
            (List{"https://a.example/.well-known/oauth-protected-resource/mcp",
                  "https://a.example/.well-known/oauth-protected-resource"}));
  EXPECT_EQ(resource_metadata_urls("http://127.0.0.1:3000/"),
            List{"http://127.0.0.1:3000/.well-known/oauth-protected-resource"});
  EXPECT_EQ(server_metadata_urls("https://as.example"),
            (List{"https://as.example/.well-known/oauth-authorization-server",
                  "https://as.example/.well-known/openid-configuration"}));
  EXPECT_EQ(server_metadata_urls("https://as.example/t1/"),
            (List{"https://as.example/.well-known/oauth-authorization-server/t1",
                  "https://as.example/.well-known/openid-configuration/t1",
                  "https://as.example/t1/.well-known/openid-configuration"}));
  EXPECT_EQ(plain_origin("HTTPS://A.Example:443/x"), "https://a.example");
  EXPECT_EQ(canonical_resource("https://a.example/mcp/?q"), "https://a.example/mcp");
}

TEST(OAuthUrls, WhatADocumentMayName) {
  for (const auto* good : {"https://as.example/token", "http://localhost:1/x", "http://127.9.9.9/",
                           "http://[::1]:8080/authorize", "https://10.0.0.1/"})
    EXPECT_TRUE(check_named_url(good, "it")) << good;
  for (const auto* bad :
       {"http://as.example/token", "http://10.0.0.1/", "javascript:alert(1)", "file:///etc/passwd",
        "ws://localhost/", "https://user@a.example/", "https://a.example/#x", "/token", "",
        "http://localhost.evil.example/", "http://0x7f.1/", "http://169.254.169.254/"})
    EXPECT_FALSE(check_named_url(bad, "it")) << bad;
  EXPECT_TRUE(check_named_url("http://10.0.0.1:80/x", "it", "http://10.0.0.1/mcp"));
  EXPECT_FALSE(check_named_url("http://10.0.0.1:81/x", "it", "http://10.0.0.1/mcp"));
  EXPECT_FALSE(check_named_url("https://a/" + std::string(5000, 'x'), "it"));
}

TEST(OAuthUrls, ResourceIsTheServer) {
  const std::string server = "https://a.example/mcp/v1";
  for (const auto* good : {"https://a.example/mcp/v1", "https://a.example", "https://a.example/mcp",
                           "https://A.example:443/mcp/v1/"})
    EXPECT_TRUE(resource_covers(good, server)) << good;
  for (const auto* bad : {"https://a.example/mc", "https://a.example/mcp/v1/x", "http://a.example/",
                          "https://a.example:8443/mcp", "https://evil.example/mcp/v1", "",
                          "https://a.example/mcp#f", "https://a.example/mcp/v1?x=1"})
    EXPECT_FALSE(resource_covers(bad, server)) << bad;
}

TEST(OAuthScope, Choice) {
  EXPECT_EQ(union_scopes("a b", "b  c"), "a b c");
  EXPECT_TRUE(scopes_within("a", "b a"));
  EXPECT_FALSE(scopes_within("a d", "b a"));
  EXPECT_EQ(choose_scopes({.challenged = "x", .resource_supported = {"a", "b"}}), "x");
  EXPECT_EQ(choose_scopes({.resource_supported = {"a", "b"}}), "a b");
  EXPECT_EQ(choose_scopes({}), "");
  EXPECT_EQ(choose_scopes({.challenged = "w", .requested_before = "r"}), "r w");
  EXPECT_EQ(choose_scopes({.challenged = "w", .server_supported = {"offline_access"}}),
            "w offline_access");
  EXPECT_EQ(choose_scopes({.server_supported = {"offline_access"}}), "");
  EXPECT_EQ(
      choose_scopes(
          {.challenged = "w", .server_supported = {"offline_access"}, .wants_refresh = false}),
      "w");
}

TEST(OAuthPkce, TheExampleOfTheRfc) {
  // RFC 7636 appendix B.
  EXPECT_EQ(code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  EXPECT_EQ(new_code_verifier().reveal().size(), 43U);
  EXPECT_NE(new_code_verifier().reveal(), new_code_verifier().reveal());
}

TEST(OAuthForm, BothWays) {
  const Form form{{"a b", "1&2"}, {"c", "ü="}};
  EXPECT_EQ(write_form(form), "a%20b=1%262&c=%C3%BC%3D");
  EXPECT_EQ(*read_form(write_form(form)), form);
  EXPECT_EQ(read_form("x=a+b")->front().second, "a b");
  EXPECT_FALSE(read_form("x=%zz"));
  EXPECT_EQ(with_query("https://a/?t=1", {{"x", "y"}}), "https://a/?t=1&x=y");
}

// Verifies with nothing but the JWK, as a server would.
bool verifies(const std::string& jwt, const base::JsonObject& jwk) {
  const auto dot = jwt.rfind('.');
  const auto raw = *base::base64url_decode(jwt.substr(dot + 1));
  if (raw.size() != 64) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
  ECDSA_SIG* const signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature, &der);
  auto point = "\x04" + *base::base64url_decode(base::string_or(jwk, "x")) +
               *base::base64url_decode(base::string_or(jwk, "y"));
  char group[] = "prime256v1";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY_CTX* const maker = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(maker);
  EVP_PKEY_fromdata(maker, &key, EVP_PKEY_PUBLIC_KEY, parameters);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const bool good = EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
                    EVP_DigestVerify(context, der, static_cast<std::size_t>(size),
                                     reinterpret_cast<const unsigned char*>(jwt.data()), dot) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  EVP_PKEY_CTX_free(maker);
  OPENSSL_free(der);
  ECDSA_SIG_free(signature);
  return good;
}

base::JsonObject part(const std::string& jwt, int index) {
  auto from = std::size_t{0};
  for (int i = 0; i < index; ++i) from = jwt.find('.', from) + 1;
  return base::parse_json(*base::base64url_decode(jwt.substr(from, jwt.find('.', from) - from)))
      ->as_object();
}

TEST(OAuthKey, DpopProof) {
  const auto key = *EcKey::generate();
  const base::WallTime now = base::from_unix_ms(1'700'000'000'000);
  const auto jwt = *dpop_proof(
      key, {.method = "POST", .url = "https://a/mcp?q#f", .token = "tok", .nonce = "n"}, now);
  const auto header = part(jwt, 0);
  const auto claims = part(jwt, 1);
  EXPECT_EQ(base::string_or(header, "typ"), "dpop+jwt");
  EXPECT_EQ(base::string_or(header, "alg"), "ES256");
  EXPECT_TRUE(verifies(jwt, header.at("jwk").as_object()));
  EXPECT_FALSE(header.at("jwk").as_object().contains("d"));
  EXPECT_EQ(base::string_or(claims, "htm"), "POST");
  EXPECT_EQ(base::string_or(claims, "htu"), "https://a/mcp");
  EXPECT_EQ(base::string_or(claims, "nonce"), "n");
  EXPECT_EQ(claims.at("iat").to_number<std::int64_t>(), 1'700'000'000);
  EXPECT_EQ(base::string_or(claims, "ath"), code_challenge("tok"));  // the same construction
  const auto other = part(*dpop_proof(key, {.method = "GET", .url = "https://a/"}, now), 1);
  EXPECT_NE(base::string_or(other, "jti"), base::string_or(claims, "jti"));
  EXPECT_FALSE(other.contains("ath"));
}

TEST(OAuthKey, PemBothWays) {
  for (int i = 0; i < 50; ++i) {  // coordinates and signatures with leading zeros come up
    const auto key = *EcKey::generate();
    const auto again = EcKey::from_pem(key.to_pem());
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->thumbprint(), key.thumbprint());
    const auto jwt = *client_assertion(*again, "me", "https://as", base::WallTime());
    EXPECT_TRUE(verifies(jwt, key.public_jwk()));
    EXPECT_EQ(key.public_jwk().at("x").as_string().size(), 43U);
  }
  EXPECT_FALSE(EcKey::from_pem(base::Secret("nonsense")));
  EXPECT_FALSE(EcKey::from_pem(base::Secret()));
}

TEST(OAuthPlan, EveryRefusal) {
  const Demand plain{.present = true};
  const Demand more{.present = true, .scope = "w", .error = "insufficient_scope"};
  const Demand nonce{.present = true, .dpop = true, .error = "use_dpop_nonce"};
  const auto step = [](const Situation& one) { return plan_for(one).step; };
  EXPECT_EQ(step({.status = 401}), Step::renew);
  EXPECT_EQ(step({.status = 401, .demand = {.other = true}}), Step::not_ours);
  EXPECT_EQ(step({.status = 401, .demand = plain, .outdated = true}), Step::ask_again);
  EXPECT_EQ(step({.status = 401, .demand = plain, .just_issued = true}), Step::give_up);
  EXPECT_EQ(step({.status = 401, .demand = nonce, .new_nonce = true}), Step::ask_again);
  EXPECT_EQ(step({.status = 401, .demand = nonce}), Step::give_up);
  EXPECT_EQ(step({.status = 403}), Step::not_ours);
  EXPECT_EQ(step({.status = 403, .demand = plain}), Step::not_ours);
  EXPECT_EQ(step({.status = 403, .demand = more, .requested_scope = "r"}), Step::step_up);
  EXPECT_EQ(step({.status = 403, .demand = more, .just_issued = true}), Step::step_up);
  EXPECT_EQ(step({.status = 403, .demand = more, .requested_scope = "r w"}), Step::give_up);
  EXPECT_EQ(step({.status = 404, .demand = plain}), Step::not_ours);
}

Pending waiting() {
  return {.state = "s1",
          .code_verifier = base::Secret("v"),
          .issuer = "https://as.example",
          .redirect_uri = "http://localhost/cb"};
}

TEST(OAuthCallback, IssuerAndState) {
  auto pending = waiting();
  const CallbackParameters good{.state = "s1", .code = "c", .iss = "https://as.example"};
  EXPECT_EQ(check_callback(pending, good)->reveal(), "c");
  auto other = good;
  other.state = "s2";
  EXPECT_FALSE(check_callback(pending, other));
  for (const auto* iss :
       {"https://as.example/", "https://AS.example", "https://evil.example", ""}) {
    other = good;
    other.iss = iss;
    EXPECT_FALSE(check_callback(pending, other)) << iss;
  }
  other = good;
  other.iss.reset();
  EXPECT_TRUE(check_callback(pending, other));
  pending.iss_required = true;
  EXPECT_FALSE(check_callback(pending, other));
  const auto refused = check_callback(
      pending, {.state = "s1", .iss = "https://as.example", .error = "access_denied"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("access_denied"), std::string::npos);
  EXPECT_FALSE(check_callback({}, {}));
}

TEST(OAuthCallback, ReadsALocation) {
  const auto got =
      read_callback_url("http://localhost/cb?code=a%2Fb&state=s&iss=https%3A%2F%2Fx#f");
  EXPECT_EQ(got->code, "a/b");
  EXPECT_EQ(got->iss, "https://x");
  EXPECT_FALSE(read_callback_url("http://localhost/cb?code=a&code=b&state=s"));
  EXPECT_TRUE(read_callback_url("http://localhost/cb")->code.empty());
}

TEST(OAuthState, BothWays) {
  State state{.issuer = "https://as.example", .requested_scope = "a b"};
  state.registration = Registration{.kind = RegistrationKind::metadata_document,
                                    .client_id = "id",
                                    .client_secret = base::Secret("hush"),
                                    .auth_method = "none",
                                    .redirect_uri = "http://localhost/cb",
                                    .expires_at_s = 7};
  state.tokens = Tokens{.access_token = base::Secret("at"),
                        .refresh_token = base::Secret("rt"),
                        .dpop = true,
                        .scope = "a",
                        .expires_at_s = 9};
  state.dpop_key = base::Secret("pem");
  state.pending.push_back(waiting());
  state.pending.back().named_by = {"127.0.0.1"};
  const auto written = write_state(state);
  const auto again = read_state(written);
  ASSERT_TRUE(again);
  EXPECT_EQ(base::write_json(write_state(*again)), base::write_json(written));
  EXPECT_EQ(again->tokens->refresh_token.reveal(), "rt");
  EXPECT_EQ(again->registration->kind, RegistrationKind::metadata_document);
  EXPECT_FALSE(read_state({}));
  // Every secret lies where kSecretMembers says.
  auto blank = written;
  blank["registration"].as_object()["client_secret"] = "";
  blank["tokens"].as_object()["access_token"] = "";
  blank["tokens"].as_object()["refresh_token"] = "";
  blank["dpop_key"] = "";
  blank["pending"].as_array()[0].as_object()["code_verifier"] = "";
  for (const auto* secret : {"hush", "\"at\"", "\"rt\"", "pem\"", "\"v\""})
    EXPECT_EQ(base::write_json(blank).find(secret), std::string::npos) << secret;
}

TEST(OAuthState, PendingIsBounded) {
  State state;
  for (int i = 0; i < 20; ++i) {
    state.pending.push_back(waiting());
    state.pending.back().created_at_s = 1000 + i;
  }
  prune_pending(state, 1020);
  EXPECT_EQ(state.pending.size(), kPendingLimit);
  EXPECT_EQ(state.pending.back().created_at_s, 1019);
  prune_pending(state, 1019 + kPendingLife_s + 1);
  EXPECT_TRUE(state.pending.empty());
}

}  // namespace
}  // namespace telltale::mcp::oauth
