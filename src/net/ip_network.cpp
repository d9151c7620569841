#include "net/ip_network.hpp"

#include <algorithm>
#include <charconv>

namespace telltale::net {
namespace {

std::array<std::uint8_t, 16> bytes_of(const IpAddress& address) {
  std::array<std::uint8_t, 16> out{};
  if (address.is_v4())
    std::ranges::copy(address.to_v4().to_bytes(), out.begin());
  else
    std::ranges::copy(address.to_v6().to_bytes(), out.begin());
  return out;
}

bool same_prefix(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b,
                 unsigned bits) {
  const auto whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const auto rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

base::Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(text.substr(0, slash)), error);
  const auto refuse = [&] {
    return base::fail(base::Code::invalid_argument,
                      "\"" + std::string(text.substr(0, 80)) +
                          "\" is no address block such as 10.0.0.0/8 or fd00::/8");
  };
  if (error) return refuse();
  IpNetwork out;
  out.is_v4_ = address.is_v4();
  out.bytes_ = bytes_of(address);
  const unsigned longest = out.is_v4_ ? 32 : 128;
  out.bits_ = longest;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), out.bits_);
    if (fault != std::errc() || end != digits.data() + digits.size() || out.bits_ > longest)
      return refuse();
  }
  return out;
}

bool IpNetwork::contains(const IpAddress& address) const noexcept {
  return address.is_v4() == is_v4_ && same_prefix(bytes_, bytes_of(address), bits_);
}

}  // namespace telltale::net
