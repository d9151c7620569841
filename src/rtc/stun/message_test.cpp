#include "rtc/stun/message.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "rtc/srtp/test_support.hpp"
#include "rtc/stun/integrity.hpp"

namespace telltale::rtc::stun {
namespace {

using srtp::Buffer;
using srtp::from_hex;

// RFC 5769 section 2: the password and user are shared by 2.1 to 2.3.
constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";
constexpr std::string_view kRequest =
    "000100582112a442b7e7a701bc34d686fa87dfae"
    "80220010"
    "5354554e207465737420636c69656e74"
    "00240004"
    "6e0001ff"
    "80290008"
    "932ff9b151263b36"
    "00060009"
    "6576746a3a68367659202020"
    "00080014"
    "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004"
    "e57a3bcf";
constexpr std::string_view kResponseV4 =
    "0101003c2112a442b7e7a701bc34d686fa87dfae"
    "8022000b"
    "7465737420766563746f7220"
    "00200008"
    "0001a147e112a643"
    "00080014"
    "2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004"
    "c07d4c96";
constexpr std::string_view kResponseV6 =
    "010100482112a442b7e7a701bc34d686fa87dfae"
    "8022000b"
    "7465737420766563746f7220"
    "00200014"
    "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014"
    "a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004"
    "c8fb0b4c";

TEST(StunVectors, Request) {
  const auto bytes = from_hex(kRequest);
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is(Class::request));
  EXPECT_TRUE(message->has_fingerprint());
  EXPECT_TRUE(message->authentic(kPassword));
  EXPECT_FALSE(message->authentic("VOkJxbRl1RmTxUk/WvJxBT"));
  EXPECT_EQ(message->username(), "evtj:h6vY");
  EXPECT_EQ(message->priority(), 0x6e0001ffU);
  EXPECT_EQ(message->controlled(), 0x932ff9b151263b36U);
  EXPECT_FALSE(message->controlling());
  EXPECT_FALSE(message->use_candidate());
  EXPECT_EQ(message->unknown_count(), 0U);
}

TEST(StunVectors, Responses) {
  for (const auto& [hex, ip] : {std::pair{kResponseV4, "192.0.2.1"},
                                std::pair{kResponseV6, "2001:db8:1234:5678:11:2233:4455:6677"}}) {
    const auto bytes = from_hex(hex);
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->is(Class::success));
    EXPECT_TRUE(message->authentic(kPassword));
    const auto address = message->mapped_address();
    ASSERT_TRUE(address);
    EXPECT_EQ(address->ip_text(), ip);
    EXPECT_EQ(address->port, 32853);
  }
}

TEST(StunVectors, EveryBitOfARequestCounts) {
  const auto bytes = from_hex(kRequest);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto changed = bytes;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << bit);
      const auto message = Message::parse(changed);
      EXPECT_FALSE(message && message->has_fingerprint() && message->authentic(kPassword))
          << i << "." << bit;
    }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(Message::parse(Bytes(bytes).first(size)));
}

class StunWriter : public testing::Test {
 protected:
  const TransactionId id_ = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  Buffer out_ = Buffer(600);
  MessageWriter writer_{out_, Class::request, id_};

  std::optional<Message> parsed() { return Message::parse(Bytes(out_).first(writer_.size())); }
};

TEST_F(StunWriter, ACheckThereAndBack) {
  writer_.username("peer:us");
  writer_.priority(7);
  writer_.controlling(0x1122334455667788);
  writer_.use_candidate();
  writer_.integrity("secret");
  writer_.fingerprint();
  const auto message = parsed();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->transaction(), id_);
  EXPECT_EQ(message->username(), "peer:us");
  EXPECT_EQ(message->priority(), 7U);
  EXPECT_EQ(message->controlling(), 0x1122334455667788U);
  EXPECT_TRUE(message->use_candidate());
  EXPECT_TRUE(message->authentic("secret"));
}

TEST_F(StunWriter, AddressesOfBothFamilies) {
  for (const auto* ip : {"192.0.2.7", "2001:db8::7"}) {
    const auto address = Address::parse(ip, 4711).value();
    MessageWriter writer(out_, Class::success, id_);
    writer.mapped_address(address);
    EXPECT_EQ(Message::parse(Bytes(out_).first(writer.size()))->mapped_address(), address);
  }
  EXPECT_EQ(Address::parse("2001:db8::7", 1)->text(), "[2001:db8::7]:1");
  EXPECT_FALSE(Address::parse("a.local", 1));
}

TEST_F(StunWriter, ErrorsAndUnknownAttributes) {
  MessageWriter writer(out_, Class::error, id_);
  writer.error(487, "Role Conflict");
  const auto message = Message::parse(Bytes(out_).first(writer.size()));
  EXPECT_EQ(message->error()->code, 487);
  EXPECT_EQ(message->error()->reason, "Role Conflict");

  writer_.raw(0x7001, Buffer{1});
  writer_.raw(0xc001, Buffer{1, 2});
  ASSERT_TRUE(parsed());
  EXPECT_EQ(parsed()->unknown_count(), 1U) << "the optional one is no matter";
  EXPECT_EQ(load_u16(parsed()->unknown(), 0), 0x7001);
}

TEST_F(StunWriter, WhatComesBehindIntegrityDoesNotCount) {
  writer_.integrity("secret");
  writer_.use_candidate();
  ASSERT_TRUE(parsed());
  EXPECT_FALSE(parsed()->use_candidate());
  EXPECT_TRUE(parsed()->authentic("secret"));
}

TEST_F(StunWriter, NothingComesBehindAFingerprint) {
  writer_.fingerprint();
  writer_.priority(1);
  EXPECT_FALSE(parsed());
}

TEST_F(StunWriter, Limits) {
  for (std::size_t i = 0; i < kMaxAttributes; ++i) writer_.priority(1);
  EXPECT_TRUE(parsed());
  writer_.priority(1);
  EXPECT_FALSE(parsed());
  writer_.raw(1, Buffer(600));
  EXPECT_EQ(writer_.size(), 0U) << "did not fit";
  Buffer large(kMaxMessage + 4);
  MessageWriter writer(large, Class::request, id_);
  writer.raw(0x8022, Buffer(kMaxMessage + 4 - 24));
  EXPECT_FALSE(Message::parse(Bytes(large).first(writer.size())));
}

TEST(Crc32, CheckValue) {
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U);
  EXPECT_EQ(crc32(as_bytes("1234"), as_bytes("56789")), 0xcbf43926U);
}

}  // namespace
}  // namespace telltale::rtc::stun
