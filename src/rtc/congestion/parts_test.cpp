// The parts of congestion control, one by one.
#include <gtest/gtest.h>

#include "rtc/congestion/controller.hpp"
#include "rtc/congestion/link_model.hpp"
#include "rtc/congestion/pacer.hpp"
#include "rtc/congestion/rung_policy.hpp"

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

const base::SteadyTime kStart{std::chrono::hours(1)};

TEST(SentHistory, MatchesOverTheWrapOfSequenceNumbersAndReferenceTime) {
  SentHistory history(64);
  std::int64_t last_us = -1;
  std::uint32_t reference = 0xfffff0;
  for (int i = 0; i < 100; ++i) {
    const auto sequence = static_cast<std::uint16_t>(65'500 + i);
    history.add({.sequence = sequence, .bytes = 1000}, kStart + i * 10ms);
    const std::array arrivals{Arrival{.sequence = sequence, .received = true, .delta_us = 250}};
    const auto results =
        history.match({.reference_64ms = reference++ & 0xffffffU, .arrivals = arrivals});
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].sent, kStart + i * 10ms);
    EXPECT_GT(results[0].arrived_us, last_us) << i;
    if (last_us >= 0) {
      EXPECT_EQ(results[0].arrived_us - last_us, 64'000);
    }
    last_us = results[0].arrived_us;
  }
  EXPECT_EQ(history.bytes_in_flight(), 0);
}

TEST(SentHistory, TellsEachFateOnceAndLateOnesAgain) {
  SentHistory history(64);
  for (std::uint16_t i = 0; i < 3; ++i) history.add({.sequence = i, .bytes = 100}, kStart);
  EXPECT_EQ(history.bytes_in_flight(), 300);
  const std::array first{Arrival{.sequence = 0, .received = true}, Arrival{.sequence = 1},
                         Arrival{.sequence = 2, .received = true}};
  EXPECT_EQ(history.match({.arrivals = first}).size(), 3U);
  EXPECT_EQ(history.match({.arrivals = first}).size(), 0U);
  const std::array late{Arrival{.sequence = 1, .received = true}, Arrival{.sequence = 900}};
  const auto results = history.match({.arrivals = late});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_TRUE(results[0].received && results[0].was_thought_lost);
}

