// Two associations of ours against each other in virtual time: opening, messages, closing.
#include <numeric>

#include <gtest/gtest.h>

#include "rtc/sctp/testing.hpp"

namespace telltale::rtc::sctp::testing {
namespace {

std::vector<std::uint8_t> pattern(std::size_t size, std::uint8_t first = 0) {
  std::vector<std::uint8_t> bytes(size);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

TEST(SctpAssociation, OpensFromOneSide) {
  Pair pair;
  EXPECT_TRUE(pair.connect(false));
  EXPECT_EQ(pair.a.association.state(), Association::State::established);
  EXPECT_EQ(pair.b.association.state(), Association::State::established);
}

TEST(SctpAssociation, OpensWhenTheInitsCross) {
  Pair pair;
  std::vector<int> types;
  pair.world.filter = [&](std::size_t /*from*/, Packet& packet) {
    for (const auto type : types_of(packet)) types.push_back(type);
    return true;
  };
  EXPECT_TRUE(pair.connect());
  EXPECT_EQ(std::count(types.begin(), types.end(), 1), 2) << "two INITs";
  EXPECT_TRUE(pair.send(pair.a, 0, bytes_of("hello")));
  EXPECT_TRUE(pair.world.run([&] { return pair.b.messages.size() == 1; }, 1s));
  EXPECT_EQ(pair.b.text(0), "hello");
}

// Each packet of the handshake lost once, and sent again by T1.
TEST(SctpAssociation, OpensThoughAnyPacketOfTheHandshakeIsLost) {
  for (const bool both : {false, true})
    for (int lost = 0; lost < 8; ++lost) {
      Pair pair;
      int seen = 0;
      pair.world.filter = [&](std::size_t /*from*/, Packet& /*packet*/) { return seen++ != lost; };
      EXPECT_TRUE(pair.connect(both)) << lost;
      EXPECT_TRUE(pair.send(pair.b, 3, bytes_of("x")));
      EXPECT_TRUE(pair.send(pair.a, 3, bytes_of("y")));
      EXPECT_TRUE(pair.world.run(
          [&] { return pair.b.messages.size() == 1 && pair.a.messages.size() == 1; }, 10s));
      EXPECT_EQ(pair.a.closed + pair.b.closed, 0);
    }
}

TEST(SctpAssociation, GivesUpAPeerThatNeverAnswers) {
  Pair pair;
  pair.world.filter = [](std::size_t /*from*/, Packet& /*packet*/) { return false; };
  pair.a.association.connect(pair.world.now());
  EXPECT_TRUE(pair.world.run([&] { return pair.a.closed == 1; }, 2min));
  EXPECT_EQ(pair.a.error->code, base::Code::deadline_exceeded);
  EXPECT_EQ(pair.a.association.next_deadline(), std::nullopt);
}

TEST(SctpAssociation, SendsBeforeItIsOpen) {
  Pair pair;
  EXPECT_TRUE(pair.send(pair.a, 1, bytes_of("early")));
  EXPECT_TRUE(pair.connect());
  EXPECT_TRUE(pair.world.run([&] { return pair.b.messages.size() == 1; }, 1s));
}

TEST(SctpAssociation, CarriesMessagesOfEverySize) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  const std::vector<std::size_t> sizes = {1,      2,      3,       4,       1160,
                                          1161,   1163,   1164,    2320,    65'535,
                                          65'536, 65'537, 100'000, 262'143, 256UL * 1024};
  for (std::size_t i = 0; i < sizes.size(); ++i)
    for (auto* from : {&pair.a, &pair.b})
      ASSERT_TRUE(pair.send(*from, 7, pattern(sizes[i], static_cast<std::uint8_t>(i))) ||
                  pair.world.run([&] { return from->association.buffered() == 0; }, 1min));
  for (auto* to : {&pair.a, &pair.b}) {
    EXPECT_TRUE(pair.world.run([&] { return to->messages.size() >= 14; }, 1min));
    for (const auto& message : to->messages) {
      const auto found = std::find(sizes.begin(), sizes.end(), message.bytes.size());
      ASSERT_NE(found, sizes.end());
      EXPECT_EQ(message.bytes, pattern(*found, static_cast<std::uint8_t>(found - sizes.begin())));
    }
  }
}

TEST(SctpAssociation, KeepsOrderWithinAStreamAcrossTheWrapOfItsNumbers) {
  // TSNs wrap after 2,000 chunks, SSNs after 65,536 messages.
  Pair pair({.initial_tsn = 0xffff'f830U}, {.initial_tsn = 0xffff'ffffU},
            {.delay = 1ms, .loss = 0.01});
  ASSERT_TRUE(pair.connect());
  constexpr std::uint32_t kCount = 70'000;
  std::uint32_t sent = 0;
  const auto fill = [&] {
    while (sent < kCount) {
      std::vector<std::uint8_t> bytes(4);
      store_u32(bytes, 0, sent);
      if (!pair.send(pair.a, 0, std::move(bytes))) return;
      ++sent;
      if (sent % 3000 == 0) return;
    }
  };
  while (sent < kCount) {
    fill();
    ASSERT_TRUE(pair.world.run([&] { return pair.a.association.buffered() == 0; }, 30min));
  }
  ASSERT_EQ(pair.b.messages.size(), kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) ASSERT_EQ(load_u32(pair.b.messages[i].bytes, 0), i);
}

TEST(SctpAssociation, DelaysASackAndBundlesIt) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.world.run_for(1s);
  std::vector<std::vector<int>> from_b;
  pair.world.filter = [&](std::size_t from, Packet& packet) {
    if (from == 1) from_b.push_back(types_of(packet));
    return true;
  };
  ASSERT_TRUE(pair.send(pair.a, 0, bytes_of("x")));
  const auto began = pair.world.now();
  ASSERT_TRUE(pair.world.run([&] { return !from_b.empty(); }, 1s));
  EXPECT_EQ(pair.world.now() - began, 110ms);
  EXPECT_EQ(from_b[0], std::vector<int>{3});
  // Two packets at once: answered at once.
  from_b.clear();
  ASSERT_TRUE(pair.send(pair.a, 0, pattern(2000)));
  ASSERT_TRUE(pair.world.run([&] { return !from_b.empty(); }, 20ms));
  // Data that goes back takes the SACK along.
  pair.world.run_for(1s);
  from_b.clear();
  ASSERT_TRUE(pair.send(pair.a, 0, bytes_of("x")));
  ASSERT_FALSE(pair.world.run([&] { return !from_b.empty(); }, 50ms));
  ASSERT_TRUE(pair.send(pair.b, 0, bytes_of("y")));
  pair.world.flush();
  ASSERT_EQ(from_b.size(), 1U);
  EXPECT_EQ(from_b[0], (std::vector<int>{3, 0}));
}

TEST(SctpAssociation, RetransmitsFastAfterThreeReports) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.send(pair.a, 0, pattern(200'000)));
  ASSERT_TRUE(pair.world.run([&] { return pair.b.messages.size() == 1; }, 5s));
  int data = 0;
  pair.world.filter = [&](std::size_t from, Packet& packet) {
    return from != 0 || types_of(packet).back() != 0 || ++data != 5;
  };
  ASSERT_TRUE(pair.send(pair.a, 0, pattern(200'000)));
  ASSERT_TRUE(pair.world.run([&] { return pair.b.messages.size() == 2; }, 5s));
  const auto counters = pair.a.association.send_counters();
  EXPECT_EQ(counters.fast_retransmits, 1U);
  EXPECT_EQ(counters.timeouts, 0U);
  EXPECT_EQ(counters.retransmitted, 1U);
}

TEST(SctpAssociation, RetransmitsByTimeWhenNothingIsHeard) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  int data = 0;
  pair.world.filter = [&](std::size_t from, Packet& packet) {
    return from != 0 || types_of(packet).back() != 0 || ++data > 3;
  };
  const auto began = pair.world.now();
  ASSERT_TRUE(pair.send(pair.a, 0, bytes_of("x")));
  ASSERT_TRUE(pair.world.run([&] { return pair.b.messages.size() == 1; }, 10s));
  // 0.5 + 1 + 2 s and the way: the timeout doubles.
  EXPECT_EQ(pair.world.now() - began, 3510ms);
  EXPECT_EQ(pair.a.association.send_counters().timeouts, 3U);
}

TEST(SctpAssociation, NoticesThatThePeerIsGone) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.world.filter = [](std::size_t /*from*/, Packet& /*packet*/) { return false; };
  ASSERT_TRUE(pair.send(pair.a, 0, bytes_of("x")));
  ASSERT_TRUE(pair.world.run([&] { return pair.a.closed == 1; }, 5min));
  EXPECT_EQ(pair.a.error->code, base::Code::deadline_exceeded);
  // The other has nothing to send: its heartbeats find out.
  ASSERT_TRUE(pair.world.run([&] { return pair.b.closed == 1; }, 15min));
}

TEST(SctpAssociation, HeartbeatsKeepAnIdlePairAlive) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  int heartbeats = 0;
  pair.world.filter = [&](std::size_t /*from*/, Packet& packet) {
    heartbeats += types_of(packet).front() == 4 ? 1 : 0;
    return true;
  };
  pair.world.run_for(1h);
  EXPECT_EQ(pair.a.closed + pair.b.closed, 0);
  EXPECT_NEAR(heartbeats, 2 * 3600 / 30.5, 12);
  EXPECT_EQ(pair.a.association.round_trip(), 20ms);
}

TEST(SctpAssociation, ShutsDownAfterEverythingHasArrived) {
  for (const double loss : {0.0, 0.2}) {
    Pair pair({}, {}, {.delay = 10ms, .loss = loss}, 5);
    ASSERT_TRUE(pair.connect());
    ASSERT_TRUE(pair.send(pair.a, 0, pattern(100'000)));
    ASSERT_TRUE(pair.send(pair.b, 0, pattern(100'000)));
    pair.a.association.shutdown(pair.world.now());
    EXPECT_FALSE(pair.send(pair.a, 0, bytes_of("late")));
    ASSERT_TRUE(pair.world.run([&] { return pair.a.closed == 1 && pair.b.closed == 1; }, 10min));
    EXPECT_EQ(pair.a.messages.size() + pair.b.messages.size(), 2U);
    EXPECT_FALSE(pair.a.error || pair.b.error);
  }
}

TEST(SctpAssociation, AbortTellsThePeer) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  pair.a.association.abort("enough");
  EXPECT_EQ(pair.a.closed, 1);
  ASSERT_TRUE(pair.world.run([&] { return pair.b.closed == 1; }, 1s));
  EXPECT_FALSE(pair.b.error);
  EXPECT_FALSE(pair.send(pair.b, 0, bytes_of("x")));
}

TEST(SctpAssociation, RefusesWhatItCannotSend) {
  Pair pair({.streams_max = 16}, {.streams_max = 8});
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.a.association.outgoing_streams(), 8);
  EXPECT_EQ(pair.send(pair.a, 8, bytes_of("x")).error().code, base::Code::invalid_argument);
  EXPECT_EQ(pair.send(pair.a, 0, {}).error().code, base::Code::invalid_argument);
  EXPECT_EQ(pair.send(pair.a, 0, pattern(1024 * 1024 + 1)).error().code, base::Code::too_large);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(pair.send(pair.a, 0, pattern(256UL * 1024)));
  EXPECT_EQ(pair.a.association.send_buffer_left(), 0U);
  EXPECT_EQ(pair.send(pair.a, 0, bytes_of("x")).error().code, base::Code::unavailable);
  ASSERT_TRUE(pair.world.run([&] { return pair.b.messages.size() == 4; }, 1min));
  EXPECT_TRUE(pair.send(pair.a, 0, bytes_of("x")));
}

TEST(SctpAssociation, AMessageOverTheLimitEndsIt) {
  Pair pair({}, {.message_bytes_max = 1000});
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.send(pair.a, 0, pattern(1000)));
  ASSERT_TRUE(pair.send(pair.a, 0, pattern(1001)));
  ASSERT_TRUE(pair.world.run([&] { return pair.b.closed == 1 && pair.a.closed == 1; }, 1s));
  EXPECT_EQ(pair.b.error->code, base::Code::too_large);
  EXPECT_EQ(pair.a.error->code, base::Code::remote);
  EXPECT_EQ(pair.b.messages.size(), 1U);
}

TEST(SctpAssociation, ResetsStreamsEachWay) {
  for (const double loss : {0.0, 0.3}) {
    Pair pair({}, {}, {.delay = 10ms, .loss = loss}, 3);
    ASSERT_TRUE(pair.connect());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(pair.send(pair.a, 5, pattern(5000)));
    ASSERT_TRUE(pair.send(pair.a, 6, pattern(5000)));
    EXPECT_TRUE(pair.a.association.reset_stream(5));
    EXPECT_EQ(pair.send(pair.a, 5, bytes_of("x")).error().code, base::Code::conflict);
    EXPECT_TRUE(pair.b.association.reset_stream(5));
    ASSERT_TRUE(pair.world.run(
        [&] {
          return pair.a.outgoing_resets.size() == 1 && pair.b.outgoing_resets.size() == 1 &&
                 pair.a.incoming_resets.size() == 1 && pair.b.incoming_resets.size() == 1;
        },
        1min));
    EXPECT_EQ(pair.a.outgoing_resets, std::vector<std::uint16_t>{5});
    EXPECT_GE(pair.b.messages.size(), 3U) << "nothing of the stream comes after its reset";
    // It begins again with number 0.
    ASSERT_TRUE(pair.world.run([&] { return pair.b.messages.size() == 4; }, 1min));
    ASSERT_TRUE(pair.send(pair.a, 5, bytes_of("again")));
    ASSERT_TRUE(pair.world.run([&] { return pair.b.messages.size() == 5; }, 1min));
    EXPECT_EQ(pair.b.text(4), "again");
  }
}

TEST(SctpAssociation, AReceiverWithAClosedWindowIsProbed) {
  // Each message waits for one before it that never gets whole: the window fills.
  Pair pair({}, {.receive_window = 8'000, .message_bytes_max = 7'999});
  ASSERT_TRUE(pair.connect());
  int data = 0;
  bool holding = true;
  pair.world.filter = [&](std::size_t from, Packet& packet) {
    if (from != 0 || types_of(packet).back() != 0) return true;
    return !(holding && data++ % 2 == 0);  // every second one is lost
  };
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(pair.send(pair.a, 0, pattern(1'000)));
  pair.world.run_for(5s);
  holding = false;
  ASSERT_TRUE(pair.world.run([&] { return pair.b.messages.size() == 12; }, 1min));
}

}  // namespace
}  // namespace telltale::rtc::sctp::testing
