#include "rtc/srtp/streams.hpp"

#include <set>

#include <gtest/gtest.h>

#include "rtc/srtp/receiver.hpp"
#include "rtc/srtp/sender.hpp"
#include "rtc/srtp/test_support.hpp"

namespace telltale::rtc::srtp {
namespace {

TEST(ReplayWindow, AgreesWithASet) {
  base::Random random(3);
  ReplayWindow window;
  std::set<std::uint64_t> seen;
  std::uint64_t highest = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto leap = random.chance(0.001) ? random.below(5000) : random.below(4);
    const auto index =
        random.chance(0.5) ? highest + leap : highest - std::min(highest, random.below(1300));
    const bool too_old =
        !seen.empty() && highest + 1 - std::min(highest + 1, index) > ReplayWindow::kSize;
    ASSERT_EQ(window.seen(index), too_old || seen.contains(index)) << index << " of " << highest;
    if (!window.seen(index)) {
      window.mark(index);
      seen.insert(index);
      highest = std::max(highest, index);
      ASSERT_EQ(window.highest(), highest);
    }
  }
}

TEST(GuessIndex, TakesTheNearest) {
  for (const std::uint64_t highest :
       {0x0'0000ULL, 0x0'8000ULL, 0x5'0000ULL, 0x5'0001ULL, 0x5'7fffULL, 0x5'8000ULL, 0x5'ffffULL})
    for (int offset = -0x7fff; offset <= 0x7fff; offset += 7) {
      const auto index = static_cast<std::int64_t>(highest) + offset;
      if (index < 0) continue;
      ASSERT_EQ(guess_index(highest, static_cast<std::uint16_t>(index)),
                static_cast<std::uint64_t>(index))
          << highest << " " << offset;
    }
}

class SrtpLimits : public testing::Test {
 protected:
  Outcome<std::size_t> protect(std::uint32_t ssrc, std::uint16_t sequence,
                               Sender::Use use = Sender::Use::first) {
    packet_ = make_rtp(random_, ssrc, sequence, {.payload = 10});
    const auto size = packet_.size();
    packet_.resize(size + kMaxRtpGrowth);
    return sender_.seal_rtp(packet_, 12, size - 12, {}, use);
  }

  base::Random random_{1};
  Buffer key_ = random_bytes(random_, 16);
  Buffer salt_ = random_bytes(random_, 12);
  Sender sender_ = Sender::open(Profile::aead_aes_128_gcm, key_, salt_).value();
  Receiver receiver_ = Receiver::open(Profile::aead_aes_128_gcm, key_, salt_).value();
  Buffer packet_;
};

TEST_F(SrtpLimits, AnIndexIsUsedOnce) {
  ASSERT_TRUE(protect(1, 10));
  EXPECT_EQ(protect(1, 10), std::unexpected(Fault::index_reused));
  EXPECT_TRUE(protect(2, 10)) << "another SSRC is another nonce";
  EXPECT_TRUE(protect(1, 10, Sender::Use::again)) << "a retransmission says so";
  EXPECT_TRUE(protect(1, 9)) << "not used so far";
}

TEST_F(SrtpLimits, ARetransmissionFromBeforeTheWrapIsTheSamePacket) {
  const auto sealed_of = [&](const Buffer& plain, Sender::Use use) {
    Buffer out = plain;
    out.resize(plain.size() + kMaxRtpGrowth);
    EXPECT_TRUE(sender_.seal_rtp(out, 12, plain.size() - 12, {}, use));
    return out;
  };
  const auto plain = make_rtp(random_, 1, 65'530);
  const auto sent = sealed_of(plain, Sender::Use::first);
  for (std::uint32_t i = 65'531; i < 65'600; ++i)
    ASSERT_TRUE(protect(1, static_cast<std::uint16_t>(i)));
  EXPECT_EQ(sealed_of(plain, Sender::Use::again), sent);
}

TEST_F(SrtpLimits, StreamsAreBounded) {
  for (std::uint32_t ssrc = 0; ssrc < kMaxStreams; ++ssrc) {
    const auto size = protect(ssrc, 1);
    ASSERT_TRUE(size);
    ASSERT_TRUE(receiver_.unprotect_rtp(MutableBytes(packet_).first(*size)));
  }
  EXPECT_EQ(protect(kMaxStreams, 1), std::unexpected(Fault::too_many_streams));
  auto another = Sender::open(Profile::aead_aes_128_gcm, key_, salt_).value();
  packet_ = make_rtp(random_, kMaxStreams, 1);
  const auto plain = packet_.size();
  packet_.resize(plain + kMaxRtpGrowth);
  const auto size = another.protect_rtp(packet_, plain);
  ASSERT_TRUE(size);
  EXPECT_EQ(receiver_.unprotect_rtp(packet_), std::unexpected(Fault::too_many_streams));
}

TEST_F(SrtpLimits, NoRoomAndNonsense) {
  packet_ = make_rtp(random_, 1, 1);
  EXPECT_EQ(sender_.protect_rtp(packet_, packet_.size()), std::unexpected(Fault::no_room));
  EXPECT_EQ(sender_.protect_rtp(packet_, 11), std::unexpected(Fault::malformed));
  EXPECT_EQ(sender_.protect_rtp(packet_, packet_.size() + 1), std::unexpected(Fault::malformed));
  auto report = make_rtcp(random_, 1, 4);
  EXPECT_EQ(sender_.protect_rtcp(report, report.size()), std::unexpected(Fault::no_room));
  EXPECT_EQ(sender_.protect_rtcp(report, 7), std::unexpected(Fault::malformed));
}

TEST_F(SrtpLimits, TheLastRtcpIndexEndsTheKey) {
  sender_.set_next_rtcp_index(kMaxRtcpIndex);
  auto report = make_rtcp(random_, 1, 4);
  const auto size = report.size();
  report.resize(size + kMaxRtcpGrowth);
  ASSERT_TRUE(sender_.protect_rtcp(report, size));
  EXPECT_TRUE(receiver_.unprotect_rtcp(report));
  EXPECT_EQ(sender_.protect_rtcp(report, size), std::unexpected(Fault::key_exhausted));
}

}  // namespace
}  // namespace telltale::rtc::srtp
