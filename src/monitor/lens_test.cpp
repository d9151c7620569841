// Foreign connections, in virtual time: what a page reports becomes a record with scores, events
// and a history; limits hold; silence ends it; nothing of it is steered.
#include "monitor/lens.hpp"

#include <gtest/gtest.h>

#include "monitor/foreign.hpp"
#include "rtc/testing.hpp"

namespace telltale::monitor {
namespace {

using namespace std::chrono_literals;

struct NoActions final : Actions {
  void act(std::string, Decided decided, Done done) override {
    acted.push_back(decided);
    done({});
  }
  std::shared_ptr<rtc::Source> source_of(const std::string&) override { return nullptr; }
  std::vector<Decided> acted;
};

// A page that shows and sends video, whose clock is an hour fast.
struct Page {
  explicit Page(LensLimits limits = {})
      : monitor(Config{}, {.clock = loop.clock(),
                           .events = events,
                           .actions = actions,
                           .ended = [this](Ended one) { ended.push_back(std::move(one)); }}),
        lens({.monitor = monitor, .events = events, .loop = loop.loop()}, limits) {
    actor.session = "tok_1";
    actor.name = "reporter";
    lens.start();
  }
  ~Page() { loop.run(lens.stop()); }

  double now() { return static_cast<double>(base::unix_ms(loop.clock().wall())) + 3'600'000; }
  LensConnection connection(std::string name, double created) {
    return {.id = std::move(name),
            .created_at = created,
            .ice_connected_at = {},
            .connected_at = {},
            .closed_at = {},
            .samples = {}};
  }
  base::JsonArray stats() {
    return {base::JsonObject{{"type", "codec"}, {"id", "C"}, {"mimeType", "video/VP8"}},
            base::JsonObject{{"type", "transport"},
                             {"id", "T"},
                             {"dtlsState", "connected"},
                             {"selectedCandidatePairId", "P"}},
            base::JsonObject{{"type", "candidate-pair"},
                             {"id", "P"},
                             {"state", "succeeded"},
                             {"nominated", true},
                             {"currentRoundTripTime", 0.042},
                             {"availableOutgoingBitrate", 900'000}},
            base::JsonObject{{"type", "outbound-rtp"},
                             {"id", "O"},
                             {"kind", "video"},
                             {"ssrc", 7},
                             {"codecId", "C"},
                             {"bytesSent", sent},
                             {"framesSent", frames},
                             {"frameHeight", 720}},
            base::JsonObject{{"type", "inbound-rtp"},
                             {"id", "I"},
                             {"kind", "video"},
                             {"ssrc", 8},
                             {"codecId", "C"},
                             {"packetsReceived", packets},
                             {"packetsLost", lost},
                             {"bytesReceived", received},
                             {"framesReceived", frames},
                             {"framesDecoded", shown},
                             {"freezeCount", freezes},
                             {"frameWidth", 640},
                             {"frameHeight", 360},
                             {"jitterBufferDelay", 8},
                             {"jitterBufferEmittedCount", 100}}};
  }
  LensReport report(std::vector<LensConnection> connections) {
    return {.app = "shop",
            .page = "page0001",
            .sent_at = now(),
            .connections = std::move(connections),
            .failures = {}};
  }
  base::Result<base::JsonObject> send(LensReport what) {
    return loop.run(lens.report(actor, std::move(what)));
  }
  // So many looks, two seconds apart.
  void play(int looks, int lost_of_100 = 0, std::string state = "connected") {
    for (int i = 0; i < looks; ++i) {
      loop.advance(2s);
      frames += 60;
      shown += lost_of_100 > 0 ? 30 : 60;
      sent += 250'000;
      received += 250'000;
      packets += 100 - lost_of_100;
      lost += lost_of_100;
      freezes += lost_of_100 > 0 ? 1 : 0;
      auto one = connection("1", began);
      one.ice_connected_at = began + 100;
      one.connected_at = began + 200;
      one.samples.push_back({.at = now(), .state = state, .stats = stats()});
      const auto answer = send(report({std::move(one)}));
      ASSERT_TRUE(answer) << answer.error().detail;
      id = base::string_or(answer->at("connections").as_object(), "1");
      ASSERT_FALSE(id.empty());
    }
  }

  runtime::TestLoop loop;
  rtc::CollectedEvents events;
  NoActions actions;
  std::vector<Ended> ended;
  Monitor monitor;
  Lens lens;
  runtime::Actor actor;
  double began = now();
  std::int64_t frames = 0, shown = 0, sent = 0, received = 0, packets = 0, lost = 0, freezes = 0;
  std::string id;
};

TEST(Lens, a_foreign_connection_is_measured_and_scored_like_our_own) {
  Page page;
  page.play(8);
  const auto record = page.lens.find(page.id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->role, rtc::ConnectionRole::foreign);
  EXPECT_EQ(record->state, rtc::ConnectionState::connected);
  EXPECT_EQ(record->source, "shop");
  EXPECT_EQ(record->actor, "reporter");
  EXPECT_EQ(record->video_codec, "VP8");
  // Its clock is an hour fast: the times are ours.
  EXPECT_LT(record->times.created, page.loop.clock().wall());
  EXPECT_EQ(*record->times.connected - record->times.created, 200ms);
  const auto view = page.monitor.view(*record);
  ASSERT_TRUE(view && view->scores);
  EXPECT_GE(view->scores->health, 95) << sentence(*view->scores);
  EXPECT_GT(view->scores->quality, 20);
  const auto points = view->timeline.points();
  ASSERT_EQ(points.size(), 8U);
  EXPECT_NEAR(points.back().bitrate_kbps, 1'000, 20);
  EXPECT_NEAR(points.back().frames_per_second.value_or(0), 30, 1);
  EXPECT_NEAR(points.back().round_trip_ms, 42, 1);
  EXPECT_NEAR(points.back().available_kbps, 900, 5);
  EXPECT_NEAR(points.back().buffer_ms.value_or(0), 80, 20);
  EXPECT_FALSE(page.events.of("webrtc_connection").empty());
  const auto stats = page.events.of("webrtc_stats");
  ASSERT_EQ(stats.size(), 8U);
  EXPECT_TRUE(stats.back().data.contains("scores"));
  const auto figures = page.monitor.figures_of(page.id);
  ASSERT_TRUE(figures);
  EXPECT_TRUE(figures->outbound && figures->inbound && figures->video);
}

TEST(Lens, what_goes_wrong_is_told_and_nothing_is_decided) {
  Page page;
  page.play(5);
  page.play(8, 20);
  const auto scores = page.monitor.scores(page.id);
  ASSERT_TRUE(scores);
  EXPECT_LT(scores->health, 50) << sentence(*scores);
  std::vector<std::string> told;
  for (const auto& event : page.events.of("webrtc_health"))
    told.push_back(base::string_or(event.data, "event_type"));
  EXPECT_NE(std::ranges::find(told, "loss_began"), told.end());
  EXPECT_NE(std::ranges::find(told, "health_fell"), told.end());
  EXPECT_NE(std::ranges::find(told, "froze"), told.end());
  EXPECT_TRUE(page.actions.acted.empty());
  // Its frames are not ours.
  for (const auto& kind : page.monitor.figures().frames)
    for (const auto& one : kind) EXPECT_EQ(one.sent + one.received, 0U);
}

TEST(Lens, it_ends_when_the_page_says_so_and_is_not_begun_again) {
  Page page;
  page.play(3);
  auto end = page.connection("1", page.began);
  end.closed_at = page.now();
  ASSERT_TRUE(page.send(page.report({end})));
  ASSERT_EQ(page.ended.size(), 1U);
  EXPECT_EQ(page.ended[0].record->close_reason, "peer");
  EXPECT_EQ(base::string_or(page.ended[0].summary, "role"), "foreign");
  EXPECT_EQ(page.lens.list(false).size(), 0U);
  EXPECT_EQ(page.lens.list(true).size(), 1U);
  end.samples.push_back({.at = page.now(), .state = "connected", .stats = page.stats()});
  ASSERT_TRUE(page.send(page.report({end})));
  EXPECT_EQ(page.lens.list(true).size(), 1U);
}

TEST(Lens, silence_ends_it) {
  Page page;
  page.play(3);
  page.loop.advance(28s);
  EXPECT_EQ(page.lens.list(false).size(), 1U);
  page.loop.advance(10s);
  EXPECT_EQ(page.lens.list(false).size(), 0U);
  ASSERT_EQ(page.ended.size(), 1U);
  EXPECT_EQ(page.ended[0].record->close_reason, "silence");
}

TEST(Lens, limits_hold_for_each_application_each_token_and_all) {
  Page page({.connections = 4, .per_app = 2, .per_token = 3});
  const auto open = [&](std::string app, std::string token, std::string id) {
    auto one = page.connection(std::move(id), page.now());
    one.samples.push_back({.at = page.now(), .state = "new", .stats = {}});
    auto report = page.report({one});
    report.app = std::move(app);
    page.actor.session = std::move(token);
    return page.send(std::move(report));
  };
  EXPECT_TRUE(open("shop", "a", "1"));
  EXPECT_TRUE(open("shop", "a", "2"));
  const auto third = open("shop", "a", "3");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, base::Code::rate_limited);
  EXPECT_TRUE(third.error().retry_after);
  EXPECT_TRUE(open("desk", "a", "1"));
  EXPECT_FALSE(open("desk", "a", "2")) << "of one token";
  EXPECT_TRUE(open("desk", "b", "1"));
  EXPECT_FALSE(open("tv", "c", "1")) << "of all";
  EXPECT_TRUE(open("shop", "a", "1")) << "what is open goes on";
  EXPECT_EQ(page.lens.figures().connections_refused, 3U);
  EXPECT_EQ(page.lens.figures().apps.size(), 2U);
}

TEST(Lens, samples_too_close_together_are_dropped) {
  Page page;
  page.play(1);
  auto one = page.connection("1", page.began);
  for (int i = 0; i < 5; ++i)
    one.samples.push_back({.at = page.now(), .state = "connected", .stats = page.stats()});
  ASSERT_TRUE(page.send(page.report({one})));
  EXPECT_EQ(page.lens.figures().samples_dropped, 5U);
  EXPECT_EQ(page.lens.figures().samples, 1U);
}

TEST(Lens, refused_media_is_an_event) {
  Page page;
  auto report = page.report({});
  report.failures.push_back({.at = page.now(), .name = "NotAllowedError", .wants = "video"});
  ASSERT_TRUE(page.send(std::move(report)));
  const auto told = page.events.of("webrtc_health");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(base::string_or(told[0].data, "sentence"), "getUserMedia of video: NotAllowedError");
}

TEST(Foreign, what_is_absurd_is_bounded) {
  rtc::ConnectionRecord record;
  read_rtc_stats(
      {base::Json(1), base::Json(), base::JsonObject{{"type", "inbound-rtp"}},
       base::JsonObject{{"type", "inbound-rtp"},
                        {"kind", "video"},
                        {"ssrc", -5},
                        {"packetsReceived", 1e300},
                        {"packetsLost", -1e300},
                        {"jitter", -3},
                        {"mid", std::string(10'000, 'x')}},
       base::JsonObject{{"type", "outbound-rtp"},
                        {"kind", "audio"},
                        {"frameHeight", 1e9},
                        {"bytesSent", "many"}},
       base::JsonObject{{"type", "remote-inbound-rtp"}, {"kind", "audio"}, {"fractionLost", 99}}},
      record);
  ASSERT_EQ(record.stats.inbound.size(), 1U);
  EXPECT_EQ(record.stats.inbound[0].ssrc, 0U);
  EXPECT_EQ(record.stats.inbound[0].packets_received, 1ULL << 53U);
  EXPECT_GE(record.stats.inbound[0].jitter_s, 0);
  EXPECT_EQ(record.stats.inbound[0].mid.size(), 64U);
  ASSERT_EQ(record.stats.outbound.size(), 1U);
  EXPECT_EQ(record.stats.outbound[0].frame_height, 65'535);
  EXPECT_EQ(record.stats.outbound[0].bytes_sent, 0U);
  EXPECT_LE(record.stats.remote_inbound[0].fraction_lost, 1);
  EXPECT_FALSE(foreign_state("open"));
}

}  // namespace
}  // namespace telltale::monitor
