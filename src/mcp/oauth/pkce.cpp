#include "mcp/oauth/pkce.hpp"

#include "base/encoding.hpp"
#include "base/random.hpp"

namespace telltale::mcp::oauth {

base::Secret new_code_verifier() {
  return base::Secret(base::secure_token(32));
}

std::string code_challenge(std::string_view verifier) {
  const auto digest = base::sha256(verifier);
  return base::base64url_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace telltale::mcp::oauth
