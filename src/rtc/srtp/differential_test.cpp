// Ours against libsrtp2: what one protects the other takes, in every profile and shape of packet.
#include <gtest/gtest.h>

#include "rtc/srtp/receiver.hpp"
#include "rtc/srtp/sender.hpp"
#include "rtc/srtp/test_support.hpp"

namespace telltale::rtc::srtp {
namespace {

using Form = rtp::HeaderWriter::Form;

class SrtpDifferential : public testing::TestWithParam<Profile> {
 protected:
  Buffer ours(const Buffer& plain, bool rtcp = false, bool encrypts = true) {
    Buffer out = plain;
    out.resize(plain.size() + kMaxRtcpGrowth);
    const auto size = rtcp ? sender_.protect_rtcp(out, plain.size(), encrypts)
                           : sender_.protect_rtp(out, plain.size());
    EXPECT_TRUE(size) << name_of(size.error());
    out.resize(size.value_or(0));
    return out;
  }
  testing::AssertionResult they_take(Buffer packet, const Buffer& plain, bool rtcp = false) {
    if (!their_receiver_.unprotect(packet, rtcp)) return testing::AssertionFailure() << "refused";
    if (packet != plain) return testing::AssertionFailure() << "another packet";
    return testing::AssertionSuccess();
  }
  Buffer theirs(const Buffer& plain, bool rtcp = false) {
    Buffer out = plain;
    EXPECT_TRUE(their_sender_.protect(out, rtcp));
    return out;
  }
  testing::AssertionResult we_take(Buffer packet, const Buffer& plain, bool rtcp = false) {
    const auto size = rtcp ? receiver_.unprotect_rtcp(packet) : receiver_.unprotect_rtp(packet);
    if (!size) return testing::AssertionFailure() << name_of(size.error());
    packet.resize(*size);
    if (packet != plain) return testing::AssertionFailure() << "another packet";
    return testing::AssertionSuccess();
  }

