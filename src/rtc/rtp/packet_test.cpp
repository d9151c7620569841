#include "rtc/rtp/packet.hpp"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "rtc/rtp/demux.hpp"
#include "rtc/rtp/extensions.hpp"
#include "rtc/rtp/rtx.hpp"
#include "rtc/rtp/unwrap.hpp"

namespace telltale::rtc::rtp {
namespace {

using Buffer = std::vector<std::uint8_t>;
using Form = HeaderWriter::Form;

constexpr Header kHeader{.marker = true,
                         .payload_type = 111,
                         .sequence = 0xfffe,
                         .timestamp = 0x8765'4321,
                         .ssrc = 0xdead'beef};

Buffer build(Form form, const std::vector<std::pair<std::uint8_t, Buffer>>& extensions,
             const Buffer& payload, const Buffer& csrcs = {}) {
  Buffer packet(400);
  HeaderWriter writer(packet, kHeader, form, csrcs);
  for (const auto& [id, data] : extensions) {
    const auto at = writer.extension(id, data);
    EXPECT_TRUE(at);
    EXPECT_TRUE(std::equal(data.begin(), data.end(), packet.begin() + static_cast<long>(*at)));
  }
  packet.resize(writer.finish().value());
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

TEST(RtpPacket, HeaderThereAndBack) {
  const auto packet = build(Form::none, {}, {1, 2, 3}, {0, 0, 0, 7, 0, 0, 0, 8});
  EXPECT_EQ(packet.size(), 12U + 8 + 3);
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->header.marker);
  EXPECT_EQ(view->header.payload_type, 111);
  EXPECT_EQ(view->header.sequence, 0xfffe);
  EXPECT_EQ(view->header.timestamp, 0x8765'4321U);
  EXPECT_EQ(view->header.ssrc, 0xdead'beefU);
  EXPECT_EQ(view->csrcs.size(), 8U);
  EXPECT_EQ(load_u32(view->csrcs, 4), 8U);
  EXPECT_EQ(Buffer(view->payload.begin(), view->payload.end()), (Buffer{1, 2, 3}));
}

TEST(RtpPacket, ExtensionsOfBothForms) {
  const std::vector<std::pair<std::uint8_t, Buffer>> small = {
      {1, {9}}, {14, Buffer(16, 3)}, {4, {1, 2}}};
  const std::vector<std::pair<std::uint8_t, Buffer>> large = {
      {1, {}}, {200, Buffer(100, 5)}, {15, {1}}};
  for (const auto& [form, extensions] :
       {std::pair{Form::one_byte, small}, std::pair{Form::two_byte, large}}) {
    const auto packet = build(form, extensions, {42});
    const auto view = PacketView::parse(packet);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->extensions.size() % 4, 0U);
    for (const auto& [id, data] : extensions) {
      const auto found = view->extension(id);
      ASSERT_TRUE(found) << int{id};
      EXPECT_EQ(Buffer(found->begin(), found->end()), data);
    }
    EXPECT_FALSE(view->extension(7));
    EXPECT_EQ(view->payload.size(), 1U);
  }
}

TEST(RtpPacket, WhatAFormCannotHoldIsRefused) {
  Buffer out(64);
  HeaderWriter one(out, kHeader, Form::one_byte);
  EXPECT_FALSE(one.extension(15, Buffer{1}));
  EXPECT_FALSE(one.extension(0, Buffer{1}));
  EXPECT_FALSE(one.extension(1, Buffer{}));
  EXPECT_FALSE(one.extension(1, Buffer(17)));
  HeaderWriter none(out, kHeader);
  EXPECT_FALSE(none.extension(1, Buffer{1}));
  HeaderWriter tight(MutableBytes(out).first(20), kHeader, Form::one_byte);
  EXPECT_FALSE(tight.extension(1, Buffer(16)));
  EXPECT_TRUE(tight.extension(1, Buffer(3))) << "the one that did not fit left nothing";
  EXPECT_EQ(tight.finish(), 20U);
}

TEST(RtpPacket, PaddingBytesAndIdFifteenBetweenElements) {
  // RFC 8285 section 4.2: zeros are skipped, id 15 ends the reading.
  auto packet = build(Form::one_byte, {{1, {7, 7, 7}}, {2, {8, 8, 8}}}, {});
  packet[16] = packet[17] = packet[18] = packet[19] = 0;
  EXPECT_TRUE(PacketView::parse(packet)->extension(2));
  packet[16] = 0xf0;
  EXPECT_FALSE(PacketView::parse(packet)->extension(2));
}

TEST(RtpPacket, MalformedIsRefused) {
  auto packet = build(Form::one_byte, {{1, {9}}}, {1, 2, 3}, {0, 0, 0, 1});
  for (std::size_t size = 0; size + 3 < packet.size(); ++size)
    EXPECT_FALSE(PacketView::parse(Bytes(packet).first(size))) << size;
  auto version = packet;
  version[0] ^= 0x40U;
  EXPECT_FALSE(PacketView::parse(version));
  packet[0] |= 0x20U;
  EXPECT_EQ(PacketView::parse(packet)->payload.size(), 0U);
  packet.back() = 4;
  EXPECT_FALSE(PacketView::parse(packet)) << "more padding than payload";
  packet.back() = 0;
  EXPECT_FALSE(PacketView::parse(packet)) << "padding of nothing";
}

TEST(RtpPacket, Demultiplexing) {
  const auto kind = [](int first, int second) {
    const Buffer bytes{static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second)};
    return kind_of(bytes);
  };
  EXPECT_EQ(kind(0, 1), PacketKind::stun);
  EXPECT_EQ(kind(3, 1), PacketKind::stun);
  EXPECT_EQ(kind(4, 1), PacketKind::unknown);
  EXPECT_EQ(kind(20, 254), PacketKind::dtls);
  EXPECT_EQ(kind(63, 254), PacketKind::dtls);
  EXPECT_EQ(kind(64, 0), PacketKind::unknown);
  EXPECT_EQ(kind(128, 191), PacketKind::rtp);
  EXPECT_EQ(kind(128, 192), PacketKind::rtcp);
  EXPECT_EQ(kind(191, 223), PacketKind::rtcp);
  EXPECT_EQ(kind(191, 224), PacketKind::rtp) << "payload type 96 with marker";
  EXPECT_EQ(kind(128, 0x80 | 35), PacketKind::rtp) << "payload type 35 with marker";
  EXPECT_EQ(kind(192, 200), PacketKind::unknown);
  EXPECT_EQ(kind_of({}), PacketKind::unknown);
}

TEST(Rtx, ThereAndBack) {
  auto original = build(Form::one_byte, {{4, {1, 2}}}, {1, 2, 3, 4, 5}, {0, 0, 0, 1});
  Buffer out(original.size() + 2);
  const auto size = wrap_rtx(original, {.ssrc = 77, .payload_type = 97}, 5, out);
  ASSERT_EQ(size, original.size() + 2);
  const auto view = PacketView::parse(out);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->header.ssrc, 77U);
  EXPECT_EQ(view->header.payload_type, 97);
  EXPECT_EQ(view->header.sequence, 5);
  EXPECT_TRUE(view->header.marker);
  EXPECT_EQ(load_u16(view->payload, 0), kHeader.sequence);
  const auto restored = unwrap_rtx(out, {.ssrc = kHeader.ssrc, .payload_type = 111});
  ASSERT_TRUE(restored);
  EXPECT_EQ(Buffer(restored->begin(), restored->end()), original);

  Buffer tight(original.size() + 1);
  EXPECT_FALSE(wrap_rtx(original, {}, 5, tight));
  // Padding leaves no trace: the packet says its length itself.
  auto padded = original;
  padded[0] |= 0x20U;
  padded.insert(padded.end(), {0, 0, 3});
  EXPECT_EQ(wrap_rtx(padded, {}, 5, out), original.size() + 2);
  EXPECT_EQ(PacketView::parse(out)->padding, 0U);
  auto probe = build(Form::none, {}, {0});
  EXPECT_FALSE(unwrap_rtx(probe, {}));
}

TEST(Unwrapper, FollowsBothWays) {
  SequenceUnwrapper unwrapper;
  EXPECT_EQ(unwrapper.unwrap(65'534), 65'534);
  EXPECT_EQ(unwrapper.unwrap(2), 65'538);
  EXPECT_EQ(unwrapper.peek(65'535), 65'535);
  EXPECT_EQ(unwrapper.unwrap(65'535), 65'535) << "late, from before the wrap";
  EXPECT_EQ(unwrapper.unwrap(3), 65'539);
  SequenceUnwrapper down;
  EXPECT_EQ(down.unwrap(1), 1);
  EXPECT_EQ(down.unwrap(65'535), -1);
  TimestampUnwrapper time;
  std::int64_t expected = 4'294'967'000;
  for (int i = 0; i < 100; ++i, expected += 2'000'000'000)
    ASSERT_EQ(time.unwrap(static_cast<std::uint32_t>(expected)), expected);
  EXPECT_TRUE(is_newer(1, 65'535));
  EXPECT_FALSE(is_newer(65'535, 1));
  EXPECT_FALSE(is_newer(5, 5));
}

TEST(Extensions, Values) {
  using namespace std::chrono_literals;
  EXPECT_EQ(abs_send_time(1500ms), (std::array<std::uint8_t, 3>{0x06, 0, 0}));
  EXPECT_EQ(abs_send_time(64s + 1500ms), abs_send_time(1500ms));
  EXPECT_EQ(read_abs_send_time(abs_send_time(1500ms)), 1500ms);
  EXPECT_EQ(read_transport_sequence(transport_sequence(0xabcd)), 0xabcd);
  const PlayoutDelay delay{.min = 20ms, .max = 400ms};
  EXPECT_EQ(playout_delay(delay), (std::array<std::uint8_t, 3>{0, 0x20, 0x28}));
  EXPECT_EQ(read_playout_delay(playout_delay(delay)), delay);
  EXPECT_EQ(read_playout_delay(playout_delay({.min = -5ms, .max = 100s}))->max, 40950ms);
  EXPECT_EQ(read_audio_level(audio_level({.voice = true, .level_dbov = 30}))->level_dbov, 30);
  EXPECT_FALSE(read_abs_send_time(Buffer{1, 2}));
}

}  // namespace
}  // namespace telltale::rtc::rtp
