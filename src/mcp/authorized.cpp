#include "mcp/authorized.hpp"

#include "net/http_text.hpp"

namespace telltale::mcp {
namespace {

// A nonce, an expired token, one step up, and the nonce that has changed meanwhile.
constexpr int kAttempts = 5;
constexpr std::size_t kRefusalLimit = 64U << 10U;

Refusal refusal_of(const net::ClientStream& answer, std::uint64_t generation) {
  Refusal out{.status = answer.status(),
              .dpop_nonce = std::string(answer.headers().get_or("dpop-nonce", "")),
              .peer = answer.peer(),
              .generation = generation};
  for (const auto& [name, value] : answer.headers())
    if (net::equal_no_case(name, "www-authenticate")) out.challenges.push_back(value);
  return out;
}

}  // namespace

runtime::TaskResult<std::unique_ptr<net::ClientStream>> authorized_stream(
    net::HttpClient* client, std::shared_ptr<Authorizer> authorizer, net::ClientRequest request) {
  if (!authorizer) co_return co_await client->stream(std::move(request));
  for (int attempt = 1;; ++attempt) {
    auto proof = co_await authorizer->headers(request.method, request.url);
    if (!proof) co_return std::unexpected(proof.error());
    auto proven = request;
    for (const auto& [name, value] : proof->headers) proven.headers.set(name, value);
    auto answer = co_await client->stream(std::move(proven));
    if (!answer) co_return answer;
    const int status = (*answer)->status();
    if (status != 401 && status != 403) {
      if (proof->headers.size() > 0)
        authorizer->accepted(proof->generation,
                             std::string((*answer)->headers().get_or("dpop-nonce", "")));
      co_return answer;
    }
    if (attempt == kAttempts) co_return answer;
    auto again = co_await authorizer->challenged(refusal_of(**answer, proof->generation));
    if (!again) {
      auto error = again.error();
      error.data["http_status"] = status;
      co_return std::unexpected(std::move(error));
    }
    if (!*again) co_return answer;
    // Read to its end, so that the connection can be used again; what it says is known.
    co_await (*answer)->read_all(kRefusalLimit);
  }
}

}  // namespace telltale::mcp
