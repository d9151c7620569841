// Username fragment and password of one side (RFC 8839 section 5.4): 4 to 256 and 22 to 256
// ice-chars. Ours hold 144 random bits in the password; the fragment is how a first check finds its
// peer, so it is random too.
#pragma once

#include <string>
#include <string_view>

namespace telltale::rtc::ice {

struct Credentials {
  std::string ufrag;
  std::string password;

  static Credentials generate();
  bool valid() const noexcept;
  bool operator==(const Credentials&) const = default;
};

// The fragment before the colon of a check's USERNAME: whom it is for (RFC 8445 section 7.2.2).
constexpr std::string_view addressee(std::string_view username) noexcept {
  return username.substr(0, username.find(':'));
}

}  // namespace telltale::rtc::ice
