// The parts of an association, one by one: tables of what comes in and what must come out.
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "rtc/sctp/crc32c.hpp"
#include "rtc/sctp/testing.hpp"

namespace telltale::rtc::sctp::testing {
namespace {

TEST(Crc32c, KnownValues) {
  // RFC 3720 appendix B.4, and the check value of the catalogue.
  std::vector<std::uint8_t> rising(32);
  std::iota(rising.begin(), rising.end(), std::uint8_t{0});
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe306'9283U);
  EXPECT_EQ(crc32c(std::vector<std::uint8_t>(32, 0)), 0x8a91'36aaU);
  EXPECT_EQ(crc32c(std::vector<std::uint8_t>(32, 0xff)), 0x62a8'ab43U);
  EXPECT_EQ(crc32c(rising), 0x46dd'794eU);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, TheInstructionAndTheTableAgree) {
  base::Random random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<std::uint8_t> bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
    EXPECT_EQ(crc32c(bytes), crc32c_by_table(bytes)) << size;
  }
}

TEST(SctpSequence, TheNearestNumber) {
  const auto start = first_tsn(0xffff'fffe);
  EXPECT_EQ(unwrap_tsn(start, 0xffff'ffff), start + 1);
  EXPECT_EQ(unwrap_tsn(start, 0), start + 2);
  EXPECT_EQ(unwrap_tsn(start + 2, 0xffff'fffe), start);
  EXPECT_EQ(wire_tsn(start + 2), 0U);
  EXPECT_EQ(unwrap_ssn(kFirstSsn + 0xffff, 0), kFirstSsn + 0x1'0000);
  EXPECT_EQ(unwrap_ssn(kFirstSsn, 0xffff), kFirstSsn - 1);
}

struct WireCase {
  const char* name;
  std::vector<std::uint8_t> chunks;
  std::vector<int> types;
  bool broken;
};

TEST(SctpWire, ChunksOrThatTheirLengthLies) {
  const std::vector<WireCase> cases = {
      {"none", {}, {}, false},
      {"one without a value", {10, 0, 0, 4}, {10}, false},
      {"padding between", {1, 0, 0, 5, 9, 0, 0, 0, 2, 0, 0, 4}, {1, 2}, false},
      {"the last without its padding", {1, 0, 0, 5, 9}, {1}, false},
      {"longer than what is there", {1, 0, 0, 9, 0, 0, 0, 0}, {}, true},
      {"a length under four", {1, 0, 0, 3, 0, 0, 0, 0}, {}, true},
      {"a length of zero after a good one", {1, 0, 0, 4, 2, 0, 0, 0}, {1}, true},
      {"cut within the header", {1, 0, 0, 4, 2, 0}, {1}, true}};
  for (const auto& one : cases) {
    ChunkReader reader(one.chunks);
    std::vector<int> types;
    while (const auto chunk = reader.next()) types.push_back(chunk->type);
    EXPECT_EQ(types, one.types) << one.name;
    EXPECT_EQ(reader.broken(), one.broken) << one.name;
  }
}

TEST(SctpWire, APacketIsWrittenAndReadAgain) {
  std::vector<std::uint8_t> out(64);
  PacketWriter writer(out, {.source_port = 1, .destination_port = 2, .tag = 0x0102'0304});
  EXPECT_TRUE(writer.empty());
  EXPECT_EQ(writer.room(), 48U);
  EXPECT_TRUE(writer.add(ChunkType::error, 1, Bytes(std::vector<std::uint8_t>(5, 7))));
  EXPECT_EQ(writer.room(), 36U);
  EXPECT_FALSE(writer.add(ChunkType::error, 1, Bytes(std::vector<std::uint8_t>(37))));
  EXPECT_TRUE(writer.add(ChunkType::cookie_ack, 0, Bytes{}));
  out.resize(writer.finish());
  EXPECT_EQ(out.size(), 28U);
  const auto header = read_common_header(out);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->tag, 0x0102'0304U);
  EXPECT_EQ(types_of(out), (std::vector<int>{9, 11}));
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto changed = out;
    changed[i] ^= 0x10;
    EXPECT_FALSE(read_common_header(changed)) << i;
  }
}

TEST(SctpInit, ParametersByTheirHighBits) {
  const Init init = {.tag = 1,
                     .window = 2000,
                     .outgoing_streams = 3,
                     .incoming_streams = 4,
                     .initial_tsn = 5,
                     .capabilities = {.forward_tsn = true, .re_config = true},
                     .cookie = {1, 2, 3, 4, 5}};
  auto value = write_init(init);
  auto read = read_init(value);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->tag, 1U);
  EXPECT_EQ(read->initial_tsn, 5U);
  EXPECT_EQ(read->cookie, init.cookie);
  EXPECT_TRUE(read->capabilities.forward_tsn && read->capabilities.re_config);
  struct Case {
    std::uint8_t high;
    bool goes_on;
    bool reported;
  };
  for (const auto& one : {Case{0x00, false, false}, Case{0x40, false, true},
                          Case{0x80, true, false}, Case{0xc0, true, true}}) {
    std::vector<std::uint8_t> bytes(16);
    bytes[3] = 1;  // the tag
    bytes.insert(bytes.end(), {static_cast<std::uint8_t>(one.high | 0x3f), 0xff, 0, 8, 1, 2, 3, 4});
    bytes.insert(bytes.end(), {0xc0, 0, 0, 4});  // FORWARD TSN
    read = read_init(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->capabilities.forward_tsn, one.goes_on) << int{one.high};
    EXPECT_EQ(read->unrecognized.size(), one.reported ? 1U : 0U) << int{one.high};
  }
  EXPECT_FALSE(read_init(Bytes(value).first(15)));
  value.insert(value.end(), {0, 9, 0, 99});
  EXPECT_FALSE(read_init(value)) << "a parameter's length lies";
}

TEST(SctpCookie, OpensOnlyAsItWasSealed) {
  CookieKey key = {1, 2, 3};
  const Cookie cookie = {.local_tag = 1,
                         .local_initial_tsn = 2,
                         .peer = {.tag = 3,
                                  .window = 4,
                                  .outgoing_streams = 5,
                                  .incoming_streams = 6,
                                  .initial_tsn = 7,
                                  .capabilities = {.re_config = true}},
                         .local_tie_tag = 8,
                         .peer_tie_tag = 9,
                         .made = base::SteadyTime(123s)};
  const auto sealed = seal(cookie, key);
  const auto opened = open_cookie(sealed, key);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->peer.initial_tsn, 7U);
  EXPECT_EQ(opened->peer_tie_tag, 9U);
  EXPECT_EQ(opened->made, cookie.made);
  EXPECT_TRUE(opened->peer.capabilities.re_config && !opened->peer.capabilities.forward_tsn);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= 1;
    EXPECT_FALSE(open_cookie(changed, key)) << i;
  }
  EXPECT_FALSE(open_cookie(Bytes(sealed).first(sealed.size() - 1), key));
  key[31] = 1;
  EXPECT_FALSE(open_cookie(sealed, key));
}

// Gap blocks as a SACK tells them: "cumulative: first-last first-last / duplicates".
std::string sack_text(ReceivedTsns& received) {
  const auto value = received.sack(1000, 500);
  Reader reader(value);
  auto text = std::to_string(reader.u32()) + ":";
  reader.u32();
  const auto gaps = reader.u16();
  const auto repeated = reader.u16();
  for (int i = 0; i < gaps; ++i) {
    text += " " + std::to_string(reader.u16());
    text += "-" + std::to_string(reader.u16());
  }
  if (repeated > 0) text += " /";
  for (int i = 0; i < repeated; ++i) text += " " + std::to_string(reader.u32());
  EXPECT_FALSE(reader.failed());
  return text;
}

TEST(ReceivedTsns, Table) {
  struct Case {
    std::vector<std::uint32_t> tsns;
    const char* sack;
  };
  for (const auto& one : std::vector<Case>{{{}, "9:"},
                                           {{10, 11}, "11:"},
                                           {{11}, "9: 2-2"},
                                           {{11, 13}, "9: 2-2 4-4"},
                                           {{11, 13, 12}, "9: 2-4"},
                                           {{13, 11, 12}, "9: 2-4"},
                                           {{12, 11}, "9: 2-3"},
                                           {{11, 12, 14, 10}, "12: 2-2"},
                                           {{14, 12, 10, 11, 13}, "14:"},
                                           {{10, 10, 12, 12}, "10: 2-2 / 10 12"},
                                           {{9, 8}, "9: / 9 8"}}) {
    ReceivedTsns received(10);
    for (const auto wire : one.tsns) {
      const auto tsn = received.unwrap(wire);
      if (received.judge(tsn) == ReceivedTsns::Verdict::fresh)
        received.record(tsn);
      else
        received.note_duplicate(tsn);
    }
    EXPECT_EQ(sack_text(received), one.sack);
  }
}

TEST(ReceivedTsns, LimitsAndForward) {
  ReceivedTsns received(0);
  EXPECT_EQ(received.judge(received.unwrap(16'384)), ReceivedTsns::Verdict::too_far);
  EXPECT_EQ(received.judge(received.unwrap(16'383)), ReceivedTsns::Verdict::fresh);
  for (std::uint32_t i = 1; i <= 2 * 256; i += 2) received.record(received.unwrap(i));
  EXPECT_EQ(received.judge(received.unwrap(1'001)), ReceivedTsns::Verdict::too_far)
      << "a range too many";
  EXPECT_EQ(received.judge(received.unwrap(512)), ReceivedTsns::Verdict::fresh) << "it joins one";
  EXPECT_EQ(received.judge(received.unwrap(0)), ReceivedTsns::Verdict::fresh);
  received.forward(received.unwrap(300));
  EXPECT_EQ(wire_tsn(received.cumulative()), 301U) << "and over what had come";
  received.forward(received.unwrap(5));
  EXPECT_EQ(wire_tsn(received.cumulative()), 301U) << "never back";
  // Duplicates are told up to a limit.
  for (int i = 0; i < 40; ++i) received.note_duplicate(received.cumulative());
  EXPECT_EQ(load_u16(received.sack(0, 1'000), 10), 16U);
  // A small packet takes as many blocks as fit.
  const auto small = received.sack(0, 12 + 4 * 3);
  EXPECT_EQ(small.size(), 24U);
  EXPECT_EQ(load_u16(small, 8), 3U);
}

struct Piece {
  std::uint32_t tsn;
  std::uint16_t stream;
  std::uint16_t ssn;
  const char* flags;  // B, E, U
  const char* text;
};

class ReassemblyTest : public ::testing::Test {
 protected:
  Reassembly::Outcome add(const Piece& piece) {
    const std::string_view flags = piece.flags;
    const auto has = [&](char flag) { return flags.find(flag) != std::string_view::npos; };
    return reassembly_.add({.tsn = first_tsn(piece.tsn),
                            .stream = piece.stream,
                            .ssn = piece.ssn,
                            .ppid = 51,
                            .begin = has('B'),
                            .end = has('E'),
                            .unordered = has('U'),
                            .payload = as_bytes(piece.text)},
                           ready_);
  }
  std::string take() {
    std::string text;
    for (const auto& message : std::exchange(ready_, {}))
      text += std::string(as_text(message.bytes)) + ";";
    return text;
  }

  Reassembly reassembly_{100};
  std::vector<ReceivedMessage> ready_;
};

TEST_F(ReassemblyTest, Table) {
  struct Case {
    const char* name;
    std::vector<Piece> pieces;
    const char* messages;
  };
  const std::vector<Case> cases = {
      {"whole ones", {{1, 0, 0, "BE", "a"}, {2, 0, 1, "BE", "b"}}, "a;b;"},
      {"the second first", {{2, 0, 1, "BE", "b"}, {1, 0, 0, "BE", "a"}}, "a;b;"},
      {"unordered at once", {{2, 0, 0, "BEU", "b"}, {1, 0, 0, "BEU", "a"}}, "b;a;"},
      {"streams do not wait for each other", {{3, 0, 1, "BE", "x"}, {2, 1, 0, "BE", "b"}}, "b;"},
      {"fragments in order",
       {{1, 0, 0, "B", "a"}, {2, 0, 0, "", "b"}, {3, 0, 0, "E", "c"}},
       "abc;"},
      {"backwards", {{3, 0, 0, "E", "c"}, {2, 0, 0, "", "b"}, {1, 0, 0, "B", "a"}}, "abc;"},
      {"the middle last", {{3, 0, 0, "E", "c"}, {1, 0, 0, "B", "a"}, {2, 0, 0, "", "b"}}, "abc;"},
      {"two messages side by side",
       {{4, 0, 1, "E", "d"}, {1, 0, 0, "B", "a"}, {3, 0, 1, "B", "c"}, {2, 0, 0, "E", "b"}},
       "ab;cd;"},
      {"unordered fragments among ordered",
       {{2, 0, 0, "BU", "a"}, {3, 0, 0, "EU", "b"}, {1, 0, 0, "BE", "x"}},
       "ab;x;"},
      {"an end, and a middle of nothing behind it",
       {{2, 0, 0, "E", "b"}, {3, 0, 0, "", "c"}, {1, 0, 0, "B", "a"}},
       "ab;"},
      {"an incomplete one", {{1, 0, 0, "B", "a"}, {3, 0, 0, "E", "c"}}, ""},
      {"given up, then the next", {{1, 0, 0, "BU", "a"}, {2, 0, 0, "BEU", "b"}}, "b;"}};
  for (const auto& one : cases) {
    reassembly_ = Reassembly(100);
    ready_.clear();
    for (const auto& piece : one.pieces)
      EXPECT_EQ(add(piece), Reassembly::Outcome::taken) << one.name;
    EXPECT_EQ(take(), one.messages) << one.name;
  }
}

TEST_F(ReassemblyTest, CountsWhatItHolds) {
  EXPECT_EQ(reassembly_.held(), 0U);
  add({1, 0, 0, "B", "abcd"});
  add({2, 0, 0, "", "efgh"});
  EXPECT_EQ(reassembly_.held(), 8 + Reassembly::kPieceCost);
  add({4, 0, 0, "E", "mnop"});
  EXPECT_EQ(reassembly_.held(), 12 + 2 * Reassembly::kPieceCost);
  add({3, 0, 0, "", "ijkl"});
  EXPECT_EQ(take(), "abcdefghijklmnop;");
  EXPECT_EQ(reassembly_.held(), 0U);
  add({6, 0, 2, "BE", "later"});
  EXPECT_EQ(reassembly_.held(), 5 + Reassembly::kPieceCost);
  add({5, 0, 1, "BE", "x"});
  EXPECT_EQ(reassembly_.held(), 0U);
}

TEST_F(ReassemblyTest, RefusesWhatDoesNotFitTogether) {
  add({1, 0, 0, "B", "a"});
  EXPECT_EQ(add({2, 1, 0, "E", "b"}), Reassembly::Outcome::broken) << "another stream";
  add({10, 0, 0, "E", "b"});
  EXPECT_EQ(add({9, 0, 1, "B", "a"}), Reassembly::Outcome::broken) << "another number";
  add({20, 0, 0, "B", "a"});
  EXPECT_EQ(add({21, 0, 0, "U", "b"}), Reassembly::Outcome::broken);
  const std::string sixty(60, 'x');
  add({30, 0, 0, "B", sixty.c_str()});
  EXPECT_EQ(add({31, 0, 0, "", sixty.c_str()}), Reassembly::Outcome::too_large);
}

TEST_F(ReassemblyTest, ForwardsOverWhatNeverComes) {
  add({2, 0, 0, "", "half"});
  add({3, 0, 2, "BE", "c"});
  add({4, 0, 4, "BE", "e"});
  add({5, 1, 1, "BE", "other"});
  EXPECT_EQ(take(), "");
  // Numbers 0 and 1 of stream 0 are given up.
  reassembly_.forward(first_tsn(2), {{.stream = 0, .ssn = 1}}, ready_);
  EXPECT_EQ(take(), "c;");
  // 3 too: what waited behind comes.
  reassembly_.forward(first_tsn(6), {{.stream = 0, .ssn = 3}}, ready_);
  EXPECT_EQ(take(), "e;");
  // Further than what waits: it is delivered all the same, in its order.
  add({9, 1, 3, "BE", "third"});
  reassembly_.forward(first_tsn(8), {{.stream = 1, .ssn = 4}}, ready_);
  EXPECT_EQ(take(), "other;third;");
  EXPECT_EQ(reassembly_.held(), 0U);
  add({10, 1, 5, "BE", "next"});
  EXPECT_EQ(take(), "next;");
  add({11, 1, 4, "BE", "too late"});
  EXPECT_EQ(take(), "");
  reassembly_.reset(1);
  add({12, 1, 0, "BE", "again"});
  EXPECT_EQ(take(), "again;");
}

TEST(SctpRto, FollowsTheRoundTrip) {
  Rto rto({});
  EXPECT_EQ(rto.value(), 500ms);
  rto.on_timeout();
  EXPECT_EQ(rto.value(), 1s);
  rto.on_round_trip(200ms);
  EXPECT_EQ(rto.value(), 600ms) << "200 + 4 * 100";
  rto.on_round_trip(200ms);
  EXPECT_EQ(rto.value(), 500ms) << "200 + 4 * 75";
  for (int i = 0; i < 50; ++i) rto.on_round_trip(10ms);
  EXPECT_EQ(rto.value(), 400ms) << "the least";
  for (int i = 0; i < 10; ++i) rto.on_timeout();
  EXPECT_EQ(rto.value(), 10s) << "the most";
}

TEST(SctpCongestionWindow, GrowsAndShrinks) {
  CongestionWindow window(1'000);
  EXPECT_EQ(window.bytes(), 4'000U) << "min(4 chunks, max(2 chunks, 4404))";
  window.on_acknowledged(3'000, 1'000, false);
  EXPECT_EQ(window.bytes(), 4'000U) << "not used, so not grown";
  window.on_acknowledged(3'000, 1'000, true);
  EXPECT_EQ(window.bytes(), 5'000U) << "slow start: one chunk a SACK";
  for (int i = 0; i < 15; ++i) window.on_acknowledged(2'000, 1'000, true);
  EXPECT_EQ(window.bytes(), 20'000U);
  window.on_fast_retransmit();
  EXPECT_EQ(window.bytes(), 10'000U);
  window.on_acknowledged(1, 1'000, true);  // threshold == window: still slow start
  EXPECT_EQ(window.bytes(), 10'001U);
  for (int i = 0; i < 10; ++i) window.on_acknowledged(1'000, 1'000, true);
  EXPECT_EQ(window.bytes(), 10'001U) << "avoidance: a window must be acknowledged first";
  window.on_acknowledged(1'000, 1'000, true);
  EXPECT_EQ(window.bytes(), 11'001U);
  window.on_timeout();
  EXPECT_EQ(window.bytes(), 1'000U);
  EXPECT_EQ(window.threshold(), 5'500U);
  for (int i = 0; i < 20; ++i) window.on_acknowledged(2'000, 1'000, true);
  const auto before = window.bytes();
  window.on_idle();
  EXPECT_EQ(window.bytes(), std::max<std::size_t>(before / 2, 4'000));
}

}  // namespace
}  // namespace telltale::rtc::sctp::testing
