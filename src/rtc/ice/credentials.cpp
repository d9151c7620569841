#include "rtc/ice/credentials.hpp"

#include <array>
#include <cstdint>

#include "base/random.hpp"

namespace telltale::rtc::ice {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_ice_text(std::string_view text, std::size_t least) {
  return text.size() >= least && text.size() <= 256 &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace

Credentials Credentials::generate() {
  std::array<std::uint8_t, 8 + 24> random = {};
  base::secure_bytes(random);
  Credentials out;
  for (std::size_t i = 0; i < random.size(); ++i)
    (i < 8 ? out.ufrag : out.password).push_back(kAlphabet[random[i] % kAlphabet.size()]);
  return out;
}

bool Credentials::valid() const noexcept {
  return is_ice_text(ufrag, 4) && is_ice_text(password, 22);
}

}  // namespace telltale::rtc::ice
