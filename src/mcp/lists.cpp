#include "mcp/lists.hpp"

#include <set>

#include "mcp/call.hpp"

namespace telltale::mcp {

runtime::TaskResult<base::JsonArray> list(std::shared_ptr<Session> session, ListKind kind,
                                          CallOptions options) {
  if (!session->info()) co_return base::fail(base::Code::unavailable, "not connected");
  if (!session->info()->has(kind.capability)) co_return base::JsonArray();
  const std::string method(kind.method);
  const bool cached = session->settings().allow_list_cache && session->info()->era == Era::modern;
  if (cached)
    if (auto known = session->cache().find(method, session->now())) co_return std::move(*known);

  base::JsonArray out;
  std::set<std::string> seen;
  std::string cursor;
  double ttl_ms = std::numeric_limits<double>::infinity();
  const auto asked_at = session->now();
  for (std::size_t page = 0;; ++page) {
    if (page == kPageLimit || out.size() >= kItemLimit) {
      session->finding("list.too-long",
                       method + " was cut at " + std::to_string(out.size()) + " items");
      break;
    }
    base::JsonObject params;
    if (!cursor.empty()) params["cursor"] = cursor;
    auto result = co_await call(session, method, std::move(params), options);
    if (!result) {
      // Declared as a whole but not this part of it: templates of a server with resources, for one.
      if (result.error().code == base::Code::unsupported && page == 0) co_return base::JsonArray();
      co_return std::unexpected(result.error());
    }
    auto* items = result->if_contains(kind.member);
    if (items == nullptr || !items->is_array())
      co_return base::fail(base::Code::protocol,
                           method + " answered without " + std::string(kind.member));
    for (auto& item : items->get_array()) {
      if (out.size() == kItemLimit) break;
      out.push_back(std::move(item));
    }
    ttl_ms = std::min(ttl_ms, base::find_number(*result, "ttlMs").value_or(0));
    cursor = base::string_or(*result, "nextCursor");
    if (cursor.empty()) break;
    if (!seen.insert(cursor).second) {
      session->finding("list.cursor-loop", method + " gave the same cursor twice");
      break;
    }
  }
  if (cached) session->cache().put(method, out, asked_at, ttl_ms);
  co_return out;
}

runtime::TaskResult<base::JsonArray> list_tools(std::shared_ptr<Session> session,
                                                CallOptions options) {
  auto tools = co_await list(session, kTools, std::move(options));
  if (!tools) co_return tools;
  const bool check_headers =
      session->info()->era == Era::modern && session->info()->transport != TransportKind::stdio;
  std::vector<Finding> findings;
  auto out = session->tools().take(std::move(*tools), check_headers, findings);
  for (auto& found : findings) session->finding(std::move(found.rule), std::move(found.detail));
  co_return out;
}

}  // namespace telltale::mcp
