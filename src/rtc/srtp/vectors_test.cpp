// The vectors of RFC 3711 appendix B.3 (key derivation), RFC 7714 sections 16 and 17 (GCM), RFC
// 2202 (HMAC-SHA1).
#include <gtest/gtest.h>

#include "rtc/srtp/receiver.hpp"
#include "rtc/srtp/sender.hpp"
#include "rtc/srtp/test_support.hpp"

namespace telltale::rtc::srtp {
namespace {

TEST(SrtpVectors, KeyDerivation) {
  const auto keys =
      derive_keys(Profile::aes128_cm_hmac_sha1_80, from_hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
                  from_hex("0EC675AD498AFEEBB6960B3AABE6"));
  ASSERT_TRUE(keys);
  const auto begin = [](Bytes bytes, std::size_t size) {
    return Buffer(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  };
  EXPECT_EQ(begin(keys->rtp.cipher, 16), from_hex("C61E7A93744F39EE10734AFE3FF7A087"));
  EXPECT_EQ(begin(keys->rtp.salt, 14), from_hex("30CBBC08863D8C85D49DB34A9AE1"));
  EXPECT_EQ(begin(keys->rtp.auth, 20), from_hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

TEST(SrtpVectors, KeyingMaterialOfTheWrongLengthIsRefused) {
  for (const auto profile :
       {Profile::aes128_cm_hmac_sha1_80, Profile::aead_aes_128_gcm, Profile::aead_aes_256_gcm}) {
    const Buffer key(key_size(profile));
    const Buffer salt(salt_size(profile));
    EXPECT_TRUE(Sender::open(profile, key, salt));
    EXPECT_FALSE(Sender::open(profile, Bytes(key).first(key.size() - 1), salt));
    EXPECT_FALSE(Receiver::open(profile, key, Bytes(salt).first(salt.size() - 1)));
  }
}

SessionKeys quid_pro_quo(Profile profile) {
  SessionKeys keys{.profile = profile};
  for (std::size_t i = 0; i < key_size(profile); ++i)
    keys.rtp.cipher[i] = keys.rtcp.cipher[i] = static_cast<std::uint8_t>(i);
  const auto salt = from_hex("517569642070726f2071756f");
  std::copy(salt.begin(), salt.end(), keys.rtp.salt.begin());
  keys.rtcp.salt = keys.rtp.salt;
  return keys;
}

struct Vector {
  Profile profile;
  std::string_view rtp;
  std::string_view rtcp;
};

constexpr Vector kVectors[] = {
    {.profile = Profile::aead_aes_128_gcm,
     .rtp = "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d1"
            "9b36de3adf8833899d7f27beb16a9152cf765ee4390cce",
     .rtcp = "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09"
             "b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"},
    {.profile = Profile::aead_aes_256_gcm,
     .rtp = "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae"
            "0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13",
     .rtcp = "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f"
             "658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4"},
};

TEST(SrtpVectors, GcmOfRfc7714) {
  const auto rtp = from_hex(
      "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e697320646976697361"
      "20696e207061727465732074726573");
  const auto rtcp = from_hex(
      "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61"
      "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
  for (const auto& vector : kVectors) {
    const auto keys = quid_pro_quo(vector.profile);
    auto sender = Sender::open(keys);
    auto receiver = Receiver::open(keys);
    ASSERT_TRUE(sender && receiver);
    Buffer out = rtp;
    out.resize(rtp.size() + kMaxRtpGrowth);
    ASSERT_EQ(sender->protect_rtp(out, rtp.size()), rtp.size() + 16);
    EXPECT_EQ(out, from_hex(vector.rtp));
    ASSERT_EQ(receiver->unprotect_rtp(out), rtp.size());
    EXPECT_TRUE(std::equal(rtp.begin(), rtp.end(), out.begin()));

    sender->set_next_rtcp_index(0x5d4);
    out = rtcp;
    out.resize(rtcp.size() + kMaxRtcpGrowth);
    ASSERT_EQ(sender->protect_rtcp(out, rtcp.size()), rtcp.size() + 20);
    EXPECT_EQ(out, from_hex(vector.rtcp));
    ASSERT_EQ(receiver->unprotect_rtcp(out), rtcp.size());
    EXPECT_TRUE(std::equal(rtcp.begin(), rtcp.end(), out.begin()));
  }
}

// RFC 2202 section 3, cases 1, 2 and 4, cut to 80 bits.
TEST(SrtpVectors, HmacSha1) {
  const auto tag = [](const Buffer& key, const Buffer& data) {
    const auto out = HmacSha1(key).tag(Bytes(data).first(3), Bytes(data).subspan(3));
    return Buffer(out.begin(), out.end());
  };
  const auto text = [](std::string_view of) { return Buffer(of.begin(), of.end()); };
  EXPECT_EQ(tag(Buffer(20, 0x0b), text("Hi There")), from_hex("b617318655057264e28b"));
  EXPECT_EQ(tag(text("Jefe"), text("what do ya want for nothing?")),
            from_hex("effcdf6ae5eb2fa2d274"));
  EXPECT_EQ(tag(from_hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), Buffer(50, 0xcd)),
            from_hex("4c9007f4026250c6bc84"));
}

}  // namespace
}  // namespace telltale::rtc::srtp
