#include "mcp/oauth/urls.hpp"

#include "net/ip_network.hpp"
#include "net/url.hpp"

namespace telltale::mcp::oauth {
namespace {

constexpr std::size_t kLongestUrl = 2048;

std::string path_of(const net::Url& url) {
  auto path = url.target.substr(0, url.target.find('?'));
  while (path.ends_with('/')) path.pop_back();
  return path;
}

bool is_this_machine(const std::string& host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(host, no_address);
  return !no_address && address.is_loopback();
}

std::string shortened(std::string_view url) {
  return std::string(url.substr(0, 200));
}

}  // namespace

std::string plain_origin(std::string_view url) {
  const auto parsed = net::parse_url(url);
  return parsed ? parsed->scheme + "://" + parsed->host_header() : std::string();
}

std::vector<std::string> resource_metadata_urls(std::string_view server_url) {
  const auto url = net::parse_url(server_url);
  if (!url) return {};
  const auto root = plain_origin(server_url) + "/.well-known/oauth-protected-resource";
  const auto path = path_of(*url);
  if (path.empty()) return {root};
  return {root + path, root};
}

std::vector<std::string> server_metadata_urls(std::string_view issuer) {
  const auto url = net::parse_url(issuer);
  if (!url) return {};
  const auto origin = plain_origin(issuer);
  const auto path = path_of(*url);
  std::vector<std::string> out{origin + "/.well-known/oauth-authorization-server" + path,
                               origin + "/.well-known/openid-configuration" + path};
  if (!path.empty()) out.push_back(origin + path + "/.well-known/openid-configuration");
  return out;
}

base::Result<void> check_named_url(std::string_view url, std::string_view what,
                                   std::string_view trusted) {
  const auto parsed = url.size() <= kLongestUrl
                          ? net::parse_url(url)
                          : base::fail(base::Code::protocol, "longer than a URL may be");
  const bool fragment = url.find('#') != std::string_view::npos;
  if (!parsed || fragment || (parsed->scheme != "https" && parsed->scheme != "http"))
    return base::fail(base::Code::protocol,
                      "oauth: " + std::string(what) + " is not a proper URL: " + shortened(url));
  if (parsed->secure() || is_this_machine(parsed->host)) return {};
  if (!trusted.empty() && same_origin(url, trusted)) return {};
  return base::fail(base::Code::protocol,
                    "oauth: " + std::string(what) + " is not https: " + shortened(url));
}

bool resource_covers(std::string_view resource, std::string_view server_url) {
  const auto theirs = net::parse_url(resource);
  const auto ours = net::parse_url(server_url);
  if (!theirs || !ours || resource.find('#') != std::string_view::npos) return false;
  if (theirs->origin() != ours->origin()) return false;
  if (theirs->target.find('?') != std::string::npos) return theirs->target == ours->target;
  const auto wide = path_of(*theirs);
  const auto narrow = path_of(*ours);
  return narrow == wide || narrow.starts_with(wide + "/");
}

std::string canonical_resource(std::string_view server_url) {
  const auto url = net::parse_url(server_url);
  return url ? plain_origin(server_url) + path_of(*url) : std::string();
}

bool same_origin(std::string_view a, std::string_view b) {
  const auto one = net::parse_url(a);
  const auto other = net::parse_url(b);
  return one && other && one->origin() == other->origin();
}

}  // namespace telltale::mcp::oauth
