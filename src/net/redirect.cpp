#include "net/redirect.hpp"

#include <algorithm>
#include <array>

#include "net/http_text.hpp"

namespace telltale::net {
namespace {

bool is_harmless(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kNames{
      "accept",     "accept-language",      "cache-control", "content-type",
      "user-agent", "mcp-protocol-version", "traceparent"};
  return std::ranges::any_of(kNames, [&](auto known) { return equal_no_case(known, name); });
}

}  // namespace

base::Result<std::optional<ClientRequest>> next_hop(const ClientRequest& request, int status,
                                                    const Headers& answer) {
  const bool keeps_method = status == 307 || status == 308;
  if (!keeps_method && status != 301 && status != 302 && status != 303)
    return std::optional<ClientRequest>();
  const auto location = answer.get("location");
  if (!location) return std::optional<ClientRequest>();
  auto where = resolve_url(request.url, *location);
  if (!where) return std::unexpected(where.error());
  const auto from = parse_url(request.url);
  const auto to = parse_url(*where);
  if (!from || !to) return base::fail(base::Code::protocol, "a redirect to no proper URL");
  if (from->scheme != to->scheme)
    return base::fail(base::Code::protocol,
                      "a redirect from " + from->scheme + " to " + to->scheme + " is not followed");
  auto next = request;
  next.url = std::move(*where);
  if (!keeps_method && request.method != "GET" && request.method != "HEAD") {
    next.method = "GET";
    next.body.clear();
    next.headers.erase("content-type");
  }
  if (from->origin() != to->origin()) {
    next.headers = {};
    for (const auto& [name, value] : request.headers)
      if (is_harmless(name)) next.headers.add(name, value);
    // A body that was meant for one host is not for another.
    if (!next.body.empty())
      return base::fail(base::Code::protocol,
                        "a redirect of a request with a body to another origin is not followed");
  }
  return std::optional(std::move(next));
}

}  // namespace telltale::net
