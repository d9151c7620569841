#include "oauth_setup.hpp"

#include "net/http_client.hpp"

namespace telltale {
namespace {

using namespace mcp::oauth;

// The suite's authorization endpoint answers with the redirect at once.
runtime::TaskResult<CallbackParameters> consent(std::string url) {
  net::HttpClient client(*runtime::Loop::current(), {});
  auto answer = co_await client.request({.url = std::move(url)});
  if (!answer) co_return std::unexpected(answer.error());
  const auto location = answer->headers.get("location");
  if (!location) co_return base::fail(base::Code::protocol, "no redirect after the consent");
  co_return read_callback_url(*location);
}

std::function<runtime::TaskResult<base::Secret>()> constant(std::string value) {
  return [secret = base::Secret(std::move(value))] {
    return [](base::Secret out) -> runtime::TaskResult<base::Secret> { co_return out; }(secret);
  };
}

}  // namespace

std::shared_ptr<OAuthClient> oauth_client(runtime::Loop& loop, std::string url,
                                          std::string scenario, const base::JsonObject& context) {
  Settings settings{.server_url = std::move(url), .consent = consent};
  settings.identity = {.client_name = "telltale-conformance",
                       .redirect_uri = "http://localhost:3456/callback",
                       .client_metadata_url = "https://conformance-test.local/client-metadata.json",
                       .client_id = base::string_or(context, "client_id"),
                       .client_secret = base::Secret(base::string_or(context, "client_secret")),
                       .issuer = base::string_or(context, "issuer")};
  settings.private_key_pem = base::Secret(base::string_or(context, "private_key_pem"));
  if (scenario.starts_with("auth/client-credentials")) settings.grant = Grant::client_credentials;
  if (scenario == "auth/wif-jwt-bearer") {
    settings.grant = Grant::jwt_bearer;
    settings.assertion = constant(base::string_or(context, "valid_jwt"));
  }
  if (context.contains("idp_id_token")) {
    settings.grant = Grant::enterprise;
    settings.assertion = constant(base::string_or(context, "idp_id_token"));
    settings.identity_provider = {.token_endpoint = base::string_or(context, "idp_token_endpoint"),
                                  .client_id = base::string_or(context, "idp_client_id")};
  }
  return std::make_shared<OAuthClient>(loop, std::move(settings));
}

}  // namespace telltale