  base::Random random_{7};
  Buffer key_ = random_bytes(random_, key_size(GetParam()));
  Buffer salt_ = random_bytes(random_, salt_size(GetParam()));
  Sender sender_ = Sender::open(GetParam(), key_, salt_).value();
  Receiver receiver_ = Receiver::open(GetParam(), key_, salt_).value();
  LibSrtp their_sender_{GetParam(), key_, salt_, true};
  LibSrtp their_receiver_{GetParam(), key_, salt_, false};
};

TEST_P(SrtpDifferential, EveryShapeOfRtp) {
  std::uint16_t sequence = 100;
  for (const auto form : {Form::none, Form::one_byte, Form::two_byte})
    for (const std::size_t csrcs : {0U, 1U, 15U})
      for (const std::size_t padding : {0U, 1U, 200U})
        for (const std::size_t payload : {0U, 1U, 15U, 16U, 17U, 1200U}) {
          const auto plain =
              make_rtp(random_, 0xabcd0001, sequence++,
                       {.csrcs = csrcs, .form = form, .padding = padding, .payload = payload});
          EXPECT_TRUE(they_take(ours(plain), plain)) << sequence;
          EXPECT_TRUE(we_take(theirs(plain), plain)) << sequence;
        }
}

TEST_P(SrtpDifferential, TheSameBytes) {
  // Deterministic, so not only understood but equal.
  for (std::uint16_t sequence = 1; sequence < 50; ++sequence) {
    const auto plain = make_rtp(random_, 5, sequence, {.payload = sequence});
    EXPECT_EQ(ours(plain), theirs(plain));
  }
}

TEST_P(SrtpDifferential, SequenceAndRollOverWrap) {
  // Three times round in leaps below half the ring.
  std::uint64_t index = 65'500;
  for (int i = 0; i < 40; ++i) {
    const auto plain = make_rtp(random_, 9, static_cast<std::uint16_t>(index));
    ASSERT_TRUE(they_take(ours(plain), plain)) << index;
    ASSERT_TRUE(we_take(theirs(plain), plain)) << index;
    index += i < 20 ? 7 : 20'000;
  }
  ASSERT_GT(index >> 16U, 3U);
}

TEST_P(SrtpDifferential, ReorderingAcrossTheWrap) {
  std::vector<Buffer> plains;
  std::vector<Buffer> sealed;
  for (std::uint32_t index = 65'400; index < 65'700; ++index) {
    plains.push_back(make_rtp(random_, 9, static_cast<std::uint16_t>(index)));
    sealed.push_back(theirs(plains.back()));
  }
  // In blocks of 50, each backwards; the first one in order so that both know where they are.
  ASSERT_TRUE(we_take(sealed[0], plains[0]));
  for (std::size_t block = 1; block < sealed.size(); block += 50)
    for (std::size_t i = std::min(block + 50, sealed.size()); i-- > block;)
      ASSERT_TRUE(we_take(sealed[i], plains[i])) << i;
}

TEST_P(SrtpDifferential, Rtcp) {
  for (std::size_t words = 0; words < 60; ++words) {
    const auto plain = make_rtcp(random_, static_cast<std::uint32_t>(1 + words % 3), words);
    EXPECT_TRUE(they_take(ours(plain, true), plain, true)) << words;
    EXPECT_TRUE(we_take(theirs(plain, true), plain, true)) << words;
  }
}

TEST_P(SrtpDifferential, RtcpThatIsOnlyAuthenticated) {
  LibSrtp clear_sender(GetParam(), key_, salt_, true, false);
  LibSrtp clear_receiver(GetParam(), key_, salt_, false, false);
  const auto plain = make_rtcp(random_, 77, 10);
  auto from_us = ours(plain, true, false);
  ASSERT_TRUE(std::equal(plain.begin(), plain.end(), from_us.begin()));
  EXPECT_TRUE(clear_receiver.unprotect(from_us, true));
  EXPECT_EQ(from_us, plain);
  auto from_them = plain;
  ASSERT_TRUE(clear_sender.protect(from_them, true));
  EXPECT_TRUE(we_take(from_them, plain, true));
}

TEST_P(SrtpDifferential, ReplaysAreRefused) {
  std::vector<Buffer> sealed;
  std::vector<Buffer> plains;
  for (std::uint16_t sequence = 0; sequence < 2000; ++sequence) {
    plains.push_back(make_rtp(random_, 3, sequence, {.payload = 20}));
    sealed.push_back(theirs(plains.back()));
  }
  // All but two: one stays within the window, one falls out of it.
  for (std::size_t i = 0; i < sealed.size(); ++i)
    if (i != 1500 && i != 900) {
      ASSERT_TRUE(we_take(sealed[i], plains[i]));
    }
  for (const std::size_t i : {0U, 975U, 976U, 1999U}) {
    auto copy = sealed[i];
    EXPECT_EQ(receiver_.unprotect_rtp(copy), std::unexpected(Fault::replayed)) << i;
  }
  EXPECT_TRUE(we_take(sealed[1500], plains[1500])) << "late, not replayed";
  auto copy = sealed[1500];
  EXPECT_EQ(receiver_.unprotect_rtp(copy), std::unexpected(Fault::replayed));
  copy = sealed[900];
  EXPECT_EQ(receiver_.unprotect_rtp(copy), std::unexpected(Fault::replayed)) << "too old";

  auto rtcp = theirs(make_rtcp(random_, 3, 5), true);
  copy = rtcp;
  EXPECT_TRUE(receiver_.unprotect_rtcp(copy));
  EXPECT_EQ(receiver_.unprotect_rtcp(rtcp), std::unexpected(Fault::replayed));
}

TEST_P(SrtpDifferential, EachByteCounts) {
  const auto plain = make_rtp(random_, 3, 10, {.csrcs = 1, .form = Form::one_byte, .payload = 30});
  const auto sealed = ours(plain);
  for (std::size_t i = 0; i < sealed.size(); ++i)
    for (const unsigned bit : {0x01U, 0x80U}) {
      auto changed = sealed;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ bit);
      EXPECT_FALSE(receiver_.unprotect_rtp(changed)) << i;
    }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    Buffer cut(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(receiver_.unprotect_rtp(cut)) << size;
  }
  EXPECT_TRUE(we_take(sealed, plain)) << "the forged ones left no trace";

  const auto report = make_rtcp(random_, 3, 8);
  for (const bool encrypts : {true, false}) {
    const auto sealed_report = ours(report, true, encrypts);
    for (std::size_t i = 0; i < sealed_report.size(); ++i) {
      auto changed = sealed_report;
      changed[i] ^= 0x40U;
      EXPECT_FALSE(receiver_.unprotect_rtcp(changed)) << i;
    }
    for (std::size_t size = 0; size < sealed_report.size(); ++size) {
      Buffer cut(sealed_report.begin(), sealed_report.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(receiver_.unprotect_rtcp(cut)) << size;
    }
    EXPECT_TRUE(we_take(sealed_report, report, true));
  }
}

TEST_P(SrtpDifferential, FromSharedBytesIsTheSamePacket) {
  const auto plain = make_rtp(random_, 3, 10, {.form = Form::one_byte, .payload = 1000});
  const auto header = rtp::header_size(plain).value();
  for (const std::size_t prefix : {0U, 2U, 16U, 33U}) {
    auto sender = Sender::open(GetParam(), key_, salt_).value();
    Buffer out(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(header + prefix));
    out.resize(plain.size() + kMaxRtpGrowth);
    const auto shared = Bytes(plain).subspan(header + prefix);
    const auto size = sender.seal_rtp(out, header, prefix, shared);
    ASSERT_TRUE(size);
    out.resize(*size);
    auto theirs_receiver = LibSrtp(GetParam(), key_, salt_, false);
    ASSERT_TRUE(theirs_receiver.unprotect(out)) << prefix;
    EXPECT_EQ(out, plain);
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, SrtpDifferential,
                         testing::Values(Profile::aes128_cm_hmac_sha1_80, Profile::aead_aes_128_gcm,
                                         Profile::aead_aes_256_gcm));

}  // namespace
}  // namespace telltale::rtc::srtp
