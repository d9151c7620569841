#include "rtc/stun/address.hpp"

#include <arpa/inet.h>

namespace telltale::rtc::stun {

std::optional<Address> Address::parse(std::string_view ip, std::uint16_t port) {
  const std::string text(ip);
  Address out{.port = port};
  if (inet_pton(AF_INET, text.c_str(), out.ip.data()) == 1) return out;
  out.v6 = true;
  if (inet_pton(AF_INET6, text.c_str(), out.ip.data()) == 1) return out;
  return std::nullopt;
}

std::string Address::ip_text() const {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (inet_ntop(v6 ? AF_INET6 : AF_INET, ip.data(), text.data(), text.size()) == nullptr) return {};
  return text.data();
}

std::string Address::text() const {
  return (v6 ? "[" + ip_text() + "]" : ip_text()) + ":" + std::to_string(port);
}

}  // namespace telltale::rtc::stun
