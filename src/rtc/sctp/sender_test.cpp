// What our sender does with what a peer acknowledges, packet by packet: windows, probes, giving up.
#include "rtc/sctp/hand_peer.hpp"

namespace telltale::rtc::sctp::testing {
namespace {

class SctpSender : public HandPeer {
 protected:
  struct Sent {
    std::uint32_t tsn = 0;
    std::size_t size = 0;
    std::uint8_t flags = 0;
  };
  static std::vector<Sent> data_of(const std::vector<Answer>& answers) {
    std::vector<Sent> all;
    for (const auto& answer : answers)
      for (const auto& [chunk, value] : answer.chunks)
        if (chunk.is(ChunkType::data))
          all.push_back(
              {.tsn = load_u32(value, 0), .size = value.size() - 12, .flags = chunk.flags});
    return all;
  }
  // Value of the first FORWARD TSN; empty: none.
  static std::vector<std::uint8_t> forward_of(const std::vector<Answer>& answers) {
    for (const auto& answer : answers)
      for (const auto& [chunk, value] : answer.chunks)
        if (chunk.is(ChunkType::forward_tsn)) return value;
    return {};
  }
  std::vector<Answer> sack(std::uint32_t cumulative, std::uint32_t window,
                           std::vector<std::pair<std::uint16_t, std::uint16_t>> gaps = {}) {
    std::vector<std::uint8_t> value(12 + 4 * gaps.size());
    Writer writer(value);
    writer.u32(cumulative);
    writer.u32(window);
    writer.u16(gaps.size());
    writer.u16(0);
    for (const auto& [first, last] : gaps) {
      writer.u16(first);
      writer.u16(last);
    }
    return put(ChunkType::sack, 0, value);
  }
  void send(std::size_t size, const SendOptions& options = {}) {
    ASSERT_TRUE(ours_.association.send(0, 53, std::vector<std::uint8_t>(size, 7), options, now_));
  }
  std::vector<Answer> after(base::Duration time) {
    now_ += time;
    return poll();
  }
};

TEST_F(SctpSender, NeverMoreThanThePeersWindow) {
  open(3'000);
  send(20'000);
  auto sent = data_of(poll());
  std::size_t bytes = 0;
  for (const auto& one : sent) bytes += one.size;
  EXPECT_EQ(sent.size(), 2U);
  EXPECT_LE(bytes, 3'000U);
  // All came, and the window is closed: one chunk probes it, and again only by time.
  sent = data_of(sack(our_tsn_ + 1, 0));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(data_of(sack(our_tsn_ + 1, 0)).empty());
  for (int i = 0; i < 30; ++i) {
    const auto again = data_of(after(11s));
    ASSERT_EQ(again.size(), 1U) << "a probe";
    EXPECT_EQ(again[0].tsn, our_tsn_ + 2);
    sack(our_tsn_ + 1, 0);  // it lives, though it takes nothing
  }
  expect_alive();
  EXPECT_GE(data_of(sack(our_tsn_ + 2, 10'000)).size(), 1U) << "it opens";
}

TEST_F(SctpSender, OneLossEventHalvesTheWindowOnce) {
  open(1'000'000);
  send(200'000);
  auto newest = our_tsn_ + static_cast<std::uint32_t>(data_of(poll()).size()) - 1;
  auto acknowledged = our_tsn_ - 1;
  // Slow start up to a window of many packets, a SACK for every second one.
  for (int i = 0; i < 100 && ours_.association.congestion_window() < 20'000; ++i) {
    acknowledged += 2;
    newest += static_cast<std::uint32_t>(data_of(sack(acknowledged, 1'000'000)).size());
  }
  ASSERT_GE(ours_.association.congestion_window(), 20'000U);
  const auto before = ours_.association.congestion_window();
  // The first and the fourth of what is on its way are lost; each SACK reports one chunk more, so
  // the second loss is noticed when the first has been answered.
  ASSERT_GT(newest, acknowledged + 8);
  std::vector<Answer> answers;
  for (std::uint16_t upto = 2; acknowledged + upto <= newest; ++upto) {
    if (upto == 4) continue;
    auto gaps =
        std::vector<std::pair<std::uint16_t, std::uint16_t>>{{2, std::min<std::uint16_t>(upto, 3)}};
    if (upto > 4) gaps.emplace_back(5, upto);
    for (auto& one : sack(acknowledged, 1'000'000, gaps)) answers.push_back(std::move(one));
  }
  expect_alive();
  EXPECT_EQ(ours_.association.congestion_window(), before / 2);
  EXPECT_EQ(ours_.association.send_counters().fast_retransmits, 1U);
  int again = 0;
  for (const auto& one : data_of(answers)) again += one.tsn <= acknowledged + 4 ? 1 : 0;
  EXPECT_EQ(again, 2) << "each of the two once";
}

class SctpGivingUp : public SctpSender, public ::testing::WithParamInterface<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Retransmissions, SctpGivingUp, ::testing::Values(0U, 1U, 2U));

TEST_P(SctpGivingUp, AfterAsManyRetransmissionsAsItMay) {
  open(100'000);
  send(100, {.retransmits_max = GetParam()});
  EXPECT_EQ(data_of(poll()).size(), 1U);
  for (std::uint32_t i = 0; i < GetParam(); ++i) {
    const auto answers = after(11s);
    EXPECT_EQ(data_of(answers).size(), 1U) << i;
    EXPECT_TRUE(forward_of(answers).empty());
  }
  const auto answers = after(11s);
  EXPECT_TRUE(data_of(answers).empty());
  EXPECT_EQ(forward_of(answers), words({our_tsn_, 0})) << "stream 0, number 0";
  sack(our_tsn_, 100'000);
  EXPECT_TRUE(forward_of(after(30s)).empty()) << "it was heard";
}

TEST_F(SctpSender, AMessageGivenUpInItsMiddleHasAnEnd) {
  open(1'500);
  send(5'000, {.retransmits_max = 0});
  send(50);
  ASSERT_EQ(data_of(poll()).size(), 1U) << "the window has room for one fragment";
  const auto answers = after(11s);
  EXPECT_EQ(forward_of(answers), words({our_tsn_ + 1, 0}))
      << "one TSN stands for all that never left";
  // The next one has the TSN after it and its own number.
  auto next = data_of(answers);
  if (next.empty()) next = data_of(sack(our_tsn_ + 1, 1'500));
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].tsn, our_tsn_ + 2);
  EXPECT_EQ(next[0].size, 50U);
  EXPECT_EQ(next[0].flags, kDataBegin | kDataEnd);
}

TEST_F(SctpSender, ALifetimeThatIsOverIsNotSent) {
  open(100'000);
  // Never left: nothing is said about it.
  send(100, {.lifetime = 50ms});
  now_ += 60ms;
  EXPECT_TRUE(types(poll()).empty());
  // Left once: it is not sent again.
  send(100, {.lifetime = 50ms});
  EXPECT_EQ(data_of(poll()).size(), 1U);
  const auto answers = after(11s);
  EXPECT_TRUE(data_of(answers).empty());
  EXPECT_EQ(forward_of(answers), words({our_tsn_, 0}));
}

TEST_F(SctpSender, NoRoundTripIsMeasuredOfWhatWasSentTwice) {
  open(100'000);
  send(100);
  poll();
  ASSERT_EQ(data_of(after(11s)).size(), 1U);
  now_ += 5ms;
  sack(our_tsn_, 100'000);
  EXPECT_FALSE(ours_.association.round_trip()) << "which of the two came is not known";
  send(100);
  poll();
  now_ += 30ms;
  sack(our_tsn_ + 1, 100'000);
  EXPECT_EQ(ours_.association.round_trip(), 30ms);
}

TEST_F(SctpSender, NorOfAFastRetransmission) {
  open(100'000);
  send(4'000);
  ASSERT_EQ(data_of(poll()).size(), 4U);
  now_ += 500ms / 2;
  std::size_t again = 0;
  for (std::uint16_t upto = 2; upto <= 4; ++upto)
    again += data_of(sack(our_tsn_ - 1, 100'000, {{2, upto}})).size();
  EXPECT_EQ(again, 1U);
  now_ += 10ms;
  sack(our_tsn_ + 3, 100'000);
  EXPECT_FALSE(ours_.association.round_trip());
}

TEST_F(SctpSender, ABurstIsFourPackets) {
  open(1'000'000);
  send(200'000);
  auto sent = data_of(poll());
  EXPECT_EQ(sent.size(), 4U);
  std::uint32_t acknowledged = our_tsn_ + 3;
  for (int i = 0; i < 10; ++i) {
    sent = data_of(sack(acknowledged, 1'000'000));
    EXPECT_LE(sent.size(), 4U);
    acknowledged += static_cast<std::uint32_t>(sent.size());
  }
}

TEST_F(SctpSender, WithoutForwardTsnEverythingIsReliable) {
  open(100'000, false);
  send(100, {.retransmits_max = 0});
  poll();
  EXPECT_EQ(data_of(after(11s)).size(), 1U);
  EXPECT_EQ(data_of(after(11s)).size(), 1U);
}

}  // namespace
}  // namespace telltale::rtc::sctp::testing
