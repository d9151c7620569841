#include "auth/jwt.hpp"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include "base/encoding.hpp"

namespace telltale::auth {
namespace {

using namespace std::chrono_literals;

const std::string kSecret(48, 'k');
constexpr base::WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20);

Claims claims() {
  return {.subject = "usr_1",
          .name = "ada",
          .role = "admin",
          .family = "ses_1",
          .epoch = 3,
          .issued = kNow,
          .expires = kNow + 15min};
}

// A token signed with our own key, but with this header and body.
std::string crafted(std::string_view header, std::string_view body) {
  auto text = base::base64url_encode(header) + "." + base::base64url_encode(body);
  unsigned char mac[32];
  unsigned length = 0;
  HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &length);
  return text + "." + base::base64url_encode({reinterpret_cast<const char*>(mac), length});
}

TEST(TokenKey, WhatItSignsItAccepts) {
  const auto key = TokenKey::from_bytes(kSecret);
  ASSERT_TRUE(key);
  const auto back = key->verify(key->sign(claims()), kNow + 14min);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->subject, "usr_1");
  EXPECT_EQ(back->role, "admin");
  EXPECT_EQ(back->family, "ses_1");
  EXPECT_EQ(back->epoch, 3);
}

TEST(TokenKey, TimeIsCheckedWithAMinuteOfSkew) {
  const auto key = *TokenKey::from_bytes(kSecret);
  const auto token = key.sign(claims());
  EXPECT_TRUE(key.verify(token, kNow + 15min + 59s));
  EXPECT_FALSE(key.verify(token, kNow + 15min + 62s));
  EXPECT_TRUE(key.verify(token, kNow - 59s));
  EXPECT_FALSE(key.verify(token, kNow - 62s));
}

TEST(TokenKey, ForgedTokensAreRefused) {
  const auto key = *TokenKey::from_bytes(kSecret);
  const auto other = *TokenKey::from_bytes(std::string(48, 'o'));
  const auto good = key.sign(claims());
  auto tampered = good;
  tampered[good.find('.') + 5] = tampered[good.find('.') + 5] == 'A' ? 'B' : 'A';
  const auto part = [&](int which) {
    const auto first = good.find('.');
    const auto second = good.find('.', first + 1);
    return which == 0 ? good.substr(0, first) : good.substr(first + 1, second - first - 1);
  };
  const auto none = base::base64url_encode(R"({"alg":"none","typ":"JWT"})") + "." + part(1) + ".";
  const auto body = *base::base64url_decode(part(1));
  const auto header = *base::base64url_decode(part(0));
  auto other_audience = body;
  other_audience.replace(other_audience.find("\"aud\":\"telltale\""), 16, "\"aud\":\"elsewher\"");
  for (const auto& [name, token] : std::vector<std::pair<std::string, std::string>>{
           {"empty", ""},
           {"no parts", "abc"},
           {"four parts", good + ".x"},
           {"alg none", none},
           {"another key", other.sign(claims())},
           {"tampered body", tampered},
           {"no signature", good.substr(0, good.rfind('.') + 1)},
           {"oversize", good + std::string(9000, 'a')},
           {"crit in the header",
            crafted(header.substr(0, header.size() - 1) + R"(,"crit":["x"]})", body)},
           {"jwk in the header",
            crafted(header.substr(0, header.size() - 1) + R"(,"jwk":{}})", body)},
           {"another audience", crafted(header, other_audience)},
           {"body is a list", crafted(header, "[]")}}) {
    const auto result = key.verify(token, kNow);
    EXPECT_FALSE(result) << name;
    if (!result) EXPECT_EQ(result.error().code, base::Code::unauthenticated) << name;
  }
  EXPECT_TRUE(key.verify(crafted(header, body), kNow))
      << "the forger of this test can make a good one";
}

TEST(TokenKey, AShortKeyIsRefused) {
  EXPECT_FALSE(TokenKey::from_bytes("short"));
}

TEST(TokenKeys, ATokenThatWasGoodStillExpiresAndIsNotAnother) {
  const TokenKeys keys({*TokenKey::from_bytes(kSecret)});
  const auto token = keys.sign(claims());
  ASSERT_TRUE(keys.verify(token, kNow));
  const auto again = keys.verify(token, kNow + 14min);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->subject, "usr_1");
  EXPECT_FALSE(keys.verify(token, kNow + 15min + 62s)) << "known is not valid for ever";
  auto tampered = token;
  tampered[token.find('.') + 5] ^= 1;
  EXPECT_FALSE(keys.verify(tampered, kNow));
  EXPECT_FALSE(keys.verify(token.substr(0, token.rfind('.') + 1), kNow));
  const TokenKeys others({*TokenKey::from_bytes(std::string(48, 'o'))});
  EXPECT_FALSE(others.verify(token, kNow)) << "nor for other keys";
}

TEST(TokenKeys, TheOneBeforeStillVerifiesButDoesNotSign) {
  const auto old_key = *TokenKey::from_bytes(std::string(40, 'o'));
  const auto new_key = *TokenKey::from_bytes(std::string(40, 'n'));
  const TokenKeys before({old_key});
  const TokenKeys rotated({new_key, old_key});
  const TokenKeys later({new_key});
  const Claims claims{
      .subject = "usr_1", .issued = kNow, .expires = kNow + std::chrono::minutes(15)};
  const auto old_token = before.sign(claims);
  EXPECT_TRUE(rotated.verify(old_token, kNow));
  EXPECT_FALSE(later.verify(old_token, kNow));
  EXPECT_TRUE(later.verify(rotated.sign(claims), kNow));
  EXPECT_FALSE(before.verify(rotated.sign(claims), kNow));
}

}  // namespace
}  // namespace telltale::auth
