// The dashboard's files inside the binary (cmake/EmbedAssets.cmake makes the table), served with
// ETag and precompressed. Paths without a file answer index.html, so that a deep link into the
// dashboard works.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "net/http.hpp"

namespace telltale::api {

struct Asset {
  std::string_view path;  // "/assets/index-3f2a.js"
  std::string_view mime;
  std::string_view etag;
  std::string_view plain;
  std::string_view gzip;  // "" where it would not be smaller
  std::string_view brotli;
};

const std::vector<Asset>& embedded_assets();

// The answer to GET or HEAD; nothing when neither the file nor a page can be meant.
std::optional<net::Response> serve_asset(const net::Request& request,
                                         const std::vector<Asset>& assets);

}  // namespace telltale::api
