#include "mail/message.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace telltale::mail {
namespace {

Message letter() {
  return {.to = {"ada@example.org"}, .subject = "Report", .text = "Hello"};
}
std::string written(const Message& message) {
  return write(message, *parse_mailbox("Telltale <t@example.org>"), base::from_unix_ms(0));
}

TEST(Message, IsMime) {
  auto one = letter();
  one.attachments = {{"a.pdf", "application/pdf", std::string(1000, '\xff')}};
  const auto text = written(one);
  EXPECT_NE(text.find("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"), std::string::npos);
  EXPECT_NE(text.find("From: \"Telltale\" <t@example.org>\r\nTo: ada@example.org\r\n"),
            std::string::npos);
  EXPECT_NE(text.find("filename=\"a.pdf\""), std::string::npos);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 78U) << text.substr(at, end - at);
    EXPECT_EQ(text.substr(at, end - at).find_first_of("\r\n"), std::string::npos);
    at = end + 2;
  }
}

TEST(Message, OtherScriptsAreEncodedAndNeverCutWithinACharacter) {
  auto one = letter();
  for (int i = 0; i < 40; ++i) one.subject += "报😀";
  one.attachments = {{"报告.pdf", "application/pdf", "x"}};
  ASSERT_TRUE(check(one));
  const auto text = written(one);
  EXPECT_TRUE(
      std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 128; }));
  EXPECT_NE(text.find("filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf"), std::string::npos);
  std::string subject;
  for (std::size_t at = 0; (at = text.find("=?UTF-8?B?", at)) != std::string::npos;) {
    const auto end = text.find("?=", at);
    const auto word = base::base64_decode(text.substr(at + 10, end - at - 10));
    ASSERT_TRUE(word);
    EXPECT_TRUE(base::is_utf8(*word));
    subject += *word;
    at = end;
  }
  EXPECT_EQ(subject, one.subject);
}

TEST(Message, NobodyAddsAHeader) {
  const auto refused = [](auto change, std::string_view field) {
    auto one = letter();
    change(one);
    const auto fine = check(one);
    ASSERT_FALSE(fine) << field;
    ASSERT_EQ(fine.error().fields.size(), 1U) << field;
    EXPECT_EQ(fine.error().fields[0].pointer, field);
  };
  refused([](Message& m) { m.subject = "a\r\nBcc: eve@example.org"; }, "/subject");
  refused([](Message& m) { m.subject = "a\nb"; }, "/subject");
  refused([](Message& m) { m.subject = std::string("a\0b", 3); }, "/subject");
  refused([](Message& m) { m.subject = "\xff"; }, "/subject");
  refused([](Message& m) { m.subject.assign(400, 'a'); }, "/subject");
  refused([](Message& m) { m.to = {}; }, "/to");
  refused([](Message& m) { m.to.assign(kRecipientsMax + 1, "a@b.c"); }, "/to");
  for (const auto* const address :
       {"", "ada", "@b.c", "a@", "a@b c", "a@b.c\r\nX: y", "a@b>.c", "<a@b.c>", "a@b..c", "a@-b.c",
        ".a@b.c", "a b@c.d", "ä@b.c", "a@b.c,d@e.f", "a@b.c SIZE=1"})
    refused([&](Message& m) { m.to = {"ok@example.org", address}; }, "/to/1");
  refused([](Message& m) { m.attachments = {{"a\r\nb", "text/plain", ""}}; },
          "/attachments/0/name");
  refused([](Message& m) { m.attachments = {{"a", "text/plain\r\nX: y", ""}}; },
          "/attachments/0/type");
  EXPECT_FALSE(parse_mailbox("A\nB <a@b.c>"));
  auto big = letter();
  big.text.assign(kBytesMax + 1, 'a');
  EXPECT_EQ(check(big).error().code, base::Code::too_large);
}

TEST(Message, AQuoteInANameIsNoQuote) {
  const auto text = write(letter(), *parse_mailbox("A \"B\\ <a@b.c>"), base::from_unix_ms(0));
  EXPECT_NE(text.find("From: \"A _B_\" <a@b.c>\r\n"), std::string::npos);
}

}  // namespace
}  // namespace telltale::mail