TEST(SentHistory, AnOverwrittenPacketIsForgotten) {
  SentHistory history(64);
  for (std::uint16_t i = 0; i < 200; ++i) history.add({.sequence = i, .bytes = 100}, kStart);
  EXPECT_EQ(history.bytes_in_flight(), 6'400);
  const std::array arrivals{Arrival{.sequence = 5, .received = true},
                            Arrival{.sequence = 199, .received = true}};
  EXPECT_EQ(history.match({.arrivals = arrivals}).size(), 1U);
}

TEST(SentHistory, GrowsWhileEverythingIsUnderWay) {
  SentHistory history(1'024);
  std::vector<Arrival> arrivals;
  for (int i = 0; i < 1'000; ++i) {
    const auto sequence = static_cast<std::uint16_t>(65'000 + i);
    history.add({.sequence = sequence, .bytes = 100}, kStart + i * 1ms);
    arrivals.push_back({.sequence = sequence, .received = true});
  }
  EXPECT_EQ(history.bytes_in_flight(), 100'000);
  const auto results = history.match({.arrivals = arrivals});
  ASSERT_EQ(results.size(), 1'000U);
  for (int i = 0; i < 1'000; ++i)
    EXPECT_EQ(results[static_cast<std::size_t>(i)].sent, kStart + i * 1ms);
  EXPECT_EQ(history.bytes_in_flight(), 0);
}

TEST(OveruseDetector, NeedsMoreThanOneSampleAndMoreThanTenMilliseconds) {
  OveruseDetector detector;
  EXPECT_EQ(detector.add(50, 6, 0), Usage::normal);
  EXPECT_EQ(detector.add(60, 6, 6), Usage::normal);
  EXPECT_EQ(detector.add(70, 6, 12), Usage::overuse);
  EXPECT_EQ(detector.add(-70, 6, 18), Usage::underuse);
  EXPECT_EQ(detector.add(0, 6, 24), Usage::normal);
}

TEST(OveruseDetector, TheThresholdAdaptsAndIgnoresOutliers) {
  OveruseDetector detector;
  for (int i = 0; i < 200; ++i) detector.add(20, 20, i * 20);
  EXPECT_GT(detector.threshold_ms(), 18);
  for (int i = 200; i < 600; ++i) detector.add(0, 20, i * 20);
  EXPECT_DOUBLE_EQ(detector.threshold_ms(), 6);
  detector.add(500, 20, 600 * 20);
  EXPECT_DOUBLE_EQ(detector.threshold_ms(), 6);
}

TEST(AcknowledgedBitrate, MeasuresWhatArrives) {
  AcknowledgedBitrate rate;
  EXPECT_FALSE(rate.bps());
  for (int i = 0; i < 200; ++i) rate.add(1'000'000'000 + i * 10'000, 1'250);
  EXPECT_NEAR(*rate.bps(), 1'000'000, 40'000);
  for (int i = 200; i < 220; ++i) rate.add(1'000'000'000 + i * 10'000, 2'500);
  EXPECT_NEAR(*rate.recent_bps(), 2'000'000, 150'000);
  EXPECT_LT(*rate.bps(), 1'700'000);
}

TEST(LossControl, HighLossLowersAndItsEndRaises) {
  LossControl control;
  auto now = kStart;
  const auto feed = [&](int lost, int received) {
    now += 600ms;
    return control.update({.lost = lost, .received = received, .gaps = lost}, 1'000'000,
                          10'000.0 * received, now);
  };
  control.update({.received = 1}, 1'000'000, 1'000'000, now);
  EXPECT_FALSE(feed(5, 95)) << "5 % is borne";
  const auto limit = feed(30, 70);
  ASSERT_TRUE(limit);
  EXPECT_NEAR(*limit, 850'000, 1'000);
  std::optional<double> later = limit;
  for (int i = 0; i < 40 && later; ++i) later = feed(0, 100);
  EXPECT_FALSE(later) << "no limit any more";
}

TEST(LossControl, LossThatStaysIsTheLinksOwn) {
  LossControl control;
  auto now = kStart;
  std::optional<double> limit;
  for (int i = 0; i < 60; ++i) {
    now += 600ms;
    const double sent = limit.value_or(1'000'000);
    limit = control.update({.lost = 20, .received = 80, .gaps = 20}, sent, 0.8 * sent, now);
  }
  ASSERT_TRUE(limit);
  EXPECT_GT(*limit, 800'000);
  EXPECT_NEAR(control.inherent_loss(), 0.2, 0.02);
}

TEST(LossControl, WhatArrivedIsWhatTheLinkCarriesWhenSendingLessEndsTheLoss) {
  LossControl control;
  auto now = kStart;
  double sent = 1'500'000;
  double highest_loss = 0;
  for (int i = 0; i < 120; ++i) {
    now += 600ms;
    const int lost = sent > 1'000'000 ? static_cast<int>(100 * (1 - 1'000'000 / sent)) : 0;
    const auto limit = control.update({.lost = lost, .received = 100 - lost, .gaps = lost}, sent,
                                      std::min(sent, 1'000'000.0), now);
    sent = std::min(1'500'000.0, limit.value_or(1'500'000));
    if (i > 10) highest_loss = std::max(highest_loss, lost / 100.0);
  }
  EXPECT_GT(sent, 800'000);
  EXPECT_LE(highest_loss, 0.12);
  EXPECT_LT(control.inherent_loss(), 0.01) << "the link loses nothing by itself";
}

TEST(LossControl, AProbeThatArrivesSparesTheTest) {
  LossControl control;
  auto now = kStart;
  control.on_probe(2'000'000, now);
  double least = 1'000'000;
  for (int i = 0; i < 10; ++i) {
    now += 600ms;
    const auto limit =
        control.update({.lost = 30, .received = 70, .gaps = 20}, 1'000'000, 700'000, now);
    least = std::min(least, limit.value_or(1'000'000));
  }
  EXPECT_GT(least, 840'000);
  EXPECT_NEAR(control.inherent_loss(), 0.3, 0.01);
}

TEST(LossControl, AProbeIsAskedForBeforeATest) {
  for (const bool arrives : {true, false}) {
    LossControl control;
    auto now = kStart;
    std::optional<double> limit;
    const auto feed = [&] {
      now += 600ms;
      limit = control.update({.lost = 12, .received = 88, .gaps = 12}, 2'000'000, 880'000, now);
    };
    control.update({.received = 1}, 2'000'000, 880'000, now);
    feed();
    EXPECT_EQ(control.wants_proof_bps(), 0);
    feed();
    EXPECT_GT(control.wants_proof_bps(), 1'200'000);
    if (arrives) control.on_probe(control.wants_proof_bps(), now);
    const double before = *limit;
    feed();
    EXPECT_GE(*limit, before) << "it waits";
    feed();
    EXPECT_EQ(control.wants_proof_bps(), 0);
    if (arrives) {
      EXPECT_GE(*limit, before);
      EXPECT_NEAR(control.inherent_loss(), 0.12, 0.01);
    } else {
      EXPECT_LT(*limit, 0.9 * 880'000) << "the test";
    }
  }
}

TEST(BurstLoss, IsToldFromLossByChance) {
  for (const bool bursts : {false, true}) {
    BurstLoss losses;
    base::Random random(7);
    bool told = false;
    for (int i = 0; i < 300; ++i)
      for (int packet = 0; packet < 3; ++packet) {
        const bool lost = bursts ? packet == 2 && i % 4 == 0 : random.chance(1.0 / 12);
        losses.add(kStart + i * 16ms + packet * 1us, !lost);
        told = losses.poll() || told;
      }
    EXPECT_EQ(told, bursts);
  }
}

TEST(Fallback, FollowsRembAndReports) {
  Fallback fallback({.start_bps = 300'000});
  fallback.on_remb(900'000, kStart);
  EXPECT_DOUBLE_EQ(fallback.bps(), 900'000);
  fallback.on_report(0.2, kStart + 1s);
  EXPECT_DOUBLE_EQ(fallback.bps(), 810'000);
  for (int i = 2; i < 8; ++i) fallback.on_report(0, kStart + i * 1s);
  EXPECT_DOUBLE_EQ(fallback.bps(), 900'000) << "no more than the REMB";
  fallback.on_remb(200'000, kStart + 9s);
  EXPECT_DOUBLE_EQ(fallback.bps(), 200'000);
}

TEST(Controller, WithoutTransportFeedbackItGoesByReports) {
  Controller controller({}, kStart);
  controller.on_remb(1'000'000, kStart);
  EXPECT_EQ(controller.estimate().target_bps, 1'000'000);
  controller.on_receiver_report(0.5, 40ms, kStart + 1s);
  EXPECT_EQ(controller.estimate().target_bps, 750'000);
  EXPECT_EQ(controller.estimate().rtt, 40ms);
}

TEST(Pacer, SpreadsVideoAtItsRateInBursts) {
  Pacer pacer({}, kStart);
  pacer.set_rate({.bps = 2'000'000}, kStart);
  for (std::uint32_t i = 1; i <= 100; ++i)
    ASSERT_TRUE(pacer.push(i, 1'000, PacketKind::video, kStart));
  auto now = kStart;
  std::uint32_t token = 0;
  std::size_t polls = 0;
  while (const auto next = pacer.next_deadline()) {
    now = std::max(now, *next);
    const auto packets = pacer.poll(now);
    ASSERT_FALSE(packets.empty());
    ++polls;
    for (const auto& packet : packets) EXPECT_EQ(packet.token, ++token);
  }
  EXPECT_EQ(token, 100U);
  EXPECT_NEAR(base::to_ms(now - kStart), 400, 15) << "100,000 bytes at 2 Mbit/s";
  EXPECT_LE(polls, 60U) << "bursts, not single packets";
}

TEST(Pacer, GoesPacketByPacketWhereThereIsNoRoomForBursts) {
  Pacer pacer({}, kStart);
  pacer.set_rate({.bps = 1'000'000, .smooth = true}, kStart);
  for (std::uint32_t i = 1; i <= 50; ++i)
    ASSERT_TRUE(pacer.push(i, 1'000, PacketKind::video, kStart));
  auto now = kStart;
  std::uint32_t token = 0;
  while (const auto next = pacer.next_deadline()) {
    now = std::max(now, *next);
    EXPECT_EQ(pacer.poll(now).size(), 1U);
    EXPECT_TRUE(pacer.poll(now).empty());
    EXPECT_NEAR(base::to_ms(now - kStart), 8.0 * token++, 0.5) << "at its rate";
  }
  EXPECT_EQ(token, 50U);
}

TEST(Pacer, AudioGoesAtOnceAndRetransmissionsFirst) {
  Pacer pacer({}, kStart);
  pacer.set_rate({.bps = 100'000}, kStart);
  pacer.push(1, 1'200, PacketKind::video, kStart);
  pacer.push(2, 1'200, PacketKind::retransmission, kStart);
  pacer.push(3, 100, PacketKind::audio, kStart);
  const auto packets = pacer.poll(kStart);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].token, 3U);
  const auto later = pacer.poll(kStart + 400ms);
  ASSERT_EQ(later.size(), 2U);
  EXPECT_EQ(later[0].token, 2U);
  EXPECT_EQ(later[1].token, 1U);
}

TEST(Pacer, AProbeIsPaddedToItsRate) {
  Pacer pacer({}, kStart);
  pacer.set_rate({.bps = 500'000}, kStart);
  pacer.probe({.cluster = 7, .rate_bps = 2'000'000, .packets_min = 5, .bytes_min = 10'000}, kStart);
  pacer.push(1, 1'200, PacketKind::video, kStart);
  std::int64_t bytes = 0;
  std::size_t padding = 0;
  auto now = kStart;
  while (const auto next = pacer.next_deadline()) {
    now = std::max(now, *next);
    for (const auto& packet : pacer.poll(now)) {
      EXPECT_EQ(packet.probe_cluster, 7);
      if (packet.kind == PacketKind::padding) {
        ++padding;
        pacer.padded(1'000);  // what was sent last is repeated: not always as much as is wished for
      }
      bytes += packet.kind == PacketKind::padding ? 1'000 : packet.bytes;
    }
  }
  EXPECT_EQ(padding, 9U) << "the video packet takes part";
  EXPECT_EQ(bytes, 1'200 + 9 * 1'000);
  EXPECT_NEAR(base::to_ms(now - kStart), (1'200 + 8 * 1'000) * 8 / 2'000.0, 0.1)
      << "at the probe's rate by what they weigh";
}

TEST(Pacer, AProbeWithNothingToPadWithIsOver) {
  Pacer pacer({}, kStart);
  pacer.probe({.cluster = 7, .rate_bps = 2'000'000, .packets_min = 5, .bytes_min = 10'000}, kStart);
  ASSERT_EQ(pacer.poll(kStart).size(), 1U);
  pacer.padded(0);
  EXPECT_TRUE(pacer.poll(kStart + 1s).empty());
  EXPECT_FALSE(pacer.next_deadline());
}

TEST(Pacer, AFullQueueSaysSo) {
  Pacer pacer({.queue_packets = 4}, kStart);
  for (std::uint32_t i = 0; i < 4; ++i)
    EXPECT_TRUE(pacer.push(i, 1'000, PacketKind::video, kStart));
  EXPECT_FALSE(pacer.push(4, 1'000, PacketKind::video, kStart));
  EXPECT_EQ(pacer.waited(kStart + 30ms), 30ms);
  pacer.clear_video();
  EXPECT_EQ(pacer.queued_bytes(), 0);
}

const std::array<std::int64_t, 3> kRungs{300'000, 600'000, 1'200'000};

TEST(RungPolicy, DownAtOnceUpWithPatienceThatGrows) {
  RungPolicy policy(kRungs, 700'000);
  auto now = kStart;
  const auto feel = [&](std::int64_t bps, base::Duration for_) {
    std::optional<RungSwitch> last;
    for (const auto until = now + for_; now < until; now += 100ms)
      if (const auto change = policy.update({.target_bps = bps}, now)) last = change;
    return last;
  };
  EXPECT_EQ(policy.current(), 1U);
  EXPECT_FALSE(feel(575'000, 5s)) << "95 % of the rung is enough";
  EXPECT_FALSE(feel(500'000, 1'400ms)) << "a little too high: only when it lasts";
  const auto down = feel(500'000, 200ms);
  ASSERT_TRUE(down);
  EXPECT_EQ(down->to, 0U);
  EXPECT_EQ(down->reason, SwitchReason::target_fell);
  EXPECT_FALSE(feel(680'000, 30s)) << "under 115 % of the next";
  EXPECT_FALSE(feel(700'000, 4900ms));
  EXPECT_TRUE(feel(700'000, 300ms));
  EXPECT_TRUE(feel(470'000, 100ms)) << "much too high after all";
  EXPECT_FALSE(feel(700'000, 9900ms)) << "now it waits ten seconds";
  EXPECT_TRUE(feel(700'000, 300ms));
  EXPECT_EQ(policy.count(SwitchReason::room), 2U);
  EXPECT_EQ(policy.count(SwitchReason::target_fell), 2U);
}

TEST(RungPolicy, QueueAndLossBringItDown) {
  RungPolicy policy(kRungs, 2'000'000);
  const auto queue = policy.update(
      {.target_bps = 1'250'000, .queue_delay = 250ms, .usage = Usage::overuse}, kStart);
  ASSERT_TRUE(queue);
  EXPECT_EQ(queue->reason, SwitchReason::queue);
  const auto loss = policy.update({.target_bps = 600'000, .loss = 0.2}, kStart + 1s);
  ASSERT_TRUE(loss);
  EXPECT_EQ(loss->reason, SwitchReason::loss);
  EXPECT_EQ(policy.current(), 0U);
}

TEST(RungPolicy, TheUsersChoicePinsIt) {
  RungPolicy policy(kRungs, 2'000'000);
  const auto chosen = policy.pin(0, kStart);
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->reason, SwitchReason::chosen);
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(policy.update({.target_bps = 5'000'000}, kStart + i * 1s));
  EXPECT_FALSE(policy.pin(17, kStart)) << "there is no such rung";
  EXPECT_TRUE(policy.pinned());
  policy.pin({}, kStart + 100s);
  EXPECT_FALSE(policy.update({.target_bps = 5'000'000}, kStart + 100s));
  EXPECT_TRUE(policy.update({.target_bps = 5'000'000}, kStart + 106s));
}

TEST(RungPolicy, ARungThatCannotBeHadIsNotChosenForAWhile) {
  RungPolicy policy(kRungs, 300'000);
  auto now = kStart;
  const auto next = [&](base::Duration for_) {
    for (const auto until = now + for_; now < until; now += 100ms)
      if (const auto change = policy.update({.target_bps = 5'000'000}, now)) return change;
    return std::optional<RungSwitch>();
  };
  const auto highest = next(10s);
  ASSERT_TRUE(highest);
  EXPECT_EQ(highest->to, 2U);
  policy.refused(2, 0, now);
  EXPECT_EQ(policy.current(), 0U);
  const auto middle = next(10s);
  ASSERT_TRUE(middle);
  EXPECT_EQ(middle->to, 1U) << "the best that can be had";
  const auto refused_at = now;
  const auto again = next(20s);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->to, 2U) << "it is asked for again, in time";
  EXPECT_GE(now - refused_at, 3s);
  policy.refused(2, 1, now);
  EXPECT_FALSE(next(9900ms)) << "ten seconds this time";
  EXPECT_TRUE(next(300ms));
  policy.opened(2);
  policy.refused(1, 2, now);
  const auto down = policy.update({.target_bps = 700'000}, now + 1s);
  ASSERT_TRUE(down);
  EXPECT_EQ(down->to, 0U) << "past the one that cannot be had";
}

TEST(RungPolicy, AnotherRungIsTriedWhereOnlyThatTells) {
  RungPolicy policy(kRungs, 300'000);
  auto now = kStart;
  const auto feel = [&](std::int64_t bps, base::Duration for_, double loss = 0) {
    std::optional<RungSwitch> last;
    for (const auto until = now + for_; now < until; now += 100ms)
      if (const auto change =
              policy.update({.target_bps = bps, .loss = loss, .remb_bound = true}, now))
        last = change;
    return last;
  };
  EXPECT_FALSE(feel(450'000, 7900ms));
  EXPECT_FALSE(feel(450'000, 20s, 0.03)) << "not while anything is lost";
  EXPECT_FALSE(feel(450'000, 7900ms));
  const auto up = feel(450'000, 300ms);
  ASSERT_TRUE(up);
  EXPECT_EQ(up->to, 1U);
  EXPECT_EQ(up->reason, SwitchReason::tried);
  EXPECT_FALSE(feel(460'000, 5s)) << "the REMB gets time to follow";
  EXPECT_FALSE(feel(600'000, 12s));
  EXPECT_TRUE(feel(880'000, 3500ms)) << "it held, so the next one is tried";
  EXPECT_EQ(policy.current(), 2U);
  const auto back = feel(700'000, 300ms);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->to, 1U);
  EXPECT_FALSE(feel(880'000, 15s)) << "sixteen seconds now";
  EXPECT_TRUE(feel(880'000, 1500ms));
  const auto lost = feel(880'000, 300ms, 0.08);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->reason, SwitchReason::loss);
  EXPECT_FALSE(feel(880'000, 31s));
  EXPECT_TRUE(feel(880'000, 1500ms));
  EXPECT_FALSE(feel(890'000, 11s));
  EXPECT_TRUE(feel(890'000, 2s)) << "it never followed";
  EXPECT_EQ(policy.current(), 1U);
}

TEST(RungPolicy, SoundOnlyWhereNothingElseFits) {
  RungPolicy policy(kRungs, 300'000);
  policy.update({.target_bps = 90'000}, kStart);
  EXPECT_TRUE(policy.audio_only());
  policy.update({.target_bps = 150'000}, kStart + 1s);
  EXPECT_FALSE(policy.audio_only());
}

TEST(LinkModel, QueuesAtItsRateAndDropsWhatWaitsTooLong) {
  LinkModel link({.rate_bps = 1'000'000, .queue_max = 50ms, .delay = 10ms}, 1);
  int arrived = 0;
  base::SteadyTime last{};
  for (int i = 0; i < 100; ++i)
    for (const auto at : link.offer(1'250, kStart)) {
      ++arrived;
      last = at;
    }
  EXPECT_EQ(arrived, 6);
  EXPECT_EQ(last, kStart + 60ms + 10ms);
  EXPECT_EQ(link.counts().overflowed, 94U);
}

TEST(LinkModel, LosesReordersAndDoublesAsAsked) {
  LinkModel link({.delay = 10ms,
                  .loss = 0.1,
                  .burst_start = 0.01,
                  .burst_packets = 4,
                  .reorder = 0.2,
                  .duplicate = 0.05},
                 3);
  for (int i = 0; i < 100'000; ++i) link.offer(100, kStart + i * 1ms);
  const auto& counts = link.counts();
  EXPECT_NEAR(static_cast<double>(counts.lost_in_bursts), 100'000 * 0.04 / 1.04, 400);
  EXPECT_NEAR(static_cast<double>(counts.lost), 100'000 * (1 - 0.9 / 1.04), 600);
  const auto through = static_cast<double>(counts.offered - counts.lost);
  EXPECT_NEAR(static_cast<double>(counts.reordered), through * 0.2, 600);
  EXPECT_NEAR(static_cast<double>(counts.duplicated), through * 0.05, 300);
}

}  // namespace
}  // namespace telltale::rtc::congestion
