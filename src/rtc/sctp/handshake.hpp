// What opens an association (RFC 9260 sections 3.3.2, 3.3.3, 5.1): INIT and INIT ACK with their
// parameters, and the state cookie: everything the association needs, sealed with HMAC-SHA256, so
// that nothing is kept for an INIT that nobody follows. Pure; the key is the association's own.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "rtc/sctp/wire.hpp"

namespace telltale::rtc::sctp {

struct Capabilities {
  bool forward_tsn = false;  // RFC 3758
  bool re_config = false;    // RFC 6525
};

struct Init {
  std::uint32_t tag = 0;
  std::uint32_t window = 0;
  std::uint16_t outgoing_streams = 0;
  std::uint16_t incoming_streams = 0;
  std::uint32_t initial_tsn = 0;
  Capabilities capabilities = {};
  std::vector<std::uint8_t> cookie = {};                     // INIT ACK
  std::vector<std::vector<std::uint8_t>> unrecognized = {};  // parameters to be reported
  bool host_name = false;  // an address we may not take (section 3.3.2.1.4)
};

// Nullopt: too short, or a parameter's length lies.
std::optional<Init> read_init(Bytes value);
// The value of INIT, or of INIT ACK when there is a cookie.
std::vector<std::uint8_t> write_init(const Init& init);

struct Cookie {
  std::uint32_t local_tag = 0;
  std::uint32_t local_initial_tsn = 0;
  Init peer = {};
  std::uint32_t local_tie_tag = 0;  // section 5.2.2: of the association there was
  std::uint32_t peer_tie_tag = 0;
  base::SteadyTime made = {};
};

using CookieKey = std::array<std::uint8_t, 32>;
std::vector<std::uint8_t> seal(const Cookie& cookie, const CookieKey& key);
// Nullopt: not ours, or changed.
std::optional<Cookie> open_cookie(Bytes sealed, const CookieKey& key);

}  // namespace telltale::rtc::sctp
