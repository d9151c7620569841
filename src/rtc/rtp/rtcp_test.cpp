#include "rtc/rtp/rtcp.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "rtc/rtp/rtcp_reader.hpp"
#include "rtc/rtp/rtcp_writer.hpp"

namespace telltale::rtc::rtp {
namespace {

using Buffer = std::vector<std::uint8_t>;
using Arrivals = std::vector<std::optional<ArrivalTime>>;

class RtcpTest : public testing::Test {
 protected:
  template <class T>
  T take(RtcpReader& reader) {
    const auto item = reader.next();
    if (!item || !std::holds_alternative<T>(*item)) {
      ADD_FAILURE() << "another packet";
      return {};
    }
    return std::get<T>(*item);
  }

  Buffer buffer_ = Buffer(1500);
  RtcpWriter writer_{buffer_};
};

TEST_F(RtcpTest, ACompoundThereAndBack) {
  const SenderInfo info{
      .ntp = 0x0123'4567'89ab'cdef, .rtp_timestamp = 7, .packets = 8, .octets = 9};
  const std::vector<ReportBlock> blocks = {{.ssrc = 1,
                                            .fraction_lost = 200,
                                            .cumulative_lost = -3,
                                            .highest_sequence = 0x1'0005,
                                            .jitter = 4,
                                            .last_sr = 5,
                                            .delay_since_last_sr = 6},
                                           {.ssrc = 2, .cumulative_lost = 0x7f'ffff}};
  EXPECT_TRUE(writer_.sender_report(11, info, blocks));
  EXPECT_TRUE(writer_.receiver_report(12, blocks));
  EXPECT_TRUE(writer_.cname(11, "a@b"));
  const std::vector<std::uint32_t> ssrcs = {21, 22};
  EXPECT_TRUE(writer_.pli(13, 14));
  EXPECT_TRUE(writer_.fir(13, 14, 250));
  EXPECT_TRUE(writer_.remb(13, 1'500'000, ssrcs));
  EXPECT_TRUE(writer_.receiver_reference_time(15, 0xfedc'ba98'7654'3210));
  EXPECT_TRUE(writer_.delay_since_last_reference(15, 16, 17, 18));
  EXPECT_TRUE(writer_.bye(ssrcs, "gone"));

  RtcpReader reader(writer_.written());
  const auto sr = take<SenderReport>(reader);
  EXPECT_EQ(sr.ssrc, 11U);
  EXPECT_EQ(sr.info, info);
  ASSERT_EQ(sr.blocks.size(), 2U);
  EXPECT_EQ(sr.blocks[0], blocks[0]);
  EXPECT_EQ(sr.blocks[1], blocks[1]);
  EXPECT_EQ(take<ReceiverReport>(reader).blocks[0], blocks[0]);
  EXPECT_EQ(take<SourceDescription>(reader).cname, "a@b");
  EXPECT_EQ(take<Pli>(reader).media_ssrc, 14U);
  take<Fir>(reader).for_each([](std::uint32_t ssrc, std::uint8_t command) {
    EXPECT_EQ(ssrc, 14U);
    EXPECT_EQ(command, 250);
  });
  const auto remb = take<Remb>(reader);
  EXPECT_EQ(remb.bitrate_bps, 1'500'000U);
  EXPECT_EQ(load_u32(remb.ssrcs, 4), 22U);
  EXPECT_EQ(take<ReceiverReferenceTime>(reader).ntp, 0xfedc'ba98'7654'3210U);
  const auto dlrr = take<DelaySinceLastReference>(reader);
  EXPECT_EQ(dlrr.receiver_ssrc, 16U);
  EXPECT_EQ(dlrr.last_rr, 17U);
  EXPECT_EQ(dlrr.delay, 18U);
  const auto bye = take<Bye>(reader);
  EXPECT_EQ(bye.ssrcs.size(), 8U);
  EXPECT_EQ(bye.reason, "gone");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.malformed());
}

TEST_F(RtcpTest, NackGathersSixteenAndWraps) {
  const std::vector<std::uint16_t> lost = {65'530, 65'531, 65'535, 4, 10, 11, 100};
  EXPECT_TRUE(writer_.nack(1, 2, lost));
  EXPECT_EQ(writer_.size(), 12U + 3 * 4) << "65530 reaches to 10";
  RtcpReader reader(writer_.written());
  std::vector<std::uint16_t> back;
  take<Nack>(reader).for_each([&](std::uint16_t sequence) { back.push_back(sequence); });
  EXPECT_EQ(back, lost);
}

TEST_F(RtcpTest, RembRoundsDownAndRefusesTheImpossible) {
  EXPECT_TRUE(writer_.remb(1, 0xffff'ffff, {}));
  RtcpReader reader(writer_.written());
  const auto bps = take<Remb>(reader).bitrate_bps;
  EXPECT_LE(bps, 0xffff'ffffU);
  EXPECT_GT(bps, 0xffff'ffffU - (1U << 14U));
  buffer_[17] = 0xff;  // exponent 63: does not fit into 64 bits
  RtcpReader broken(writer_.written());
  EXPECT_FALSE(broken.next());
  EXPECT_TRUE(broken.malformed());
}

TEST_F(RtcpTest, WhatDoesNotFitLeavesNothing) {
  RtcpWriter small(MutableBytes(buffer_).first(30));
  EXPECT_TRUE(small.pli(1, 2));
  EXPECT_FALSE(small.sender_report(1, {}));
  EXPECT_EQ(small.size(), 12U);
  EXPECT_TRUE(small.pli(1, 2));
  EXPECT_FALSE(writer_.sender_report(1, {}, std::vector<ReportBlock>(32)));
  EXPECT_FALSE(writer_.cname(1, std::string(256, 'x')));
}

TEST_F(RtcpTest, MalformedEndsAndWhatCameBeforeStands) {
  EXPECT_TRUE(writer_.pli(1, 2));
  EXPECT_TRUE(writer_.receiver_report(3, std::vector<ReportBlock>(1)));
  for (std::size_t size = 13; size < writer_.size(); ++size) {
    RtcpReader reader(writer_.written().first(size));
    take<Pli>(reader);
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.malformed()) << size;
  }
  buffer_[12] = 0x82;  // two blocks where there is one
  RtcpReader reader(writer_.written());
  take<Pli>(reader);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.malformed());
}

TEST_F(RtcpTest, UnknownIsPassedOver) {
  Buffer bytes = {0x80, 204, 0, 1, 0, 0, 0, 9, 0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};
  RtcpReader reader(bytes);
  EXPECT_EQ(take<UnknownRtcp>(reader).type, 204);
  EXPECT_EQ(take<Pli>(reader).sender_ssrc, 1U);
}

// Every kind of chunk and delta, written by hand.
TEST_F(RtcpTest, TransportFeedbackByHand) {
  const Buffer bytes = {0x8f, 205,  0,    8,   // header: 9 words
                        0,    0,    0,    1,   // sender
                        0,    0,    0,    2,   // media
                        0xff, 0xfe, 0,    26,  // base 65534, 26 packets
                        0xff, 0xff, 0xff, 7,   // reference -1, number 7
                        0x20, 4,    0x80, 1,   // a run of 4 small; 13 lost, 1 small
                        0xd2, 0x00, 0,    1,   // small, lost, large, 4 lost; a run of 1 lost
                        1,    2,    3,    4,   // the deltas
                        250,  5,    0xff, 0xff};
  RtcpReader reader(bytes);
  const auto feedback = take<TransportFeedback>(reader);
  EXPECT_EQ(feedback.reference_64ms, -1);
  EXPECT_EQ(feedback.feedback_number, 7);
  std::vector<std::pair<std::uint16_t, std::int64_t>> seen;
  std::size_t lost = 0;
  feedback.for_each([&](std::uint16_t sequence, std::optional<ArrivalTime> at) {
    if (at)
      seen.emplace_back(sequence, at->count());
    else
      ++lost;
  });
  const std::vector<std::pair<std::uint16_t, std::int64_t>> expected = {
      {65'534, -63'750}, {65'535, -63'250}, {0, -62'500}, {1, -61'500},
      {15, 1'000},       {16, 2'250},       {18, 2'000}};
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(lost, 26U - 7);
}

TEST_F(RtcpTest, TransportFeedbackThereAndBack) {
  base::Random random(11);
  for (int round = 0; round < 3000; ++round) {
    const auto loss = random.uniform() * (round % 3 == 0 ? 0.02 : 0.9);
    const auto spread = round % 2 == 0 ? 2'000U : 400'000U;
    Arrivals arrivals;
    auto at = static_cast<std::int64_t>(random.below(1'000'000'000)) - 500'000'000;
    const auto count = 1 + random.below(600);
    for (std::size_t i = 0; i < count; ++i) {
      at += static_cast<std::int64_t>(random.below(spread)) - spread / 8;
      arrivals.push_back(i > 0 && random.chance(loss) ? std::nullopt
                                                      : std::optional(ArrivalTime(at)));
    }
    const auto base = static_cast<std::uint16_t>(random.next());
    std::size_t done = 0;
    std::uint8_t number = 0;
    while (done < arrivals.size()) {
      if (!arrivals[done]) {  // a run of losses ends a feedback: the next begins with an arrival
        ++done;
        continue;
      }
      RtcpWriter writer(MutableBytes(buffer_).first(64 + random.below(1200)));
      const auto first = static_cast<std::uint16_t>(base + done);
      const auto taken =
          writer.transport_feedback(1, 2, first, number++, std::span(arrivals).subspan(done));
      ASSERT_GT(taken, 0U);
      ASSERT_EQ(writer.size() % 4, 0U);
      RtcpReader reader(writer.written());
      const auto feedback = take<TransportFeedback>(reader);
      ASSERT_EQ(feedback.count, taken);
      std::size_t i = done;
      feedback.for_each([&](std::uint16_t sequence, std::optional<ArrivalTime> time) {
        ASSERT_EQ(sequence, static_cast<std::uint16_t>(base + i));
        ASSERT_EQ(time.has_value(), arrivals[i].has_value());
        if (time) {
          // 24 bits of 64 ms: 12.4 days, of which the test stays clear.
          const auto error = arrivals[i]->count() - time->count();
          ASSERT_GE(error, 0);
          ASSERT_LT(error, 250);
        }
        ++i;
      });
      done += taken;
      ASSERT_EQ(i, done);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST_F(RtcpTest, TransportFeedbackStopsAtAStepThatDoesNotFit) {
  const Arrivals arrivals = {ArrivalTime(0), std::nullopt, ArrivalTime(9'000'000)};
  EXPECT_EQ(writer_.transport_feedback(1, 2, 5, 0, arrivals), 1U);
  EXPECT_EQ(writer_.transport_feedback(1, 2, 5, 0, Arrivals{std::nullopt}), 0U);
  const Arrivals steady(1000, ArrivalTime(5));
  RtcpWriter writer(buffer_);
  EXPECT_EQ(writer.transport_feedback(1, 2, 5, 0, steady), 1000U) << "a run is one chunk";
}

}  // namespace
}  // namespace telltale::rtc::rtp
