#include "mcp/oauth/metadata.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "mcp/oauth/urls.hpp"

namespace telltale::mcp::oauth {
namespace {

constexpr std::size_t kListLimit = 256;
constexpr std::size_t kWordLimit = 512;

// Words that cannot break out of a scope list or a log line.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kWordLimit &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::vector<std::string> words(const base::JsonObject& object, std::string_view key) {
  std::vector<std::string> out;
  const auto* list = base::find_array(object, key);
  if (list == nullptr) return out;
  for (const auto& one : *list)
    if (out.size() < kListLimit && one.is_string() && is_word(one.get_string()))
      out.emplace_back(one.get_string());
  return out;
}

std::unexpected<base::Error> refused(std::string why) {
  return base::fail(base::Code::protocol, "oauth: " + std::move(why));
}

std::string shown(std::string_view text) {
  return base::to_utf8(text.substr(0, 200));
}

base::Result<std::string> endpoint(const base::JsonObject& object, std::string_view key) {
  auto url = base::string_or(object, key);
  if (url.empty()) return url;
  if (auto fine = check_named_url(url, key); !fine) return std::unexpected(fine.error());
  return url;
}

}  // namespace

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::ranges::find(list, one) != list.end();
}

base::Result<ResourceMetadata> read_resource_metadata(const base::Json& document,
                                                      std::string_view server_url) {
  if (!document.is_object()) return refused("the resource metadata is no JSON object");
  const auto& object = document.get_object();
  ResourceMetadata out{
      .resource = base::string_or(object, "resource"),
      .authorization_servers = words(object, "authorization_servers"),
      .scopes_supported = words(object, "scopes_supported"),
      .dpop_required = base::find_bool(object, "dpop_bound_access_tokens_required").value_or(false),
  };
  if (!resource_covers(out.resource, server_url))
    return refused("the resource metadata is for \"" + shown(out.resource) +
                   "\", which is not this server");
  std::erase_if(out.authorization_servers,
                [&](const std::string& issuer) { return !check_named_url(issuer, "the issuer"); });
  if (out.authorization_servers.empty())
    return refused(
        "the resource metadata names no authorization server that may be used "
        "(https, or http on this machine)");
  return out;
}

base::Result<ServerMetadata> read_server_metadata(const base::Json& document,
                                                  std::string_view issuer) {
  const std::string asked = "the authorization server at " + shown(issuer);
  if (!document.is_object()) return refused(asked + " has metadata that is no JSON object");
  const auto& object = document.get_object();
  ServerMetadata out{.issuer = base::string_or(object, "issuer")};
  if (out.issuer != issuer)
    return refused(asked + " has the metadata of another one, \"" + shown(out.issuer) + "\"");
  auto authorization = endpoint(object, "authorization_endpoint");
  auto token = endpoint(object, "token_endpoint");
  auto registration = endpoint(object, "registration_endpoint");
  for (auto* const one : {&authorization, &token, &registration})
    if (!*one) return std::unexpected(one->error());
  if (token->empty()) return refused(asked + " has no token endpoint");
  out.authorization_endpoint = std::move(*authorization);
  out.token_endpoint = std::move(*token);
  out.registration_endpoint = std::move(*registration);
  out.scopes_supported = words(object, "scopes_supported");
  out.code_challenge_methods = words(object, "code_challenge_methods_supported");
  out.token_auth_methods = words(object, "token_endpoint_auth_methods_supported");
  out.dpop_algorithms = words(object, "dpop_signing_alg_values_supported");
  out.client_id_metadata_documents =
      base::find_bool(object, "client_id_metadata_document_supported").value_or(false);
  out.iss_parameter =
      base::find_bool(object, "authorization_response_iss_parameter_supported").value_or(false);
  return out;
}

ServerMetadata assumed_metadata(std::string_view server_url) {
  const auto origin = plain_origin(server_url);
  return {.issuer = origin,
          .authorization_endpoint = origin + "/authorize",
          .token_endpoint = origin + "/token",
          .registration_endpoint = origin + "/register",
          .assumed = true};
}

base::Result<void> check_code_grant(const ServerMetadata& server) {
  const std::string who = "the authorization server at " + shown(server.issuer);
  if (server.authorization_endpoint.empty()) return refused(who + " has no authorization endpoint");
  // Nobody can advertise without a document: PKCE is used all the same.
  if (!server.assumed && !has(server.code_challenge_methods, "S256"))
    return refused(who + " does not offer PKCE with S256");
  return {};
}

}  // namespace telltale::mcp::oauth
