#include "api/assets.hpp"

#include <algorithm>
#include <memory>

namespace telltale::api {
namespace {

constexpr std::string_view kLens = "/telltale-rtc.js";

const Asset* find_asset(const std::vector<Asset>& assets, std::string_view path) {
  const auto found = std::ranges::lower_bound(assets, path, {}, &Asset::path);
  return found != assets.end() && found->path == path ? &*found : nullptr;
}

// A page of the dashboard: no dot in the last segment, and not a path that belongs to programs.
bool may_be_page(std::string_view path) {
  for (const std::string_view prefix : {"/api/", "/ws", "/auth/", "/assets/"})
    if (path.starts_with(prefix)) return false;
  const auto last = path.substr(path.rfind('/') + 1);
  return last.find('.') == std::string_view::npos || path.starts_with("/servers/");
}

net::Response not_built() {
  net::Response out{.status = 503};
  out.headers.set("content-type", "text/plain; charset=utf-8");
  out.body =
      "This binary was built without the dashboard. Run ./dev build, which builds web/ first.\n";
  return out;
}

}  // namespace

std::optional<net::Response> serve_asset(const net::Request& request,
                                         const std::vector<Asset>& assets) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  const auto* asset = find_asset(assets, request.path);
  if (asset == nullptr && may_be_page(request.path)) {
    asset = find_asset(assets, "/index.html");
    if (asset == nullptr) return not_built();
  }
  if (asset == nullptr) return std::nullopt;

  net::Response out;
  out.headers.set("content-type", std::string(asset->mime));
  out.headers.set("etag", std::string(asset->etag));
  out.headers.set("vary", "accept-encoding");
  // Names under /assets/ carry a hash of what they hold.
  out.headers.set("cache-control", asset->path.starts_with("/assets/")
                                       ? "public, max-age=31536000, immutable"
                                       : "no-cache");
  if (asset->path == kLens) {  // its name never changes, and other applications include it
    out.headers.set("cache-control", "public, max-age=3600");
    out.headers.set("cross-origin-resource-policy", "cross-origin");
    out.headers.set("access-control-allow-origin", "*");  // for Subresource Integrity
  }
  if (request.headers.get_or("if-none-match", "") == asset->etag) {
    out.status = 304;
    return out;
  }
  auto bytes = asset->plain;
  if (!asset->brotli.empty() && request.headers.has_token("accept-encoding", "br")) {
    bytes = asset->brotli;
    out.headers.set("content-encoding", "br");
  } else if (!asset->gzip.empty() && request.headers.has_token("accept-encoding", "gzip")) {
    bytes = asset->gzip;
    out.headers.set("content-encoding", "gzip");
  }
  out.body = std::string(bytes);
  return out;
}

}  // namespace telltale::api
