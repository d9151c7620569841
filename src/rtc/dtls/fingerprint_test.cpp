#include "rtc/dtls/fingerprint.hpp"

#include "rtc/dtls/testing.hpp"

namespace telltale::rtc::dtls {
namespace {

TEST(DtlsFingerprint, ReadsWhatItWrites) {
  const auto certificate = make_certificate();
  const auto text = certificate.fingerprint().to_string();
  EXPECT_EQ(text.size(), std::string_view("sha-256 ").size() + 95);
  const auto back = Fingerprint::parse(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, certificate.fingerprint());
  EXPECT_TRUE(matches(certificate.x509(), std::vector{*back}));
}

TEST(DtlsFingerprint, AnyOfSeveralHashesWillDo) {
  const auto certificate = make_certificate();
  const auto stranger = make_certificate();
  const auto sha384 = Fingerprint::of(certificate.x509(), "sha-384");
  ASSERT_TRUE(sha384);
  EXPECT_TRUE(matches(certificate.x509(), std::vector{stranger.fingerprint(), *sha384}));
  EXPECT_FALSE(matches(certificate.x509(), std::vector{stranger.fingerprint()}));
  EXPECT_FALSE(matches(certificate.x509(), {}));
}

TEST(DtlsFingerprint, CaseDoesNotMatter) {
  auto text = make_certificate().fingerprint().to_string();
  const auto upper = Fingerprint::parse(text);
  for (auto& c : text) c = static_cast<char>(std::tolower(c));
  EXPECT_EQ(*Fingerprint::parse(text), *upper);
  text.replace(0, 7, "SHA-256");
  EXPECT_EQ(*Fingerprint::parse(text), *upper);
}

TEST(DtlsFingerprint, RefusesWhatIsNone) {
  const auto good = make_certificate().fingerprint().to_string();
  auto bad_digit = good;
  bad_digit[8] = 'G';
  auto bad_colon = good;
  bad_colon[10] = '-';
  for (const std::string& text :
       {std::string(), std::string("sha-256"), std::string("sha-256 "), good + ":00",
        good.substr(0, good.size() - 3), bad_digit, bad_colon, std::string(1000, 'a')}) {
    const auto parsed = Fingerprint::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, base::Code::invalid_argument) << text;
  }
  for (const auto* text : {"sha-1 AB:CD", "md5 AB"})
    EXPECT_EQ(Fingerprint::parse(text).error().code, base::Code::unsupported);
}

}  // namespace
}  // namespace telltale::rtc::dtls
