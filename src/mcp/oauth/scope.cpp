#include "mcp/oauth/scope.hpp"

#include <algorithm>

namespace telltale::mcp::oauth {

std::vector<std::string> split_scopes(std::string_view scopes) {
  std::vector<std::string> out;
  while (!scopes.empty()) {
    const auto end = std::min(scopes.find(' '), scopes.size());
    if (end > 0) out.emplace_back(scopes.substr(0, end));
    scopes.remove_prefix(std::min(end + 1, scopes.size()));
  }
  return out;
}

std::string union_scopes(std::string_view first, std::string_view second) {
  auto all = split_scopes(first);
  for (auto& one : split_scopes(second))
    if (std::ranges::find(all, one) == all.end()) all.push_back(std::move(one));
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : " ") + one;
  return out;
}

bool scopes_within(std::string_view some, std::string_view all) {
  const auto known = split_scopes(all);
  return std::ranges::all_of(split_scopes(some), [&](const std::string& one) {
    return std::ranges::find(known, one) != known.end();
  });
}

std::string choose_scopes(const ScopeSources& sources) {
  auto out = sources.challenged;
  if (out.empty())
    for (const auto& one : sources.resource_supported) out = union_scopes(out, one);
  out = union_scopes(sources.requested_before, out);
  // Alone it would ask for nothing but itself where the server would have given its default.
  const bool offline = std::ranges::find(sources.server_supported, "offline_access") !=
                       sources.server_supported.end();
  if (!out.empty() && offline && sources.wants_refresh) out = union_scopes(out, "offline_access");
  return out;
}

}  // namespace telltale::mcp::oauth
