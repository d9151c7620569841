// Proof Key for Code Exchange (RFC 7636), method S256 only.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace telltale::mcp::oauth {

base::Secret new_code_verifier();                       // 43 characters of 256 random bits
std::string code_challenge(std::string_view verifier);  // BASE64URL(SHA256(verifier))

}  // namespace telltale::mcp::oauth
