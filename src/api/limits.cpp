#include "api/limits.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/face.hpp"

namespace telltale::api {
namespace {

constexpr std::size_t kPrincipals = 16'384;
constexpr std::size_t kAddresses = 65'536;  // some 12 MB at most
constexpr std::uint32_t kSignIns = 60;

std::int64_t whole_seconds(base::Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

}  // namespace

net::Response Quota::refusal(std::string_view instance) const {
  base::Error error{.code = base::Code::rate_limited,
                    .detail = fmt::format(
                        "too many requests: at most {} in {} s; try again in {} s", verdict.limit,
                        whole_seconds(verdict.window), whole_seconds(verdict.reset)),
                    .retry_after = std::chrono::ceil<std::chrono::milliseconds>(verdict.reset)};
  auto out = problem_response(error, instance);
  describe(out);
  return out;
}

void Quota::describe(net::Response& response) const {
  if (verdict.limit == 0) return;
  response.headers.set("ratelimit-policy", fmt::format("\"{}\";q={};w={}", name, verdict.limit,
                                                       whole_seconds(verdict.window)));
  response.headers.set("ratelimit", fmt::format("\"{}\";r={};t={}", name, verdict.remaining,
                                                whole_seconds(verdict.reset)));
}

RequestLimits::RequestLimits(const base::Clock& clock, std::uint32_t per_minute)
    : principals_(clock, {.limit = per_minute}, kPrincipals),
      addresses_(clock, {.limit = per_minute}, kAddresses),
      sign_ins_(clock, {.limit = std::min(per_minute, kSignIns)}, kAddresses) {}

Quota RequestLimits::take(net::RateLimiter& limiter, std::string_view name, std::string_view key) {
  Quota out{.name = name, .verdict = limiter.admit(key)};
  if (out.exceeded()) refused_.fetch_add(1, std::memory_order_relaxed);
  return out;
}

Quota RequestLimits::principal(const runtime::Actor& actor) {
  return take(principals_, "principal", actor.id.empty() ? actor.name : actor.id);
}
Quota RequestLimits::address(std::string_view remote_address) {
  return take(addresses_, "address", net::rate_key_of(remote_address));
}
Quota RequestLimits::sign_in(std::string_view remote_address) {
  return take(sign_ins_, "sign-in", net::rate_key_of(remote_address));
}

}  // namespace telltale::api
