// How often HTTP may ask: a known caller has one count however many addresses it comes from, an
// unknown one that of its address, and signing in, which costs us a password hash, a smaller one of
// the address. Answers say what is left (RateLimit and RateLimit-Policy,
// draft-ietf-httpapi-ratelimit-headers); a refusal is 429 with Retry-After. Any loop.
#pragma once

#include <atomic>

#include "net/http.hpp"
#include "net/rate_limiter.hpp"
#include "runtime/operation.hpp"

namespace telltale::api {

struct Quota {
  std::string_view name;
  net::RateVerdict verdict;

  bool exceeded() const noexcept { return !verdict.allowed; }
  net::Response refusal(std::string_view instance) const;
  void describe(net::Response& response) const;
};

class RequestLimits {
 public:
  // 0 limits nothing.
  RequestLimits(const base::Clock& clock, std::uint32_t per_minute);

  Quota principal(const runtime::Actor& actor);
  Quota address(std::string_view remote_address);
  Quota sign_in(std::string_view remote_address);
  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

 private:
  Quota take(net::RateLimiter& limiter, std::string_view name, std::string_view key);
  net::RateLimiter principals_, addresses_, sign_ins_;
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace telltale::api
