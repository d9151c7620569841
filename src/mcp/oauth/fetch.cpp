#include "mcp/oauth/fetch.hpp"

#include "mcp/oauth/urls.hpp"
#include "runtime/run.hpp"

namespace telltale::mcp::oauth {
namespace {

constexpr std::size_t kBodyLimit = 1U << 20U;
constexpr base::Duration kLimit = std::chrono::seconds(15);
constexpr int kHops = 3;

net::Headers accepting_json(net::Headers headers) {
  headers.set("accept", "application/json");
  return headers;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::shared_ptr<const net::TlsContext> context_for(const Trust& trust, std::string_view url) {
  if (!trust.tls || !url.starts_with("https:")) return nullptr;
  if (!trust.tls->context)
    if (auto made = net::TlsContext::client(true, "")) trust.tls->context = std::move(*made);
  return trust.tls->context;
}

runtime::TaskResult<Fetched> exchange(Trust trust, net::ClientRequest request) {
  net::HttpClient client(*runtime::Loop::current(), {.header_timeout = std::chrono::seconds(15),
                                                     .body_limit = kBodyLimit,
                                                     .idle_per_origin = 0,
                                                     .tls = context_for(trust, request.url),
                                                     .outbound = trust.outbound,
                                                     .resolve = trust.resolve});
  const auto url = request.url;
  auto answer = co_await runtime::with_timeout<net::ClientResponse>(
      kLimit, "no whole answer within 15 s", client.request(std::move(request)));
  if (!answer) {
    auto error = answer.error();
    error.detail = "oauth: " + url.substr(0, 200) + ": " + error.detail;
    co_return std::unexpected(std::move(error));
  }
  co_return Fetched{.status = answer->status,
                    .headers = std::move(answer->headers),
                    .body = std::move(answer->body),
                    .peer = answer->peer};
}

}  // namespace

Trust Trust::through(const net::IpAddress& peer) const {
  auto out = *this;
  if (peer.is_unspecified()) return out;
  out.outbound = outbound.named_by(peer);
  if (out.named_by.empty() || out.named_by.back() != peer.to_string())
    out.named_by.push_back(peer.to_string());
  return out;
}

Trust Trust::through(const std::vector<std::string>& peers) const {
  auto out = *this;
  for (const auto& peer : peers) {
    boost::system::error_code broken;
    const auto address = boost::asio::ip::make_address(peer, broken);
    if (!broken) out = out.through(address);
  }
  return out;
}

runtime::TaskResult<Fetched> fetch_document(Trust trust, std::string url) {
  for (int hop = 0;; ++hop) {
    auto answer = co_await exchange(trust, {.url = url, .headers = accepting_json({})});
    if (!answer || !is_redirect(answer->status)) co_return answer;
    auto next = net::resolve_url(url, answer->headers.get_or("location", ""));
    if (!next) co_return std::unexpected(next.error());
    if (!same_origin(*next, url))
      co_return base::fail(base::Code::protocol, "oauth: " + url.substr(0, 200) +
                                                     " redirects to another origin, which is not "
                                                     "followed");
    if (hop == kHops)
      co_return base::fail(base::Code::protocol,
                           "oauth: " + url.substr(0, 200) + " redirects without end");
    url = std::move(*next);
  }
}

runtime::TaskResult<Fetched> post(Trust trust, std::string url, net::Headers headers,
                                  std::string body) {
  net::ClientRequest request{.method = "POST",
                             .url = std::move(url),
                             .headers = accepting_json(std::move(headers)),
                             .body = std::move(body)};
  co_return co_await exchange(std::move(trust), std::move(request));
}

}  // namespace telltale::mcp::oauth
