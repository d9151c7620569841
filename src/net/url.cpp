#include "net/url.hpp"

#include <charconv>

#include <boost/url.hpp>

namespace telltale::net {
namespace {

std::string default_port(std::string_view scheme) {
  return scheme == "https" || scheme == "wss" ? "443" : "80";
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// A name as the DNS knows it, lower case, without the root's dot; empty when it is none. What ends
// in a number would be an address to some resolvers (0x7f.1, 2130706433, 127.1) and a name to
// others (WHATWG URL, "ends in a number"): it is neither here.
std::string dns_name(std::string_view text) {
  constexpr std::size_t kLongestName = 253, kLongestLabel = 63;
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kLongestName) return {};
  const auto name = lower_case(text);
  std::string_view label;
  for (std::size_t at = 0; at <= name.size(); at += label.size() + 1) {
    label = std::string_view(name).substr(at, name.find('.', at) - at);
    if (label.empty() || label.size() > kLongestLabel) return {};
    if (label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string_view::npos)
      return {};
  }
  const bool hexadecimal = label.starts_with("0x") &&
                           label.find_first_not_of("0123456789abcdef", 2) == std::string::npos;
  const bool decimal = label.find_first_not_of("0123456789") == std::string_view::npos;
  return hexadecimal || decimal ? std::string() : name;
}

base::Result<std::string> host_of(const boost::urls::url_view& view) {
  using boost::urls::host_type;
  const std::string_view written = view.encoded_host();
  const auto type = view.host_type();
  if (written.empty()) return base::bad_field("/url", "names no host");
  if (type == host_type::ipv4) return std::string(written);
  if (type == host_type::ipv6 && written.find('%') == std::string_view::npos)
    return lower_case(std::string_view(view.encoded_host_address()));
  auto name = type == host_type::name ? dns_name(written) : std::string();
  if (name.empty()) return base::bad_field("/url", "its host is neither a name nor an address");
  return name;
}

base::Result<std::string> port_of(const boost::urls::url_view& view, std::string_view scheme) {
  const std::string_view text = view.port();
  if (text.empty()) return default_port(scheme);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
    return base::bad_field("/url", "its port is not between 1 and 65535");
  return std::to_string(port);
}

}  // namespace

std::string Url::host_header() const {
  const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == default_port(scheme) ? name : name + ":" + port;
}

std::string Url::origin() const {
  return scheme + "://" + host + ":" + port;
}

base::Result<Url> parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return base::bad_field("/url", "must be a URL such as http://127.0.0.1:3000/mcp");
  const auto& view = *parsed;
  Url out{.scheme = lower_case(std::string_view(view.scheme()))};
  if (out.scheme != "http" && out.scheme != "https" && out.scheme != "ws" && out.scheme != "wss")
    return base::bad_field("/url", "must begin with http:// or https://");
  if (view.has_userinfo())
    return base::bad_field("/url", "must not carry a user name or password; use headers");
  auto host = host_of(view);
  if (!host) return std::unexpected(host.error());
  out.host = std::move(*host);
  auto port = port_of(view, out.scheme);
  if (!port) return std::unexpected(port.error());
  out.port = std::move(*port);
  out.target = std::string(view.encoded_path());
  if (out.target.empty()) out.target = "/";
  // Boost 1.81 takes what follows the authority without a slash (http://host:-1/) for a path.
  if (!out.target.starts_with('/'))
    return base::bad_field("/url", "must be a URL such as http://127.0.0.1:3000/mcp");
  if (view.has_query()) out.target.append("?").append(std::string_view(view.encoded_query()));
  return out;
}

base::Result<std::string> resolve_url(std::string_view base_url, std::string_view reference) {
  const auto base_view = boost::urls::parse_uri(base_url);
  const auto relative = boost::urls::parse_uri_reference(reference);
  if (!base_view || !relative)
    return base::fail(base::Code::protocol, "not a URL: " + std::string(reference.substr(0, 200)));
  boost::urls::url out;
  if (const auto done = boost::urls::resolve(*base_view, *relative, out); !done)
    return base::fail(base::Code::protocol, "not a URL: " + std::string(reference.substr(0, 200)));
  return std::string(out.buffer());
}

}  // namespace telltale::net
