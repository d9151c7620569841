#include "api/security_headers.hpp"

namespace telltale::api {
namespace {

constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob: data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
constexpr const char* kDataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

bool is_data(std::string_view type) {
  return type.starts_with("application/json") || type.starts_with("application/problem+json") ||
         type.starts_with("text/plain");
}

}  // namespace

void add_security_headers(bool secure, net::Response& response) {
  auto& headers = response.headers;
  const bool data = is_data(headers.get_or("content-type", ""));
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("content-security-policy", data ? kDataPolicy : kPagePolicy);
  if (!data) {
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("x-frame-options", "DENY");
    headers.set("permissions-policy",
                "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()");
  }
  if (secure) headers.set("strict-transport-security", "max-age=31536000");
}

}  // namespace telltale::api
