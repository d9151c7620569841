#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace telltale::base {
namespace {

TEST(Base64, VectorsOfRfc4648) {
  struct Row {
    std::string plain, coded;
  };
  for (const auto& row :
       {Row{"", ""}, Row{"f", "Zg=="}, Row{"fo", "Zm8="}, Row{"foo", "Zm9v"},
        Row{"foob", "Zm9vYg=="}, Row{"fooba", "Zm9vYmE="}, Row{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64_encode(row.plain), row.coded);
    EXPECT_EQ(base64_decode(row.coded).value(), row.plain);
    const auto bare = row.coded.substr(0, row.coded.find('='));
    EXPECT_EQ(base64_decode(bare).value(), row.plain) << "padding may be left out";
    EXPECT_EQ(base64url_encode(row.plain), bare);
    EXPECT_EQ(base64url_decode(bare).value(), row.plain);
  }
  EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
}

// One text for each sequence of bytes, or a token could be changed and still be taken.
TEST(Base64, OnlyTheOneText) {
  for (const auto* const text :
       {"Z", "Zg=", "Zg===", "Zh", "Zh==", "Zm9=", "Zm9", "Zm9v=", "Zm9v====", "=",
        "====", "Zg==Zg==", "Z g=", "Zg\n", "Zm8-", "Zm8_"})
    EXPECT_FALSE(base64_decode(text).has_value()) << text;
  for (const auto* const text : {"Zg==", "Zh", "Z", "Zm8=", "Zm+v", "Zm/v", "Zm9v="})
    EXPECT_FALSE(base64url_decode(text).has_value()) << text;
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes;
    for (auto n = random.below(40); n > 0; --n) bytes += static_cast<char>(random.next());
    auto text = base64url_encode(bytes);
    ASSERT_EQ(base64url_decode(text).value(), bytes);
    if (text.empty()) continue;
    auto& changed = text[random.below(text.size())];
    const auto old = changed;
    changed = static_cast<char>(random.next());
    const auto again = base64url_decode(text);
    if (changed != old) {
      EXPECT_FALSE(again && *again == bytes) << text;
    }
  }
}

TEST(Hex, AndSha256) {
  EXPECT_EQ(hex_encode(std::string("\x00\x7f\xff", 3)), "007fff");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Percent, ThereAndBack) {
  EXPECT_EQ(percent_encode("a b/ü~"), "a%20b%2F%C3%BC~");
  EXPECT_EQ(percent_decode("a%20b%2f%C3%bc~+").value(), "a b/ü~+");
  EXPECT_EQ(percent_decode("a+b%2B", true).value(), "a b+");
  for (const auto* const text : {"%", "%4", "%4g", "%g4", "a%", "%%41", "%-1"})
    EXPECT_FALSE(percent_decode(text).has_value()) << text;
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(percent_decode(percent_encode(all)).value(), all);
}

TEST(Utf8, WellFormedOnly) {
  for (const auto* const text :
       {"", "a", "é", "€", "😀", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"})
    EXPECT_TRUE(is_utf8(text)) << text;
  for (const auto* const text :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\xaf",
        "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff", "\xe2\x82", "\xf0\x9f\x98", "a\xc3", "\xc3("})
    EXPECT_FALSE(is_utf8(text));
}

TEST(Utf8, AnythingCanBeShown) {
  EXPECT_EQ(to_utf8("plain é"), "plain é");
  EXPECT_EQ(to_utf8("a\xff"
                    "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(to_utf8("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
  Random random(2);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes;
    for (auto n = random.below(20); n > 0; --n) bytes += static_cast<char>(random.next());
    const auto text = to_utf8(bytes);
    ASSERT_TRUE(is_utf8(text));
    ASSERT_EQ(text == bytes, is_utf8(bytes)) << "what is well-formed stays as it is";
  }
}

TEST(ConstantTime, ComparesAsEqualsDoes) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("secret", "secret "));
  EXPECT_FALSE(equal_constant_time("secret", ""));
}

}  // namespace
}  // namespace telltale::base
