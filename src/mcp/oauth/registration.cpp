#include "mcp/oauth/registration.hpp"

#include "base/encoding.hpp"
#include "mcp/oauth/urls.hpp"
#include "net/url.hpp"

namespace telltale::mcp::oauth {
namespace {

constexpr std::size_t kLongest = 8192;
constexpr std::string_view kBasic = "client_secret_basic";
constexpr std::string_view kPost = "client_secret_post";
constexpr std::string_view kNone = "none";
constexpr std::string_view kKeyJwt = "private_key_jwt";

std::unexpected<base::Error> refused(std::string why) {
  return base::fail(base::Code::protocol, "oauth: " + std::move(why));
}

// OpenID Connect Dynamic Client Registration section 2: a redirect to this machine is a native
// program's.
std::string application_type(const std::string& redirect_uri) {
  const auto url = net::parse_url(redirect_uri);
  return url && url->scheme == "https" ? "web" : "native";
}

bool still_good(const Registration& known, const Identity& identity, std::int64_t now_s) {
  return known.kind == RegistrationKind::dynamic && known.redirect_uri == identity.redirect_uri &&
         (known.expires_at_s == 0 || known.expires_at_s > now_s + 60);
}

}  // namespace

base::Result<std::optional<Registration>> choose_registration(const Identity& identity,
                                                              const ServerMetadata& server,
                                                              const State& state,
                                                              std::int64_t now_s) {
  if (!identity.client_id.empty()) {
    if (!identity.issuer.empty() && identity.issuer != server.issuer)
      return refused("the client id in the settings belongs to " + identity.issuer +
                     ", the server now wants " + server.issuer);
    return Registration{.kind = RegistrationKind::pre_registered,
                        .client_id = identity.client_id,
                        .client_secret = identity.client_secret};
  }
  if (!identity.client_metadata_url.empty() && server.client_id_metadata_documents)
    return Registration{.kind = RegistrationKind::metadata_document,
                        .client_id = identity.client_metadata_url,
                        .auth_method = std::string(kNone)};
  if (state.issuer == server.issuer && state.registration &&
      still_good(*state.registration, identity, now_s))
    return *state.registration;
  if (server.registration_endpoint.empty())
    return refused("the authorization server at " + server.issuer +
                   " registers no clients by itself: a client id has to be set");
  return std::optional<Registration>();
}

base::JsonObject registration_request(const Identity& identity, const ServerMetadata& server,
                                      std::string_view scope) {
  auto method = kBasic;
  if (!server.token_auth_methods.empty() && !has(server.token_auth_methods, kBasic))
    method = has(server.token_auth_methods, kPost) ? kPost : kNone;
  base::JsonObject out{{"client_name", identity.client_name},
                       {"application_type", application_type(identity.redirect_uri)},
                       {"redirect_uris", {identity.redirect_uri}},
                       {"grant_types", {"authorization_code", "refresh_token"}},
                       {"response_types", {"code"}},
                       {"token_endpoint_auth_method", method}};
  if (!scope.empty()) out["scope"] = scope;
  return out;
}

base::Result<Registration> read_registration(const base::Json& document, const Identity& identity) {
  if (!document.is_object()) return refused("the answer to the registration is no JSON object");
  const auto& object = document.get_object();
  Registration out{
      .client_id = base::string_or(object, "client_id"),
      .client_secret = base::Secret(base::string_or(object, "client_secret")),
      .auth_method = base::string_or(object, "token_endpoint_auth_method"),
      .redirect_uri = identity.redirect_uri,
      .expires_at_s = base::find_integer(object, "client_secret_expires_at").value_or(0)};
  if (out.client_id.empty() || out.client_id.size() > kLongest ||
      out.client_secret.reveal().size() > kLongest)
    return refused("the answer to the registration has no usable client id");
  return out;
}

base::Result<std::string> choose_auth_method(const Registration& registration,
                                             const std::vector<std::string>& offered,
                                             bool has_private_key) {
  const bool has_secret = !registration.client_secret.empty();
  const auto can = [&](std::string_view method) {
    if (method == kKeyJwt) return has_private_key;
    if (method == kBasic || method == kPost) return has_secret;
    return method == kNone;
  };
  if (can(registration.auth_method)) return registration.auth_method;
  // RFC 8414 section 2: left out, it means client_secret_basic.
  if (offered.empty()) return std::string(has_private_key ? kKeyJwt : has_secret ? kBasic : kNone);
  for (const auto method : {kKeyJwt, kBasic, kPost, kNone})
    if (can(method) && has(offered, method)) return std::string(method);
  // Many servers forget to list `none` for public clients.
  if (!has_secret && !has_private_key) return std::string(kNone);
  return refused(
      "the authorization server takes none of the ways to authenticate that this client "
      "has");
}

}  // namespace telltale::mcp::oauth
