#include "rtc/send/outbound_stream.hpp"

#include <gtest/gtest.h>

#include "rtc/receive/inbound_stream.hpp"
#include "rtc/rtp/rtx.hpp"
#include "rtc/srtp/receiver.hpp"
#include "rtc/test_source.hpp"

namespace telltale::rtc {
namespace {

using namespace std::chrono_literals;

const std::vector<std::uint8_t> kKey(16, 1);
const std::vector<std::uint8_t> kSalt(12, 2);

sdp::Stream video(bool rtx) {
  sdp::Stream out{.mid = "0",
                  .kind = sdp::Kind::video,
                  .we_send = true,
                  .we_receive = true,
                  .codec = {.payload_type = 96, .name = "VP8"},
                  .nack = true};
  if (rtx) out.rtx_payload_type = 97;
  return out;
}

// Numbers wrap in the middle: a packet in ten is lost and sent again, each frame comes whole.
TEST(OutboundStream, numbers_wrap_and_what_is_lost_comes_again) {
  for (const bool rtx : {true, false}) {
    const base::SteadyTime start(1h);
    OutboundStream out({.stream = video(rtx),
                        .ssrc = 7,
                        .rtx_ssrc = 8,
                        .first_sequence = 65'300,
                        .first_rtx_sequence = 65'530,
                        .first_picture_id = 0x7ff0,
                        .timestamp_offset = 0xffff'0000},
                       start);
    InboundStream in({.stream = video(rtx), .codec = Codec::vp8, .keeps_payload = true});
    auto sender = *srtp::Sender::open(srtp::Profile::aead_aes_128_gcm, kKey, kSalt);
    auto receiver = *srtp::Receiver::open(srtp::Profile::aead_aes_128_gcm, kKey, kSalt);
    const auto made = made_up_video(Codec::vp8, 1'500'000, 30, 60, 1);
    const auto receive = [&](MutableBytes packet, bool again, base::SteadyTime now) {
      const auto size = receiver.unprotect_rtp(packet);
      ASSERT_TRUE(size) << srtp::name_of(size.error());
      auto plain = packet.first(*size);
      if (again && rtx) {
        const auto original = rtp::unwrap_rtx(plain, {.ssrc = 7, .payload_type = 96});
        ASSERT_TRUE(original);
        plain = *original;
      }
      const auto view = rtp::PacketView::parse(plain);
      ASSERT_TRUE(view);
      in.on_packet(*view, again, now);
    };
    std::array<std::uint8_t, 2'048> buffer = {};
    std::size_t whole = 0;
    std::size_t count = 0;
    std::uint16_t sequence = 65'300;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto now = start + 33ms * static_cast<int>(i);
      const auto frame = pack({.bytes = made[i].bytes,
                               .codec = Codec::vp8,
                               .key = made[i].key,
                               .timestamp = static_cast<std::uint32_t>(i * 3'000),
                               .due = now},
                              i + 1);
      const auto number = out.add(frame);
      for (std::size_t at = 0; at < frame->packets.size(); ++at, ++sequence) {
        const auto size = out.write(number, at, {}, sender, buffer, now);
        ASSERT_GT(size, 0U);
        if (++count % 10 != 3) {
          receive(MutableBytes(buffer).first(size), false, now);
          continue;
        }
        std::array<std::uint8_t, 2'048> again = {};
        const auto size_again = out.write_again(sequence, {}, sender, again);
        ASSERT_GT(size_again, 0U);
        // Without RTX it must be the same packet to the bit: GCM's nonce is used once.
        if (!rtx) {
          EXPECT_EQ(std::vector(buffer.begin(), buffer.begin() + static_cast<int>(size)),
                    std::vector(again.begin(), again.begin() + static_cast<int>(size_again)));
        }
        receive(MutableBytes(again).first(size_again), true, now);
      }
      while (const auto assembled = in.next_frame(now)) {
        std::vector<std::uint8_t> bytes;
        ASSERT_TRUE(in.read(*assembled, bytes));
        EXPECT_EQ(bytes, made[whole].bytes) << whole;
        ++whole;
      }
    }
    EXPECT_LT(sequence, 1'000);  // it did wrap
    EXPECT_EQ(whole, made.size());
    EXPECT_EQ(in.gaps(), 0U);
    EXPECT_EQ(in.stats().packets_lost, 0);
    EXPECT_EQ(out.stats().retransmitted_packets_sent, count / 10 + (count % 10 >= 3 ? 1 : 0));
  }
}

// What was due before the viewer joined plays eight times as fast; then time is as it was.
// A burst of a whole cached group waits before its first packet leaves; then packets of the last
// second and more can be asked for, at a rate where the first rings would have lost them.
TEST(OutboundStream, holds_what_waits_and_what_may_be_asked_for) {
  for (const bool rtx : {true, false}) {
    const base::SteadyTime start(1h);
    OutboundStream out({.stream = video(rtx), .ssrc = 7, .rtx_ssrc = 8, .first_sequence = 65'500},
                       start);
    auto sender = *srtp::Sender::open(srtp::Profile::aead_aes_128_gcm, kKey, kSalt);
    const auto made = made_up_video(Codec::vp8, 4'000'000, 30, 200, 1);
    std::array<std::uint8_t, 2'048> buffer = {};
    std::vector<std::size_t> packets;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto frame = pack({.bytes = made[i].bytes,
                               .codec = Codec::vp8,
                               .timestamp = static_cast<std::uint32_t>(i * 3'000),
                               .due = start + 33ms * static_cast<int>(i)},
                              i + 1);
      packets.push_back(frame->packets.size());
      ASSERT_EQ(out.add(frame), i);
    }
    std::uint16_t sequence = 65'500;
    for (std::size_t i = 0; i < made.size(); ++i)
      for (std::size_t at = 0; at < packets[i]; ++at, ++sequence)
        ASSERT_GT(out.write(static_cast<std::uint16_t>(i), at, {}, sender, buffer, start), 0U) << i;
    std::size_t last = 0;
    for (std::size_t i = made.size() - 40; i < made.size(); ++i) last += packets[i];
    EXPECT_GT(last, 256U);
    sequence = static_cast<std::uint16_t>(sequence - last);
    for (std::size_t i = 0; i < last; ++i, ++sequence)
      ASSERT_GT(out.write_again(sequence, {}, sender, buffer), 0U) << i << " of " << last;
  }
}

// After a key frame was asked for because too much waited, what was lost before it is history.
TEST(OutboundStream, what_is_forgotten_is_not_sent_again) {
  const base::SteadyTime start(1h);
  OutboundStream out({.stream = video(true), .ssrc = 7, .rtx_ssrc = 8, .first_sequence = 65'530},
                     start);
  auto sender = *srtp::Sender::open(srtp::Profile::aead_aes_128_gcm, kKey, kSalt);
  const auto made = made_up_video(Codec::vp8, 1'000'000, 30, 4, 1);
  std::array<std::uint8_t, 2'048> buffer = {};
  std::uint16_t next = 65'530;
  const auto send = [&](std::size_t i) {
    const auto frame = pack({.bytes = made[i].bytes,
                             .codec = Codec::vp8,
                             .timestamp = static_cast<std::uint32_t>(i * 3'000),
                             .due = start},
                            i + 1);
    const auto number = out.add(frame);
    for (std::size_t at = 0; at < frame->packets.size(); ++at, ++next)
      ASSERT_GT(out.write(number, at, {}, sender, buffer, start), 0U);
  };
  EXPECT_GT(out.write_padding({}, sender, buffer), 250U) << "nothing but padding, before all";
  send(0);
  const auto before = static_cast<std::uint16_t>(next - 1);
  EXPECT_GT(out.wire_size_again(before), 0U);
  out.forget_sent();
  EXPECT_EQ(out.wire_size_again(before), 0U);
  EXPECT_EQ(out.wire_size_again(65'530), 0U);
  send(1);
  EXPECT_EQ(out.wire_size_again(before), 0U);
  EXPECT_GT(out.wire_size_again(static_cast<std::uint16_t>(before + 1)), 0U);
  EXPECT_GT(out.wire_size_again(static_cast<std::uint16_t>(next - 1)), 0U);
}

TEST(OutboundStream, old_frames_are_caught_up) {
  const base::SteadyTime joined(1h);
  OutboundStream out({.stream = video(true), .ssrc = 7, .rtx_ssrc = 8}, joined);
  auto sender = *srtp::Sender::open(srtp::Profile::aead_aes_128_gcm, kKey, kSalt);
  auto receiver = *srtp::Receiver::open(srtp::Profile::aead_aes_128_gcm, kKey, kSalt);
  std::vector<std::int64_t> sent;
  for (int i = -20; i <= 10; ++i) {
    const auto number = out.add(pack({.bytes = {0x11, 1, 2},
                                      .codec = Codec::vp8,
                                      .timestamp = static_cast<std::uint32_t>(900'000 + i * 9'000),
                                      .due = joined + 100ms * i},
                                     static_cast<std::uint64_t>(i) + 21));
    std::array<std::uint8_t, 2'048> buffer = {};
    const auto size = out.write(number, 0, {}, sender, buffer, joined);
    const auto plain = receiver.unprotect_rtp(MutableBytes(buffer).first(size));
    ASSERT_TRUE(plain);
    sent.push_back(rtp::PacketView::parse(Bytes(buffer).first(*plain))->header.timestamp);
  }
  EXPECT_EQ(sent[20], 900'000);  // joined: where everybody is
  EXPECT_EQ(sent[30] - sent[20], 90'000);
  EXPECT_NEAR(static_cast<double>(sent[20] - sent[0]), 180'000 / 8.0, 30);
}

}  // namespace
}  // namespace telltale::rtc
