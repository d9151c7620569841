#include "rtc/ice_servers.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "rtc/bytes.hpp"
#include "rtc/stun/integrity.hpp"

namespace telltale::rtc {
namespace {

bool is_turn(std::string_view url) {
  return url.starts_with("turn:") || url.starts_with("turns:");
}

// No quotes, brackets of a header, spaces or control characters: these go into Link headers.
bool is_sound(std::string_view url) {
  const auto colon = url.find(':');
  const auto scheme = url.substr(0, colon);
  if (scheme != "stun" && scheme != "stuns" && scheme != "turn" && scheme != "turns") return false;
  const auto rest = url.substr(colon + 1);
  return !rest.empty() && rest.size() <= 255 && std::ranges::all_of(rest, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:[]?=").find(c) != std::string_view::npos;
  });
}

// A name fit for a header; the rest becomes "_".
std::string plain(std::string_view actor) {
  std::string out(actor.substr(0, 64));
  for (auto& c : out)
    if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' &&
        c != '.')
      c = '_';
  return out;
}

}  // namespace

base::Result<IceServers> IceServers::open(IceServersSettings settings) {
  if (settings.urls.size() > kMax)
    return base::fail(base::Code::invalid_argument, "16 ICE servers at most");
  for (const auto& url : settings.urls) {
    if (!is_sound(url))
      return base::fail(base::Code::invalid_argument,
                        "an ICE server is stun:host[:port] or turn:host[:port][?transport=udp], "
                        "not " +
                            url);
    if (is_turn(url) && settings.turn_secret.empty() && settings.turn_username.empty())
      return base::fail(
          base::Code::invalid_argument,
          "the TURN server " + url + " needs a secret, or a user name and a password");
  }
  return IceServers(std::move(settings));
}

std::vector<IceServers::Server> IceServers::servers(const std::string& actor,
                                                    base::WallTime now) const {
  std::vector<Server> out;
  for (const auto& url : settings_.urls) {
    Server server = {.url = url, .username = {}, .credential = {}};
    if (is_turn(url) && !settings_.turn_secret.empty()) {
      const auto until = std::chrono::floor<std::chrono::seconds>(now) + settings_.life;
      server.username = std::to_string(until.time_since_epoch().count()) + ":" + plain(actor);
      const auto mac = stun::hmac_sha1(settings_.turn_secret, as_bytes(server.username), {});
      server.credential = base::base64_encode(as_text(mac));
    } else if (is_turn(url)) {
      server.username = settings_.turn_username;
      server.credential = settings_.turn_password;
    }
    out.push_back(std::move(server));
  }
  return out;
}

base::JsonArray IceServers::as_json(const std::string& actor, base::WallTime now) const {
  base::JsonArray out;
  for (const auto& server : servers(actor, now)) {
    base::JsonObject one{{"urls", base::JsonArray{base::Json(server.url)}}};
    if (!server.username.empty()) {
      one["username"] = server.username;
      one["credential"] = server.credential;
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace telltale::rtc
