#include "fleet/definition_oauth.hpp"

#include <array>
#include <filesystem>

#include "base/describe.hpp"
#include "fleet/definition.hpp"
#include "mcp/oauth/ec_key.hpp"
#include "net/url.hpp"

namespace telltale::fleet {

struct IdentityProviderKeys {
  std::string token_endpoint, client_id, client_secret;
};
BOOST_DESCRIBE_STRUCT(IdentityProviderKeys, (), (token_endpoint, client_id, client_secret))
constexpr auto field_rules(const IdentityProviderKeys*) {
  return std::array{base::FieldRule{.name = "client_secret", .has_default = true}};
}

struct OAuthKeys {
  std::string grant = "authorization_code";
  std::string client_id, client_secret, private_key, issuer, scope, assertion_file;
  bool dpop = true;
  std::optional<IdentityProviderKeys> identity_provider;
};
BOOST_DESCRIBE_STRUCT(OAuthKeys, (),
                      (grant, client_id, client_secret, private_key, issuer, scope, assertion_file,
                       dpop, identity_provider))
constexpr auto field_rules(const OAuthKeys*) {
  using Rule = base::FieldRule;
  return std::array{Rule{.name = "grant",
                         .one_of = "authorization_code|client_credentials|jwt_bearer|enterprise",
                         .has_default = true},
                    Rule{.name = "client_id", .maximum = 2048, .has_default = true},
                    Rule{.name = "client_secret", .maximum = 4096, .has_default = true},
                    Rule{.name = "private_key", .maximum = 16384, .has_default = true},
                    Rule{.name = "issuer", .maximum = 2048, .has_default = true},
                    Rule{.name = "scope", .maximum = 4096, .has_default = true},
                    Rule{.name = "assertion_file", .maximum = 4096, .has_default = true},
                    Rule{.name = "dpop", .has_default = true}};
}

namespace {

using mcp::oauth::Grant;

constexpr std::array kGrants{Grant::authorization_code, Grant::client_credentials,
                             Grant::jwt_bearer, Grant::enterprise};

Grant grant_of(std::string_view name) {
  for (const auto grant : kGrants)
    if (grant_name(grant) == name) return grant;
  return Grant::authorization_code;
}

bool has_authorization_header(const Definition& definition) {
  net::Headers headers;  // compares names as HTTP does
  for (const auto& [name, value] : definition.headers) headers.set(name, "");
  return headers.get("authorization").has_value();
}

base::Result<void> check_url(const std::string& text, const std::string& pointer) {
  const auto url = net::parse_url(text);
  if (!url || (url->scheme != "https" && url->scheme != "http"))
    return base::bad_field(pointer, "must be an https URL (http is for this machine only)");
  return {};
}

// What the grant needs is there, and what it has no use for is not.
base::Result<void> check(const OAuthKeys& keys, Grant grant, const std::string& pointer) {
  const bool by_assertion = grant == Grant::jwt_bearer || grant == Grant::enterprise;
  if (grant == Grant::client_credentials && keys.client_id.empty())
    return base::bad_field(pointer + "/client_id", "is required for client_credentials");
  if (grant == Grant::client_credentials && keys.client_secret.empty() && keys.private_key.empty())
    return base::bad_field(pointer + "/client_secret",
                           "is required for client_credentials (or private_key)");
  if (by_assertion && keys.assertion_file.empty())
    return base::bad_field(pointer + "/assertion_file",
                           "is required for " + std::string(grant_name(grant)));
  if (!by_assertion && !keys.assertion_file.empty())
    return base::bad_field(pointer + "/assertion_file", "is for jwt_bearer and enterprise");
  if (!keys.assertion_file.empty() && !std::filesystem::path(keys.assertion_file).is_absolute())
    return base::bad_field(pointer + "/assertion_file", "must be an absolute path");
  if (grant == Grant::enterprise && !keys.identity_provider)
    return base::bad_field(pointer + "/identity_provider", "is required for enterprise");
  if (grant != Grant::enterprise && keys.identity_provider)
    return base::bad_field(pointer + "/identity_provider", "is for the grant enterprise");
  if (keys.identity_provider)
    if (auto fine = check_url(keys.identity_provider->token_endpoint,
                              pointer + "/identity_provider/token_endpoint");
        !fine)
      return fine;
  if (!keys.issuer.empty())
    if (auto fine = check_url(keys.issuer, pointer + "/issuer"); !fine) return fine;
  if ((!keys.client_secret.empty() || !keys.private_key.empty()) && keys.client_id.empty())
    return base::bad_field(pointer + "/client_id", "is required with a secret or a key");
  return {};
}

}  // namespace

std::string_view grant_name(Grant grant) noexcept {
  switch (grant) {
    case Grant::authorization_code:
      return "authorization_code";
    case Grant::client_credentials:
      return "client_credentials";
    case Grant::jwt_bearer:
      return "jwt_bearer";
    case Grant::enterprise:
      return "enterprise";
  }
  return "";
}

base::Result<std::optional<OAuthDefinition>> read_oauth(const Definition& definition,
                                                        const base::Json* value,
                                                        const std::string& pointer) {
  const bool absent = value == nullptr || value->is_null();
  const bool none = !absent && value->is_bool() && !value->get_bool();
  if (definition.transport == mcp::TransportKind::stdio) {
    if (absent || none) return std::nullopt;
    return base::bad_field(pointer, "is for servers with a url");
  }
  if (none) return std::nullopt;
  if (absent) {
    if (has_authorization_header(definition)) return std::nullopt;
    return OAuthDefinition();
  }
  if (!value->is_object()) return base::bad_field(pointer, "must be an object, or false");
  if (has_authorization_header(definition))
    return base::bad_field(pointer, "and a header Authorization exclude each other");
  auto keys = base::from_json<OAuthKeys>(*value, pointer);
  if (!keys) return std::unexpected(keys.error());
  const auto grant = grant_of(keys->grant);
  if (auto fine = check(*keys, grant, pointer); !fine) return std::unexpected(fine.error());
  OAuthDefinition out{.grant = grant,
                      .client_id = std::move(keys->client_id),
                      .issuer = std::move(keys->issuer),
                      .scope = std::move(keys->scope),
                      .client_secret = base::Secret(expand_variables(keys->client_secret)),
                      .private_key = base::Secret(expand_variables(keys->private_key)),
                      .dpop = keys->dpop,
                      .assertion_file = std::move(keys->assertion_file)};
  if (!out.private_key.empty())
    if (const auto key = mcp::oauth::EcKey::from_pem(out.private_key); !key)
      return base::bad_field(pointer + "/private_key", key.error().detail);
  if (auto& provider = keys->identity_provider)
    out.identity_provider = {
        .token_endpoint = std::move(provider->token_endpoint),
        .client_id = std::move(provider->client_id),
        .client_secret = base::Secret(expand_variables(provider->client_secret))};
  return out;
}

base::Json redacted_oauth(const base::Json& value) {
  auto out = value;
  auto* const object = out.if_object();
  if (object == nullptr) return out;
  for (const std::string_view key : {"client_secret", "private_key"})
    if (object->contains(key)) (*object)[key] = base::Secret::kShown;
  if (auto* provider = object->if_contains("identity_provider");
      provider != nullptr && provider->is_object() &&
      provider->get_object().contains("client_secret"))
    provider->get_object()["client_secret"] = base::Secret::kShown;
  return out;
}

}  // namespace telltale::fleet
