#include "mcp/oauth/discovery.hpp"

#include "mcp/oauth/urls.hpp"

namespace telltale::mcp::oauth {
namespace {

using runtime::TaskResult;

struct Document {
  base::Json json;
  net::IpAddress peer = {};
};

// The first of `urls` that is a JSON object. Nothing: none of them is there. Sites that answer 200
// with a page to everything are common, so what is no JSON counts as not there.
TaskResult<std::optional<Document>> first_document(Trust trust, std::vector<std::string> urls) {
  std::optional<base::Error> failure;
  for (auto& url : urls) {
    auto answer = co_await fetch_document(trust, url);
    if (answer && answer->status >= 500)
      failure = base::Error{.code = base::Code::unavailable,
                            .detail = "oauth: " + url.substr(0, 200) + " answered HTTP " +
                                      std::to_string(answer->status)};
    if (!answer) failure = answer.error();
    if (!answer || answer->status != 200) continue;
    auto json = base::parse_json(answer->body, {.max_depth = 16, .max_bytes = 1U << 20U});
    if (json && json->is_object())
      co_return Document{.json = std::move(*json), .peer = answer->peer};
  }
  // Something is there, only not now: no reason to go on as if there were nothing.
  if (failure) co_return std::unexpected(std::move(*failure));
  co_return std::nullopt;
}

TaskResult<std::optional<Document>> resource_document(DiscoveryTarget target) {
  if (target.metadata_url.empty())
    co_return co_await first_document(target.trust, resource_metadata_urls(target.server_url));
  auto fine = check_named_url(target.metadata_url, "the resource metadata URL", target.server_url);
  if (!fine) co_return std::unexpected(fine.error());
  auto found = co_await first_document(target.trust, {target.metadata_url});
  if (found && !*found)
    co_return base::fail(base::Code::protocol, "oauth: the server names " +
                                                   target.metadata_url.substr(0, 200) +
                                                   " as its metadata, but there is none");
  co_return found;
}

// 2025-03-26: the server's own origin is the authorization server.
TaskResult<Discovered> discover_legacy(DiscoveryTarget target) {
  const auto origin = plain_origin(target.server_url);
  if (auto fine = check_named_url(origin, "the authorization server"); !fine)
    co_return std::unexpected(fine.error());
  auto found =
      co_await first_document(target.trust, {origin + "/.well-known/oauth-authorization-server"});
  if (!found) co_return std::unexpected(found.error());
  Discovered out{.resource = canonical_resource(target.server_url), .trust = target.trust};
  if (!*found) {
    out.server = assumed_metadata(target.server_url);
    co_return out;
  }
  // Nothing names this issuer but the server's URL, and 2025-03-26 does not say how it is written:
  // any of the server's own origin is taken.
  auto issuer = base::string_or((*found)->json.get_object(), "issuer");
  if (!same_origin(issuer, origin)) issuer = origin;
  auto metadata = read_server_metadata((*found)->json, issuer);
  if (!metadata) co_return std::unexpected(metadata.error());
  out.server = std::move(*metadata);
  out.trust = target.trust.through((*found)->peer);
  co_return out;
}

}  // namespace

TaskResult<Discovered> discover(DiscoveryTarget target) {
  auto document = co_await resource_document(target);
  if (!document) co_return std::unexpected(document.error());
  if (!*document) co_return co_await discover_legacy(std::move(target));
  auto resource = read_resource_metadata((*document)->json, target.server_url);
  if (!resource) co_return std::unexpected(resource.error());

  const auto& issuers = resource->authorization_servers;
  const auto issuer = has(issuers, target.known_issuer) ? target.known_issuer : issuers.front();
  const auto trust = target.trust.through((*document)->peer);
  auto found = co_await first_document(trust, server_metadata_urls(issuer));
  if (!found) co_return std::unexpected(found.error());
  if (!*found)
    co_return base::fail(base::Code::protocol, "oauth: the authorization server at " +
                                                   issuer.substr(0, 200) + " has no metadata");
  auto server = read_server_metadata((*found)->json, issuer);
  if (!server) co_return std::unexpected(server.error());
  co_return Discovered{.server = std::move(*server),
                       .resource = std::move(resource->resource),
                       .scopes_supported = std::move(resource->scopes_supported),
                       .dpop_required = resource->dpop_required,
                       .trust = trust.through((*found)->peer)};
}

}  // namespace telltale::mcp::oauth
