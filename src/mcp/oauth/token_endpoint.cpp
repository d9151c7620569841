#include "mcp/oauth/token_endpoint.hpp"

#include "mcp/oauth/jwt.hpp"

namespace telltale::mcp::oauth {

runtime::TaskResult<TokenAnswer> request_token(TokenRequest request, const base::Clock* clock) {
  for (bool again = false;; again = true) {
    auto form = request.form;
    net::Headers headers;
    headers.set("content-type", "application/x-www-form-urlencoded");
    if (auto done = authenticate(form, headers, request.proof, clock->wall()); !done)
      co_return std::unexpected(done.error());
    if (request.dpop) {
      auto proof = dpop_proof(*request.dpop,
                              {.method = "POST", .url = request.url, .nonce = request.dpop_nonce},
                              clock->wall());
      if (!proof) co_return std::unexpected(proof.error());
      headers.set("dpop", std::move(*proof));
    }
    auto answer = co_await post(request.trust, request.url, std::move(headers), write_form(form));
    if (!answer) co_return std::unexpected(answer.error());
    const std::string nonce(answer->headers.get_or("dpop-nonce", request.dpop_nonce));
    if (answer->status == 200) {
      auto document = base::parse_json(answer->body, {.max_depth = 16, .max_bytes = 1U << 20U});
      base::wipe(answer->body);
      // What the parser says may quote the text, and the text may be a token.
      if (!document)
        co_return base::fail(base::Code::protocol, "oauth: the token endpoint " +
                                                       request.url.substr(0, 200) +
                                                       " did not answer with JSON");
      co_return TokenAnswer{.document = std::move(*document), .dpop_nonce = nonce};
    }
    auto error = token_refusal(answer->status, answer->body, form, request.url);
    const bool wants_nonce =
        request.dpop && oauth_error(error) == "use_dpop_nonce" && nonce != request.dpop_nonce;
    if (again || !wants_nonce) co_return std::unexpected(std::move(error));
    request.dpop_nonce = nonce;
  }
}

}  // namespace telltale::mcp::oauth
