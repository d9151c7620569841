#include "api/security_headers.hpp"

#include <array>
#include <string>

namespace telltale::api {
namespace {

constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob: data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types worker";
constexpr std::string_view kDataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

bool is_data(std::string_view type) {
  return type.starts_with("application/json") || type.starts_with("application/problem+json") ||
         type.starts_with("text/plain");
}

// `shared`: it says itself for whom it is (the lens, for pages of others).
std::string lines_for(bool data, bool secure, bool shared = false) {
  std::string out;
  const auto line = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  line("x-content-type-options", "nosniff");
  line("referrer-policy", "no-referrer");
  if (!shared) line("cross-origin-resource-policy", "same-origin");
  line("content-security-policy", data ? kDataPolicy : kPagePolicy);
  if (!data) {
    line("cross-origin-opener-policy", "same-origin");
    line("x-frame-options", "DENY");
    line("permissions-policy",
         "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()");
  }
  if (secure) line("strict-transport-security", "max-age=31536000");
  return out;
}

}  // namespace

void add_security_headers(bool secure, net::Response& response) {
  static const std::array<std::string, 4> kLines{lines_for(false, false), lines_for(false, true),
                                                 lines_for(true, false), lines_for(true, true)};
  static const std::array<std::string, 2> kShared{lines_for(false, false, true),
                                                  lines_for(false, true, true)};
  if (response.headers.contains("cross-origin-resource-policy")) {
    response.fixed_headers = kShared[secure ? 1U : 0U];
    return;
  }
  const bool data = is_data(response.headers.get_or("content-type", ""));
  response.fixed_headers = kLines[(data ? 2U : 0U) + (secure ? 1U : 0U)];
}

}  // namespace telltale::api
