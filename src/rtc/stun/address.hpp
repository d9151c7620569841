// A transport address without a socket: an IPv4 or IPv6 address and a port, comparable and small,
// to be looked up by. Plain values in network order; no names are ever resolved.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rtc/bytes.hpp"

namespace telltale::rtc::stun {

struct Address {
  bool v6 = false;
  std::uint16_t port = 0;
  std::array<std::uint8_t, 16> ip = {};  // IPv4: the first four

  Bytes ip_bytes() const noexcept { return Bytes(ip).first(v6 ? 16 : 4); }
  auto operator<=>(const Address&) const = default;

  // "192.0.2.1" or "2001:db8::1"; nullopt for anything else, names too.
  static std::optional<Address> parse(std::string_view ip, std::uint16_t port);
  std::string ip_text() const;
  std::string text() const;  // 192.0.2.1:5000, [2001:db8::1]:5000
};

}  // namespace telltale::rtc::stun
