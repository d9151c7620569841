// Which scopes to ask for (2026-07-28 basic/authorization, "Scope Selection Strategy" and "Scope
// Challenge Handling"). Scopes are a list separated by spaces (RFC 6749 section 3.3). No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::mcp::oauth {

std::vector<std::string> split_scopes(std::string_view scopes);
// Both, each once, in order.
std::string union_scopes(std::string_view first, std::string_view second);
bool scopes_within(std::string_view some, std::string_view all);

struct ScopeSources {
  std::string challenged = {};                       // WWW-Authenticate
  std::vector<std::string> resource_supported = {};  // scopes_supported of the resource
  std::vector<std::string> server_supported = {};    // … of the authorization server
  std::string requested_before = {};                 // from the same authorization server
  bool wants_refresh = true;                         // the grant can bring a refresh token
};
// "" when the parameter is to be left out.
std::string choose_scopes(const ScopeSources& sources);

}  // namespace telltale::mcp::oauth
