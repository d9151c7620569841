#include "api/cross_origin.hpp"

#include <algorithm>
#include <array>

namespace telltale::api {
namespace {

constexpr std::array kCrossOrigin{CrossOrigin{"webrtc.lens.report", 512U << 10U}};

}  // namespace

const CrossOrigin* cross_origin(std::string_view operation) {
  const auto* const found = std::ranges::find(kCrossOrigin, operation, &CrossOrigin::operation);
  return found == kCrossOrigin.end() ? nullptr : &*found;
}

std::optional<std::string> checked_origin(const net::Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  const auto origin = request.headers.get("origin");
  return origin ? std::optional(std::string(*origin)) : std::nullopt;
}

void allow_origin(const std::optional<std::string>& origin, std::string_view exposed_headers,
                  net::Response& response) {
  if (!origin) return;
  response.headers.set("access-control-allow-origin", *origin);
  response.headers.set("access-control-expose-headers", std::string(exposed_headers));
  response.headers.add("vary", "origin");
}

void allow_methods(std::string_view methods, std::string_view headers, net::Response& response) {
  response.headers.set("access-control-allow-methods", std::string(methods));
  response.headers.set("access-control-allow-headers", std::string(headers));
  response.headers.set("access-control-max-age", "600");
}

}  // namespace telltale::api
