#include "net/url.hpp"

#include <boost/url.hpp>

namespace telltale::net {
namespace {

std::string default_port(std::string_view scheme) {
  return scheme == "https" || scheme == "wss" ? "443" : "80";
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
  Url out{.scheme = std::string(view.scheme()),
          .host = std::string(view.host_address()),
          .port = std::string(view.port())};
  if (out.scheme != "http" && out.scheme != "https" && out.scheme != "ws" && out.scheme != "wss")
    return base::bad_field("/url", "must begin with http:// or https://");
  if (out.host.empty()) return base::bad_field("/url", "names no host");
  if (view.has_userinfo())
    return base::bad_field("/url", "must not carry a user name or password; use headers");
  if (out.port.empty()) out.port = default_port(out.scheme);
  out.target = std::string(view.encoded_path());
  if (out.target.empty()) out.target = "/";
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
