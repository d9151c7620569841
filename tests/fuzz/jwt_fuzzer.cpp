// Access tokens: only what we signed, as we signed it, is taken; and each of its bytes counts.
#include <string>

#include "auth/jwt.hpp"
#include "fuzz.hpp"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kKey = *auth::TokenKey::from_bytes("0123456789abcdef0123456789abcdef");
  static const auto kNow = base::from_unix_ms(1'800'000'000'000);
  static const auto kGood = kKey.sign({.subject = "usr_1",
                                       .name = "ada",
                                       .role = "admin",
                                       .family = "ses_1",
                                       .issued = kNow,
                                       .expires = kNow + std::chrono::minutes(15)});
  fuzz::require(kKey.verify(kGood, kNow).has_value(), "our own token is taken");
  const auto text = fuzz::text_of(data, size);
  const auto verify = [](std::string_view token) {
    if (kKey.verify(token, kNow)) fuzz::require(token == kGood, "a token we did not sign is taken");
  };
  verify(text);
  // Parts of a good one with parts of the input between.
  const auto cut = size == 0 ? 0 : data[0] * kGood.size() / 256;
  verify(kGood.substr(0, cut) + std::string(text));
  verify(std::string(text) + kGood.substr(cut));
  verify(kGood.substr(0, cut) + std::string(text) + kGood.substr(cut));
  if (size > 1) {
    auto changed = kGood;
    changed[cut] = static_cast<char>(data[1]);
    verify(changed);
  }
  return 0;
}
