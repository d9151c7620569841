// The STUN and TURN servers that clients are told (they reach us without, but some of them sit
// behind firewalls), as RTCIceServer dictionaries and as Link headers (RFC 9725 section 4.6). A
// TURN server gets credentials for a time, made from the secret it shares with us
// (draft-uberti-behave-turn-rest-00, coturn's use-auth-secret). Immutable; any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace telltale::rtc {

struct IceServersSettings {
  std::vector<std::string> urls = {};  // stun:host[:port], turn:host[:port]?transport=udp, turns:…
  std::string turn_secret = {};        // shared with the TURN servers; or
  std::string turn_username = {};      // one that never changes
  std::string turn_password = {};
  std::chrono::seconds life{24 * 3600};
};

class IceServers {
 public:
  static constexpr std::size_t kMax = 16;
  struct Server {
    std::string url;
    std::string username;  // TURN only
    std::string credential;
  };

  // invalid_argument: no such URL (RFC 7064, 7065), or TURN without credentials.
  static base::Result<IceServers> open(IceServersSettings settings);

  // `actor` goes into the user name, so that the TURN server's log says whose it was.
  std::vector<Server> servers(const std::string& actor, base::WallTime now) const;
  base::JsonArray as_json(const std::string& actor, base::WallTime now) const;

 private:
  explicit IceServers(IceServersSettings settings) : settings_(std::move(settings)) {}
  IceServersSettings settings_;
};

}  // namespace telltale::rtc
