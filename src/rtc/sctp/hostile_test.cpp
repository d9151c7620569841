// A peer that does what it must not, packet by packet: what RFC 9260 says is answered, the rest is
// dropped, and the association goes on or ends with its reason.
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "rtc/sctp/hand_peer.hpp"

namespace telltale::rtc::sctp::testing {
namespace {

class SctpHostile : public HandPeer {};

TEST_F(SctpHostile, WrongTagsAreDropped) {
  open();
  struct Case {
    ChunkType type;
    std::uint8_t flags;
    std::uint32_t tag;
  };
  for (const auto& one : {Case{ChunkType::data, 3, tag_ + 1}, Case{ChunkType::abort, 0, tag_ + 1},
                          Case{ChunkType::abort, 0, kTag}, Case{ChunkType::abort, 1, tag_},
                          Case{ChunkType::shutdown_complete, 1, tag_}, Case{ChunkType::sack, 0, 0},
                          Case{ChunkType::abort, 0, 0}, Case{ChunkType::shutdown, 0, kTag}}) {
    const auto before = ours_.association.counters().packets_dropped;
    EXPECT_TRUE(put(packet(one.tag, one.type, one.flags, data(kTsn, 0, 0, "x"))).empty());
    EXPECT_EQ(ours_.association.counters().packets_dropped, before + 1);
  }
  expect_alive();
  EXPECT_TRUE(ours_.messages.empty());
  // With the T bit the tag is the one we send with.
  put(packet(kTag, ChunkType::abort, 1, {}));
  EXPECT_EQ(ours_.association.state(), State::closed);
}

TEST_F(SctpHostile, OtherPortsAndChecksumsAreDropped) {
  open();
  auto good = packet(tag_, ChunkType::data, 3, data(kTsn, 0, 0, "x"));
  auto flipped = good;
  flipped.back() ^= 1;
  EXPECT_TRUE(put(flipped).empty());
  std::vector<std::uint8_t> out(100);
  PacketWriter writer(out, {.source_port = 5001, .destination_port = 5000, .tag = tag_});
  writer.add(ChunkType::data, 3, Bytes(data(kTsn, 0, 0, "x")));
  out.resize(writer.finish());
  EXPECT_TRUE(put(out).empty());
  EXPECT_TRUE(ours_.messages.empty());
  put(good);
  EXPECT_EQ(ours_.messages.size(), 1U);
}

TEST_F(SctpHostile, InitsThatMayNotBe) {
  EXPECT_TRUE(put(packet(0, ChunkType::init, 0, init(0))).empty()) << "tag zero";
  EXPECT_TRUE(put(packet(5, ChunkType::init, 0, init())).empty()) << "a tag in the header";
  EXPECT_TRUE(put(packet(0, ChunkType::init, 0, Bytes(init()).first(15))).empty());
  auto two = packet(0, ChunkType::init, 0, init());
  std::vector<std::uint8_t> bundled(200);
  PacketWriter writer(bundled, {.source_port = 5000, .destination_port = 5000, .tag = 0});
  writer.add(ChunkType::init, 0, Bytes(init()));
  writer.add(ChunkType::cookie_ack, 0, Bytes{});
  bundled.resize(writer.finish());
  EXPECT_TRUE(put(bundled).empty()) << "not alone";
  EXPECT_EQ(cause(put(packet(0, ChunkType::init, 0, init(kTag, 0)))), 7) << "no streams";
  EXPECT_EQ(cause(put(packet(0, ChunkType::init, 0, init(kTag, 10, 1'499)))), 7) << "no window";
  auto named = init();
  named.insert(named.end(), {0, 11, 0, 8, 'h', 'o', 's', 't'});
  EXPECT_EQ(cause(put(packet(0, ChunkType::init, 0, named))), 5) << "a host name";
  EXPECT_EQ(ours_.association.state(), State::idle);
  EXPECT_EQ(types(put(two)), std::vector<int>{2});
}

TEST_F(SctpHostile, AnInitWithUnknownParametersIsToldOfThem) {
  auto value = init();
  value.insert(value.end(),
               {0xc1, 0, 0, 6, 1, 2, 0, 0, 0x81, 0, 0, 4, 0x41, 0, 0, 4, 0xc2, 0, 0, 4});
  const auto answers = put(packet(0, ChunkType::init, 0, value));
  ASSERT_EQ(types(answers), std::vector<int>{2});
  std::vector<int> reported;
  ParameterReader reader(Bytes(answers[0].chunks[0].second).subspan(16));
  while (const auto parameter = reader.next())
    if (parameter->type == 8) reported.push_back(load_u16(parameter->value, 0));
  EXPECT_EQ(reported, (std::vector<int>{0xc100, 0x4100})) << "and nothing after the one that stops";
}

TEST_F(SctpHostile, AReplayedInitHarmsNobody) {
  open();
  for (const auto tag : {kTag, kTag + 1}) {
    const auto answer = init_ack(put(packet(0, ChunkType::init, 0, init(tag))));
    EXPECT_NE(answer.tag, tag_) << "another number, so that its cookie is none of this association";
    EXPECT_NE(answer.initial_tsn, our_tsn_);
  }
  expect_alive();
  put(ChunkType::data, 3, data(kTsn, 0, 0, "x"));
  EXPECT_EQ(ours_.messages.size(), 1U);
}

TEST_F(SctpHostile, ARestartEndsTheAssociation) {
  open();
  const auto answer = init_ack(put(packet(0, ChunkType::init, 0, init(kTag + 1))));
  put(packet(answer.tag, ChunkType::cookie_echo, 0, answer.cookie));
  EXPECT_EQ(ours_.closed, 1);
  EXPECT_EQ(ours_.error->code, base::Code::protocol);
}

TEST_F(SctpHostile, CookiesOnlyAsTheyWereMade) {
  const auto answer = init_ack(put(packet(0, ChunkType::init, 0, init())));
  tag_ = answer.tag;
  for (std::size_t i = 0; i < answer.cookie.size(); ++i) {
    auto changed = answer.cookie;
    changed[i] ^= 0x20;
    EXPECT_TRUE(put(ChunkType::cookie_echo, 0, changed).empty()) << i;
  }
  EXPECT_TRUE(put(packet(tag_ + 1, ChunkType::cookie_echo, 0, answer.cookie)).empty());
  EXPECT_EQ(ours_.association.state(), State::idle);
  // Another association's.
  Recorder other;
  other.association.on_packet(packet(0, ChunkType::init, 0, init()), now_);
  ASSERT_GT(other.association.poll(now_, out_), 0U);
  const auto foreign = read_init(Bytes(out_).subspan(16, load_u16(out_, 14) - 4U));
  ASSERT_TRUE(foreign);
  EXPECT_TRUE(put(packet(foreign->tag, ChunkType::cookie_echo, 0, foreign->cookie)).empty());
  // A stale one is told so (cause 3); in time it opens.
  now_ += 61s;
  EXPECT_EQ(cause(put(ChunkType::cookie_echo, 0, answer.cookie), ChunkType::error), 3);
  EXPECT_EQ(ours_.association.state(), State::idle);
  now_ -= 1s;
  EXPECT_EQ(types(put(ChunkType::cookie_echo, 0, answer.cookie)), std::vector<int>{11});
  // Once more: our COOKIE ACK may have been lost.
  now_ += 2min;
  EXPECT_EQ(types(put(ChunkType::cookie_echo, 0, answer.cookie)).front(), 11);
  EXPECT_EQ(ours_.connected, 1);
}

TEST_F(SctpHostile, AStaleCookieOfOursBeginsAgain) {
  ours_.association.connect(now_);
  auto sent = poll();
  ASSERT_EQ(types(sent), std::vector<int>{1});
  tag_ = read_init(sent[0].chunks[0].second)->tag;
  auto ack = *read_init(init());
  ack.cookie = {1, 2, 3, 4};
  EXPECT_EQ(types(put(ChunkType::init_ack, 0, write_init(ack))), std::vector<int>{10});
  EXPECT_EQ(types(put(ChunkType::error, 0, {0, 3, 0, 8, 0, 0, 0, 1})), std::vector<int>{1});
  EXPECT_EQ(ours_.association.state(), State::cookie_wait);
}

TEST_F(SctpHostile, AnInitAckWithoutACookieEndsIt) {
  ours_.association.connect(now_);
  tag_ = read_init(poll().at(0).chunks[0].second)->tag;
  EXPECT_EQ(cause(put(ChunkType::init_ack, 0, init())), 2);
  EXPECT_EQ(ours_.error->code, base::Code::protocol);
}

TEST_F(SctpHostile, SacksThatLie) {
  open();
  ASSERT_TRUE(ours_.association.send(0, 51, bytes_of("x"), {}, now_));
  ASSERT_EQ(types(poll()), std::vector<int>{0});
  // Broken ones are ignored: cut, a block from 1, backwards, overlapping.
  for (const auto& value :
       {words({our_tsn_ - 1, 1'000, 0x0002'0000}),
        words({our_tsn_ - 1, 1'000, 0x0001'0000, 0x0001'0001}),
        words({our_tsn_ - 1, 1'000, 0x0001'0000, 0x0003'0002}),
        words({our_tsn_ - 1, 1'000, 0x0002'0000, 0x0002'0003, 0x0003'0004}), words({our_tsn_})}) {
    EXPECT_TRUE(types(put(ChunkType::sack, 0, value)).empty());
    expect_alive();
  }
  EXPECT_EQ(ours_.association.buffered(), 1U);
  EXPECT_EQ(cause(put(ChunkType::sack, 0, words({our_tsn_ + 1, 1'000, 0}))), 13);
  EXPECT_EQ(ours_.error->code, base::Code::protocol);
}

TEST_F(SctpHostile, AGapBlockOfWhatWasNeverSentLiesToo) {
  open();
  ASSERT_TRUE(ours_.association.send(0, 51, bytes_of("x"), {}, now_));
  poll();
  EXPECT_EQ(cause(put(ChunkType::sack, 0, words({our_tsn_ - 1, 1'000, 0x0001'0000, 0x0002'0009}))),
            13);
}

TEST_F(SctpHostile, DataThatMayNotBe) {
  open();
  // A stream there is not: acknowledged, and told (cause 1).
  auto answers = put(ChunkType::data, 3, data(kTsn, 100, 0, "x"));
  EXPECT_EQ(cause(answers, ChunkType::error), 1);
  now_ += 200ms;
  answers = poll();
  ASSERT_EQ(types(answers), std::vector<int>{3});
  EXPECT_EQ(load_u32(answers[0].chunks[0].second, 0), kTsn);
  // Too far ahead, or cut: as if it had not come.
  EXPECT_TRUE(types(put(ChunkType::data, 3, data(kTsn + 20'000, 0, 0, "x"))).size() <= 1);
  put(packet(tag_, ChunkType::data, 3, Bytes(data(kTsn + 1, 0, 0, "")).first(11)));
  expect_alive();
  EXPECT_EQ(ours_.association.counters().chunks_refused, 1U);
  // Without a payload (cause 9).
  EXPECT_EQ(cause(put(ChunkType::data, 3, data(kTsn + 1, 0, 0, ""))), 9);
  EXPECT_EQ(ours_.closed, 1);
}

TEST_F(SctpHostile, FragmentsThatNeverGetWholeAreBounded) {
  open();
  const std::string payload(1'000, 'x');
  std::size_t sent = 0;
  // Every second fragment: nothing fits together, each piece is held.
  for (std::uint32_t i = 1; i < 16'000 && ours_.closed == 0; i += 2, ++sent)
    put(ChunkType::data, 4, data(kTsn + i, 0, 0, payload));
  EXPECT_EQ(ours_.closed, 0) << "a closed window drops them";
  EXPECT_GT(ours_.association.counters().chunks_refused, 1'000U);
  // The same from the cumulative TSN on cannot be dropped for ever: it ends.
  for (std::uint32_t i = 0; i < 16'000 && ours_.closed == 0; ++i)
    put(ChunkType::data, 3, data(kTsn + i, 0, static_cast<std::uint16_t>(i + 1), payload));
  ASSERT_EQ(ours_.closed, 1);
  EXPECT_EQ(ours_.error->code, base::Code::protocol);
  EXPECT_TRUE(ours_.messages.empty());
}

TEST_F(SctpHostile, AClosedWindowTakesOnlyWhatFillsTheHole) {
  open();
  const std::string payload(1'000, 'x');
  std::vector<Answer> answers;
  for (std::uint32_t i = 1; i <= 1'000; ++i)
    answers = put(ChunkType::data, 3, data(kTsn + i, 0, static_cast<std::uint16_t>(i), payload));
  EXPECT_EQ(ours_.association.counters().chunks_refused, 1'000U - 452)
      << "held: 452 of 1,000 bytes and 160 of cost each";
  ASSERT_EQ(types(answers), std::vector<int>{3});
  EXPECT_LT(load_u32(answers[0].chunks[0].second, 4), 2'000U) << "the window in the SACK";
  put(ChunkType::data, 3, data(kTsn, 0, 0, payload));
  EXPECT_EQ(ours_.messages.size(), 453U);
  expect_alive();
}

TEST_F(SctpHostile, ForwardTsnWithinBounds) {
  open();
  for (const auto& value :
       {words({kTsn + 20'000}), words({kTsn - 5}), std::vector<std::uint8_t>{0, 0, 4, 5, 6, 7},
        std::vector<std::uint8_t>{1, 2}})
    put(ChunkType::forward_tsn, 0, value);
  put(ChunkType::data, 3, data(kTsn, 0, 0, "a"));
  EXPECT_EQ(ours_.messages.size(), 1U) << "nothing was skipped";
  // An honest one, with a stream that there is not besides.
  put(ChunkType::forward_tsn, 0, words({kTsn + 4, 0x0000'0003, 0xffff'0000}));
  put(ChunkType::data, 3, data(kTsn + 5, 0, 4, "b"));
  EXPECT_EQ(ours_.messages.size(), 2U);
  expect_alive();
}

TEST_F(SctpHostile, UnknownChunksByTheirHighBits) {
  open();
  std::uint32_t tsn = kTsn;
  struct Case {
    std::uint8_t type;
    bool goes_on;
    bool reported;
  };
  for (const auto& one : {Case{0x3f, false, false}, Case{0x7f, false, true},
                          Case{0xbf, true, false}, Case{0xff, true, true}}) {
    std::vector<std::uint8_t> out(200);
    PacketWriter writer(out, {.source_port = 5000, .destination_port = 5000, .tag = tag_});
    writer.add(static_cast<ChunkType>(one.type), 0, Bytes(words({1, 2})));
    writer.add(ChunkType::data, 7, Bytes(data(tsn, 0, 0, "x")));
    out.resize(writer.finish());
    ours_.messages.clear();
    const auto answers = put(out);
    EXPECT_EQ(ours_.messages.size(), one.goes_on ? 1U : 0U) << int{one.type};
    EXPECT_EQ(cause(answers, ChunkType::error), one.reported ? 6 : -1) << int{one.type};
    if (one.goes_on) ++tsn;
  }
  expect_alive();
}

// A RE-CONFIG answer's result; -1 for none.
int result_of(const std::vector<Answer>& answers) {
  for (const auto& answer : answers)
    for (const auto& [chunk, value] : answer.chunks)
      if (chunk.is(ChunkType::re_config) && load_u16(value, 0) == 16)
        return static_cast<int>(load_u32(value, 8));
  return -1;
}

TEST_F(SctpHostile, StreamResetsInTheirOrder) {
  open();
  const auto request = [&](std::uint32_t number, std::uint32_t last,
                           std::initializer_list<std::uint16_t> streams) {
    std::vector<std::uint8_t> value(16 + 2 * streams.size());
    Writer writer(value);
    writer.u16(13);
    writer.u16(value.size());
    writer.u32(number);
    writer.u32(0);
    writer.u32(last);
    for (const auto stream : streams) writer.u16(stream);
    return result_of(put(ChunkType::re_config, 0, value));
  };
  EXPECT_EQ(request(kTsn + 5, kTsn - 1, {1}), 5) << "a wrong number";
  EXPECT_EQ(request(kTsn, kTsn - 1, {100}), 3) << "a stream there is not";
  EXPECT_EQ(request(kTsn + 1, kTsn - 1, {1}), 1);
  EXPECT_EQ(ours_.incoming_resets, std::vector<std::uint16_t>{1});
  EXPECT_EQ(request(kTsn + 1, kTsn - 1, {1}), 1) << "the same again: the same answer";
  EXPECT_EQ(ours_.incoming_resets.size(), 1U) << "but not done again";
  // Before all its data has come it waits; data from behind it does not count yet.
  EXPECT_EQ(request(kTsn + 2, kTsn, {2}), 6);
  put(ChunkType::data, 3, data(kTsn + 1, 2, 0, "after"));
  EXPECT_TRUE(ours_.messages.empty());
  EXPECT_EQ(request(kTsn + 3, kTsn, {3}), 4) << "one at a time";
  EXPECT_EQ(result_of(put(ChunkType::data, 3, data(kTsn, 2, 0, "before"))), 1);
  EXPECT_EQ(ours_.incoming_resets, (std::vector<std::uint16_t>{1, 2}));
  put(ChunkType::data, 3, data(kTsn + 1, 2, 0, "after"));
  ASSERT_EQ(ours_.messages.size(), 2U);
  // All streams; then what we do not do: adding streams, resetting TSNs.
  EXPECT_EQ(request(kTsn + 3, kTsn + 1, {}), 1);
  EXPECT_TRUE(ours_.all_reset);
  for (const auto type : std::vector<std::uint16_t>{14, 15, 17, 18}) {
    std::vector<std::uint8_t> value(12);
    store_u16(value, 0, type);
    store_u16(value, 2, 12);
    store_u32(value, 4, kTsn + 4 + (type == 14 ? 0U : type - 14U - (type > 15 ? 1U : 0U)));
    EXPECT_EQ(result_of(put(ChunkType::re_config, 0, value)), 2) << type;
  }
  // Answers to what was never asked, and lengths that lie.
  put(ChunkType::re_config, 0, words({0x0010'000c, 1, 1}));
  put(ChunkType::re_config, 0, words({0x000d'00ff, 1, 1}));
  expect_alive();
}

TEST_F(SctpHostile, ClosedMeansClosed) {
  open();
  ours_.association.abort("enough");
  EXPECT_EQ(types(poll()), std::vector<int>{6});
  const auto answers = put(ChunkType::data, 3, data(kTsn, 0, 0, "x"));
  ASSERT_EQ(types(answers), std::vector<int>{6});
  EXPECT_EQ(answers[0].header.tag, tag_) << "the tag comes back";
  EXPECT_EQ(answers[0].chunks[0].first.flags, 1);
  EXPECT_EQ(types(put(ChunkType::shutdown_ack, 0, {})), std::vector<int>{14});
  EXPECT_TRUE(put(ChunkType::abort, 0, {}).empty());
  EXPECT_TRUE(put(ChunkType::cookie_ack, 0, {}).empty());
  EXPECT_EQ(types(put(packet(0, ChunkType::init, 0, init()))), std::vector<int>{6});
  EXPECT_TRUE(ours_.messages.empty());
  EXPECT_EQ(ours_.closed, 1);
}

TEST_F(SctpHostile, HeartbeatsComeBackAsTheyWere) {
  open();
  const auto info = words({0x0001'000c, 1, 2});
  const auto answers = put(ChunkType::heartbeat, 0, info);
  ASSERT_EQ(types(answers), std::vector<int>{5});
  EXPECT_EQ(answers[0].chunks[0].second, info);
  // A forged answer to one that was never sent.
  put(ChunkType::heartbeat_ack, 0, info);
  expect_alive();
  EXPECT_FALSE(ours_.association.round_trip());
}

// Cut anywhere, changed anywhere with a good checksum: no crash, and bounded answers.
TEST_F(SctpHostile, CutAndChangedPackets) {
  base::Random random(4);
  for (int round = 0; round < 300; ++round) {
    Pair pair({}, {}, {.delay = 5ms}, static_cast<std::uint64_t>(round) + 1);
    pair.world.filter = [&](std::size_t /*from*/, Packet& packet) {
      if (!random.chance(0.1)) return true;
      if (random.chance(0.3)) packet.resize(random.below(packet.size()) + 1);
      for (auto times = random.below(3) + 1; times > 0; --times)
        packet[random.below(packet.size())] = static_cast<std::uint8_t>(random.next());
      if (packet.size() < kCommonHeader) return true;
      seal(packet);
      return true;
    };
    pair.connect(random.chance(0.5));
    for (int i = 0; i < 10; ++i) {
      const auto stream = static_cast<std::uint16_t>(i % 3);
      static_cast<void>(
          pair.send(pair.a, stream, std::vector<std::uint8_t>(random.below(4'000) + 1)));
      static_cast<void>(pair.send(pair.b, stream,
                                  std::vector<std::uint8_t>(random.below(4'000) + 1),
                                  {.retransmits_max = 1}));
    }
    pair.a.association.reset_stream(1);
    pair.world.run_for(20s);
    EXPECT_LE(pair.a.closed, 1);
    EXPECT_LE(pair.b.closed, 1);
  }
}

}  // namespace
}  // namespace telltale::rtc::sctp::testing
