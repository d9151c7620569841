// WWW-Authenticate (RFC 9110 section 11.6.1) as far as OAuth needs it: Bearer (RFC 6750 section 3)
// and DPoP (RFC 9449 section 7.1), with resource_metadata (RFC 9728 section 5.1). No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::mcp::oauth {

struct Challenge {
  std::string scheme;                                                // lower case
  std::vector<std::pair<std::string, std::string>> parameters = {};  // names in lower case
  std::string parameter(std::string_view name) const;  // "" when absent; the first when repeated
};

// Every challenge of one field; what cannot be read ends the list there. At most 16 challenges and
// 32 parameters each.
std::vector<Challenge> parse_challenges(std::string_view field);

// What a refusal says to an OAuth client: its Bearer and DPoP challenges taken together.
struct Demand {
  bool present = false;  // there is such a challenge
  bool dpop = false;     // one of them is for DPoP
  bool other = false;    // there are challenges of other schemes: Basic, Negotiate
  std::string resource_metadata = {};
  std::string scope = {};
  std::string error = {};
};
Demand demand_of(const std::vector<std::string>& fields);

}  // namespace telltale::mcp::oauth
