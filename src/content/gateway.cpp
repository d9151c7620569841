#include "content/gateway.hpp"

#include <algorithm>
#include <charconv>

#include "content/dag_pb.hpp"

namespace telltale::content {
namespace {

constexpr base::Duration kFirstPause = std::chrono::seconds(5);
constexpr base::Duration kLongestPause = std::chrono::minutes(5);
constexpr base::Duration kDistrust = std::chrono::minutes(10);

base::Duration retry_after(const net::Headers& headers) {
  const auto text = headers.get_or("retry-after", "");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(std::clamp(seconds, 0, 300));
}

}  // namespace

base::Result<Gateway> Gateway::make(Kind kind, const std::string& url) {
  const auto parsed = net::parse_url(url);
  if (!parsed || (parsed->scheme != "http" && parsed->scheme != "https"))
    return base::fail(base::Code::invalid_argument, "\"" + url + "\" is no http or https URL");
  if (url.find_first_of("?#@") != std::string::npos)
    return base::fail(base::Code::invalid_argument,
                      "the URL of a gateway has no query, fragment or user");
  auto plain = url;
  while (plain.ends_with('/')) plain.pop_back();
  if (plain.ends_with("/ipfs") && kind == Kind::trustless) plain.resize(plain.size() - 5);
  return Gateway(kind, std::move(plain));
}

net::ClientRequest Gateway::request_for(const Cid& cid) const {
  if (kind_ == Kind::kubo)
    return {.method = "POST",
            .url = stats_.url + "/api/v0/block/get?arg=" + to_text(cid),
            .replayable = true};
  net::ClientRequest out{.url = stats_.url + "/ipfs/" + to_text(cid) + "?format=raw",
                         .redirects = 2};
  out.headers.set("Accept", "application/vnd.ipld.raw");
  return out;
}

base::Result<std::string> Gateway::judge(const Cid& cid, base::Result<net::ClientResponse> answer,
                                         base::SteadyTime now) {
  if (!answer) return std::unexpected(fault(answer.error().detail, now, {}));
  const int status = answer->status;
  if (status == 404 || status == 410 || (kind_ == Kind::kubo && status == 500)) {
    ++stats_.missing;
    return base::fail(base::Code::not_found, name() + " has not got it");
  }
  if (status != 200)
    return std::unexpected(
        fault("it answered " + std::to_string(status), now, retry_after(answer->headers)));
  if (answer->body.size() > kBlockLimit)
    return std::unexpected(fault("its block is larger than 2 MiB", now, {}));
  if (!matches(cid, answer->body)) {
    ++stats_.wrong;
    distrusted_ = true;
    auto out = fault("it sent bytes that are not those of " + to_text(cid), now, kDistrust);
    out.code = base::Code::protocol;
    return std::unexpected(std::move(out));
  }
  ++stats_.blocks;
  stats_.bytes += answer->body.size();
  next_pause_ = kFirstPause;
  aside_until_ = {};
  distrusted_ = false;
  return std::move(answer->body);
}

base::Error Gateway::fault(std::string detail, base::SteadyTime now, base::Duration least) {
  ++stats_.failures;
  stats_.last_error = detail;
  aside_until_ = std::max(aside_until_, now + std::max(next_pause_, least));
  next_pause_ = std::min(2 * next_pause_, kLongestPause);
  return {.code = base::Code::unavailable, .detail = name() + ": " + std::move(detail)};
}

GatewayStats Gateway::stats(base::SteadyTime now) const {
  auto out = stats_;
  if (now < aside_until_) out.put_aside_seconds = base::to_seconds(aside_until_ - now);
  return out;
}

}  // namespace telltale::content
