// application/x-www-form-urlencoded, both ways (RFC 6749 appendix B): bodies of token requests,
// queries of authorization URLs, parameters of a callback. No I/O.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace telltale::mcp::oauth {

using Form = std::vector<std::pair<std::string, std::string>>;

std::string write_form(const Form& form);
base::Result<Form> read_form(std::string_view text);
// Adds to the query that is already there (RFC 6749 section 3.1 says that it stays).
std::string with_query(std::string_view url, const Form& form);

}  // namespace telltale::mcp::oauth
