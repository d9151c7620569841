// Packetisers and what puts frames together again, against each other and by hand.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "rtc/rtp/frame_assembler.hpp"
#include "rtc/rtp/h264.hpp"
#include "rtc/rtp/opus.hpp"
#include "rtc/rtp/vp8.hpp"

namespace telltale::rtc::rtp {
namespace {

using Buffer = std::vector<std::uint8_t>;
using namespace std::chrono_literals;

constexpr base::SteadyTime kStart{1h};

Buffer nal(std::uint8_t header, std::size_t size, std::uint8_t fill = 0xab) {
  Buffer out(size, fill);
  out[0] = header;
  return out;
}
Buffer annex_b(const std::vector<Buffer>& nals) {
  Buffer out;
  for (const auto& one : nals) {
    out.insert(out.end(), {0, 0, 0, 1});
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

TEST(H264, NalsOfBothStartCodes) {
  const Buffer stream = {0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 3, 0, 0, 1, 0x65, 3, 0, 0};
  std::vector<Buffer> seen;
  for_each_nal(stream, [&](Bytes one) { seen.emplace_back(one.begin(), one.end()); });
  EXPECT_EQ(seen, (std::vector<Buffer>{{0x67, 1}, {0x68, 2, 0, 0, 3}, {0x65, 3}}));
  for_each_nal(Buffer{0, 0, 1}, [](Bytes) { FAIL(); });
  for_each_nal(Buffer{1, 2, 3, 4}, [](Bytes) { FAIL(); });
}

TEST(H264, ParameterSetsShareAPacketAndFragmentsAreEqual) {
  const auto frame = annex_b({nal(0x09, 2), nal(0x67, 20), nal(0x68, 5), nal(0x65, 5001)});
  Packetized out;
  ASSERT_TRUE(packetize_h264(frame, 1000, out));
  EXPECT_TRUE(out.key_frame);
  ASSERT_EQ(out.size(), 1U + 6);
  EXPECT_EQ(out.payload(0)[0], 0x60 | 24);
  EXPECT_EQ(out.payload(0).size(), 1U + 2 + 20 + 2 + 5);
  for (std::size_t i = 1; i < out.size(); ++i) {
    EXPECT_EQ(out.payload(i)[0], 0x60 | 28);
    EXPECT_EQ(out.payload(i)[1], (i == 1 ? 0x80 : 0) | (i == 6 ? 0x40 : 0) | 5);
    if (i < 6) EXPECT_EQ(out.payload(i).size(), out.payload(1).size());
    EXPECT_LE(out.payload(i).size(), 1000U);
    EXPECT_EQ(out.pieces[i].marker, i == 6);
  }
  EXPECT_LE(out.payload(6).size(), out.payload(1).size());

  ASSERT_TRUE(packetize_h264(annex_b({nal(0x41, 100)}), 1000, out));
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out.payload(0)[0], 0x41) << "alone: a single NAL unit packet";
  EXPECT_FALSE(out.key_frame);
  EXPECT_FALSE(packetize_h264(annex_b({nal(0x09, 2)}), 1000, out));
}

TEST(H264, MalformedPayloads) {
  H264Info info;
  Buffer stream;
  for (const auto& payload :
       {Buffer{}, Buffer{24}, Buffer{24, 0, 5, 1}, Buffer{24, 0, 0}, Buffer{28}, Buffer{28, 0x85},
        Buffer{25, 1, 2}, Buffer{29, 0x85, 1, 2}, Buffer{30, 1}, Buffer{0, 1}}) {
    EXPECT_FALSE(inspect_h264(payload, info));
    EXPECT_FALSE(depacketize_h264(payload, stream));
  }
  stream.clear();
  EXPECT_FALSE(depacketize_h264(Buffer{28, 0x05, 1, 2}, stream)) << "no start before it";
}

TEST(Vp8, DescriptorsOfEachShape) {
  // RFC 7741 section 4.2 pictures, by hand.
  const auto full = Vp8Descriptor::parse(Buffer{0xb1, 0xf0, 0x92, 0x34, 7, 0xa5, 0x00});
  ASSERT_TRUE(full);
  EXPECT_TRUE(full->non_reference && full->starts_partition && full->layer_sync);
  EXPECT_EQ(full->partition, 1);
  EXPECT_FALSE(full->starts_frame());
  EXPECT_EQ(full->picture_id, 0x1234);
  EXPECT_EQ(full->tl0_picture_index, 7);
  EXPECT_EQ(full->temporal_layer, 2);
  EXPECT_EQ(full->key_index, 5);
  EXPECT_EQ(full->size, 6U);
  EXPECT_EQ(Vp8Descriptor::parse(Buffer{0x80, 0x80, 0x7f, 1})->picture_id, 0x7f);
  EXPECT_EQ(Vp8Descriptor::parse(Buffer{0x10, 1})->size, 1U);
  const Buffer long_one = {0xb1, 0xf0, 0x92, 0x34, 7, 0xa5, 0};
  for (std::size_t size = 0; size < 7; ++size)
    EXPECT_FALSE(Vp8Descriptor::parse(Bytes(long_one).first(size))) << size;
}

TEST(Opus, Durations) {
  const auto of = [](std::initializer_list<int> bytes) {
    Buffer packet;
    for (const int byte : bytes) packet.push_back(static_cast<std::uint8_t>(byte));
    return opus_duration(packet);
  };
  EXPECT_EQ(of({0 << 3}), 480U);
  EXPECT_EQ(of({3 << 3}), 2880U);
  EXPECT_EQ(of({12 << 3}), 480U);
  EXPECT_EQ(of({15 << 3}), 960U);
  EXPECT_EQ(of({16 << 3}), 120U);
  EXPECT_EQ(of({31 << 3}), 960U);
  EXPECT_EQ(of({31 << 3 | 1}), 1920U);
  EXPECT_EQ(of({31 << 3 | 3, 6}), 5760U);
  EXPECT_FALSE(of({31 << 3 | 3, 7})) << "over 120 ms";
  EXPECT_FALSE(of({3}));
  EXPECT_FALSE(of({3, 0}));
  EXPECT_FALSE(of({}));
}

// A stream of frames cut into packets, and what a lossy road makes of it.
class Road : public testing::TestWithParam<Codec> {
 protected:
  struct Sent {
    Buffer frame;
    std::size_t packets = 0;
    bool whole = true;
  };

  Buffer make_frame(std::size_t i) {
    const auto size = 1 + random_.below(6000);
    Buffer body(size);
    for (auto& byte : body) byte = static_cast<std::uint8_t>(random_.below(255) + 1);
    if (GetParam() == Codec::opus)
      return Buffer(body.begin(),
                    body.begin() + static_cast<long>(std::min<std::size_t>(size, 200)));
    if (GetParam() == Codec::vp8) {
      body[0] = static_cast<std::uint8_t>(i % 10 == 0 ? body[0] & ~1U : body[0] | 1U);
      return body;
    }
    body.insert(body.begin(), {static_cast<std::uint8_t>(i % 10 == 0 ? 0x65 : 0x41), 0x88});
    return i % 10 == 0 ? annex_b({nal(0x67, 12), nal(0x68, 4), body}) : annex_b({body});
  }
  void packetize(const Buffer& frame, std::uint16_t id, Packetized& out) {
    if (GetParam() == Codec::h264) {
      ASSERT_TRUE(packetize_h264(frame, 500, out));
    } else if (GetParam() == Codec::vp8) {
      ASSERT_TRUE(packetize_vp8(frame, id, 500, out));
    } else {
      out.clear();
      out.begin_piece();
      out.append(Bytes(frame));
    }
  }

  base::Random random_{5};
};

TEST_P(Road, ReorderedAndDoubledComesWhole) {
  FrameAssembler assembler({.codec = GetParam(), .slots = 256, .keeps_payload = true});
  std::vector<Buffer> frames;
  std::vector<Buffer> packets;
  Packetized cut;
  std::uint16_t sequence = 65'400;
  for (std::size_t i = 0; i < 200; ++i) {
    frames.push_back(make_frame(i));
    packetize(frames.back(), static_cast<std::uint16_t>(i), cut);
    for (std::size_t k = 0; k < cut.size(); ++k) {
      Buffer packet(12);
      HeaderWriter writer(packet, {.marker = cut.pieces[k].marker,
                                   .sequence = sequence++,
                                   .timestamp = static_cast<std::uint32_t>(i) * 3000});
      ASSERT_TRUE(writer.finish());
      const auto payload = cut.payload(k);
      packet.insert(packet.end(), payload.begin(), payload.end());
      packets.push_back(packet);
    }
  }
  // Each may fall back by up to ten places, but the first; one in ten comes twice.
  for (std::size_t i = 1; i + 1 < packets.size(); ++i)
    std::swap(packets[i], packets[std::min(i + random_.below(10), packets.size() - 1)]);
  std::size_t done = 0;
  Buffer whole;
  for (const auto& packet : packets)
    for (int times = random_.chance(0.1) ? 2 : 1; times > 0; --times) {
      assembler.insert(PacketView::parse(packet).value(), kStart);
      while (const auto frame = assembler.pop(kStart)) {
        ASSERT_TRUE(assembler.read(*frame, whole));
        ASSERT_EQ(whole, frames[done]) << done;
        ASSERT_EQ(frame->key, GetParam() == Codec::opus || done % 10 == 0);
        ASSERT_FALSE(frame->after_gap);
        ++done;
      }
    }
  EXPECT_EQ(done, frames.size());
  EXPECT_EQ(assembler.counters().gaps, 0U);
  EXPECT_GT(assembler.counters().duplicates + assembler.counters().late, 0U);
}

TEST_P(Road, WithLossExactlyTheWholeFramesCome) {
  FrameAssembler assembler({.codec = GetParam(),
                            .slots = 256,
                            .patience = 100ms,
                            .patience_before_key = 1s,
                            .keeps_payload = true});
  std::vector<Sent> sent;
  Packetized cut;
  std::uint16_t sequence = 0;
  auto now = kStart;
  Buffer whole;
  std::size_t seen = 0;
  std::size_t gaps = 0;
  const auto take = [&] {
    while (const auto frame = assembler.pop(now)) {
      const auto index = frame->timestamp / 3000;
      ASSERT_TRUE(sent[index].whole) << index;
      ASSERT_TRUE(assembler.read(*frame, whole));
      ASSERT_EQ(whole, sent[index].frame);
      ++seen;
      gaps += frame->after_gap ? 1U : 0U;
    }
  };
  for (std::size_t i = 0; i < 500; ++i, now += 33ms) {
    sent.push_back({.frame = make_frame(i)});
    packetize(sent.back().frame, static_cast<std::uint16_t>(i), cut);
    for (std::size_t k = 0; k < cut.size(); ++k) {
      Buffer packet(12);
      HeaderWriter writer(packet, {.marker = cut.pieces[k].marker,
                                   .sequence = sequence++,
                                   .timestamp = static_cast<std::uint32_t>(i) * 3000});
      ASSERT_TRUE(writer.finish());
      const auto payload = cut.payload(k);
      packet.insert(packet.end(), payload.begin(), payload.end());
      if (i > 0 && random_.chance(0.03)) {
        sent.back().whole = false;
        continue;
      }
      assembler.insert(PacketView::parse(packet).value(), now);
      take();
    }
  }
  now += 10s;
  take();
  std::size_t expected = 0;
  for (const auto& one : sent) expected += one.whole ? 1U : 0U;
  EXPECT_LT(expected, sent.size());
  // H.264 loses a whole frame now and then: after a lost last packet, the first of the next frame
  // is taken for a beginning only where it shows.
  EXPECT_GE(seen, expected - 2);
  EXPECT_LE(seen, expected);
  EXPECT_GT(gaps, 0U);
}

TEST_P(Road, ALeapGivesUpWhatWasHeld) {
  FrameAssembler assembler({.codec = GetParam(), .slots = 16, .patience_before_key = 1s});
  Packetized cut;
  packetize(make_frame(0), 0, cut);
  for (const auto sequence : std::vector<std::uint16_t>{1, 5000, 5001}) {
    Buffer packet(12);
    HeaderWriter writer(packet, {.marker = true, .sequence = sequence, .timestamp = sequence});
    ASSERT_TRUE(writer.finish());
    const auto payload = cut.payload(0);
    packet.insert(packet.end(), payload.begin(), payload.end());
    assembler.insert(PacketView::parse(packet).value(), kStart);
  }
  EXPECT_EQ(assembler.pop(kStart + 499ms), std::nullopt) << "in patience";
  const auto frame = assembler.pop(kStart + 500ms);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->first, 5000);
  EXPECT_TRUE(frame->after_gap);
}

TEST_P(Road, AWholeKeyFrameEndsTheWaitForWhatCameBefore) {
  if (GetParam() == Codec::opus) return;  // each packet begins anew
  FrameAssembler assembler({.codec = GetParam(), .patience = 10s});
  Packetized cut;
  std::uint16_t sequence = 65'520;
  for (std::size_t i = 0; i <= 10; ++i) {
    packetize(make_frame(i), static_cast<std::uint16_t>(i), cut);
    for (std::size_t k = 0; k < cut.size(); ++k) {
      Buffer packet(12);
      HeaderWriter writer(packet, {.marker = cut.pieces[k].marker,
                                   .sequence = sequence++,
                                   .timestamp = static_cast<std::uint32_t>(i) * 3000});
      ASSERT_TRUE(writer.finish());
      const auto payload = cut.payload(k);
      packet.insert(packet.end(), payload.begin(), payload.end());
      if ((i == 1 || i == 4) && k == 0) continue;
      assembler.insert(PacketView::parse(packet).value(), kStart);
    }
  }
  const auto first = assembler.pop(kStart);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->key);
  EXPECT_FALSE(assembler.pop(kStart)) << "a packet may only be late";
  EXPECT_FALSE(assembler.pop(kStart + 99ms));
  const auto next = assembler.pop(kStart + 100ms);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->key && next->after_gap);
  EXPECT_EQ(next->timestamp, 30'000U);
  EXPECT_EQ(assembler.counters().gaps, 1U);
}

INSTANTIATE_TEST_SUITE_P(Codecs, Road, testing::Values(Codec::h264, Codec::vp8, Codec::opus));

}  // namespace
}  // namespace telltale::rtc::rtp
