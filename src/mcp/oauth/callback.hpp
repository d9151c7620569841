// What comes back from the authorization server by way of the person's browser (RFC 6749
// section 4.1.2, RFC 9207). Every byte of it may be an attacker's. No I/O.
#pragma once

#include "mcp/oauth/form.hpp"
#include "mcp/oauth/state.hpp"

namespace telltale::mcp::oauth {

struct CallbackParameters {
  std::string state = {};
  std::string code = {};
  std::optional<std::string> iss = {};
  std::string error = {};
  std::string error_description = {};
};

// A parameter that comes twice is refused (RFC 6749 section 3.1).
base::Result<CallbackParameters> read_callback(const Form& query);
// … of a whole URL, such as a Location.
base::Result<CallbackParameters> read_callback_url(std::string_view url);

// The code, when this is the answer that `pending` waits for: state and issuer first, then what it
// says.
base::Result<base::Secret> check_callback(const Pending& pending,
                                          const CallbackParameters& parameters);

}  // namespace telltale::mcp::oauth
