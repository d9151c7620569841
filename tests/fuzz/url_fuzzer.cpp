// URLs and where they lead: what is taken has a proper host and port, is the same when read again,
// and no address that is never allowed gets through.
#include "fuzz.hpp"
#include "net/outbound_policy.hpp"
#include "net/rate_limiter.hpp"

using namespace telltale;

namespace {

void look(const net::Url& url) {
  fuzz::require(!url.host.empty() && url.host.find_first_of("/?#@%\\ \r\n\t") == std::string::npos,
                "a host is only a host");
  const auto port = std::stoul(url.port);
  fuzz::require(port > 0 && port <= 65535, "a port is one");
  fuzz::require(url.target.starts_with('/'), "a target begins with a slash");
  for (const char c : url.target)
    fuzz::require(static_cast<unsigned char>(c) > ' ', "nothing in a target ends its line");
  const auto again = net::parse_url(url.scheme + "://" + url.host_header() + url.target);
  fuzz::require(
      again && again->host == url.host && again->port == url.port && again->target == url.target,
      "read again, it is the same");
  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(url.host, no_address);
  if (no_address || !net::OutboundPolicy().check(url)) return;
  const auto reach = net::reach_of(address);
  fuzz::require(reach == net::Reach::internet || reach == net::Reach::private_network ||
                    reach == net::Reach::loopback,
                "what is never allowed is not");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  if (const auto url = net::parse_url(text)) look(*url);
  if (const auto resolved = net::resolve_url("http://one.example/a/b?c", text))
    if (const auto url = net::parse_url(*resolved)) look(*url);
  (void)net::IpNetwork::parse(text);
  fuzz::require(net::rate_key_of(text).size() <= 64, "a key is short");
  return 0;
}
