// An address block such as 10.0.0.0/8 or fc00::/7 (RFC 4632, RFC 4291 section 2.3). A single
// address is a block of its own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <boost/asio/ip/address.hpp>

#include "base/error.hpp"

namespace telltale::net {

using IpAddress = boost::asio::ip::address;

class IpNetwork {
 public:
  static base::Result<IpNetwork> parse(std::string_view text);
  // A v4 address is never in a v6 block: ::ffff:0:0/96 is for those who write it.
  bool contains(const IpAddress& address) const noexcept;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  unsigned bits_ = 0;
  bool is_v4_ = true;
};

}  // namespace telltale::net
