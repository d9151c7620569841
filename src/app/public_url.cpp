#include "app/public_url.hpp"

#include "net/url.hpp"

namespace telltale::app {

base::Result<PublicUrl> parse_public_url(const std::string& text) {
  const auto bare = text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
  const auto url = net::parse_url(bare);
  if (!url || (url->scheme != "https" && url->scheme != "http") ||
      bare != url->scheme + "://" + url->host_header())
    return base::fail(base::Code::invalid_argument,
                      "--public-url: must be an origin such as https://hub.example");
  return PublicUrl{.origin = bare, .host = url->host};
}

std::string redirect_uri(const std::string& origin) {
  return origin + "/oauth/callback";
}

// An authorization server reads it, from outside and over https.
std::string client_metadata_url(const std::string& origin) {
  return origin.starts_with("https://") ? origin + "/oauth/client-metadata.json" : "";
}

base::JsonObject client_metadata(const std::string& origin) {
  const auto url = client_metadata_url(origin);
  if (url.empty()) return {};
  return {{"client_id", url},
          {"client_name", "Telltale"},
          {"client_uri", origin},
          {"redirect_uris", {redirect_uri(origin)}},
          {"grant_types", {"authorization_code", "refresh_token"}},
          {"response_types", {"code"}},
          {"token_endpoint_auth_method", "none"}};
}

}  // namespace telltale::app
