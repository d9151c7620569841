// The monitor on a real engine in virtual time: what it measures over a link that loses packets,
// what it decides and what becomes of that, and what a connection costs it.
#include "monitor/monitor.hpp"

#include <malloc.h>

#include "monitor/operations.hpp"
#include "rtc/testing.hpp"
#include "rtc/v0_records.hpp"

namespace telltale::monitor {
namespace {

using namespace std::chrono_literals;
using rtc::Caller;

// A call whose engine a monitor watches.
struct Watched {
  explicit Watched(Config config = {}, rtc::EngineSettings settings = {.poll_interval = 1s})
      : call(std::move(settings)),
        actions(*call.engine, call.loop.loop()),
        monitor(std::move(config),
                {.clock = call.loop.clock(),
                 .events = call.events,
                 .actions = actions,
                 .ended = [this](Ended one) { ended.push_back(std::move(one)); },
                 .log = [this](const std::string& line) { log.push_back(line); }}) {
    call.engine->observe(monitor);
  }
  ~Watched() {
    call.callers.clear();
    (void)call.loop.run(call.engine->close_all());
    call.loop.run(actions.stop());
  }
  std::vector<base::JsonObject> told(std::string_view what) const {
    std::vector<base::JsonObject> out;
    for (const auto& event : call.events.of("webrtc_health"))
      if (base::string_or(event.data, "event_type") == what) out.push_back(event.data);
    return out;
  }
  std::size_t decisions(std::string_view what) const {
    std::size_t out = 0;
    for (const auto& one : told("decision"))
      out += base::string_or(one, "decision") == what ? 1 : 0;
    return out;
  }
  Caller& play(rtc::CallerSettings settings = {}) {
    auto& caller = call.call(std::move(settings));
    EXPECT_TRUE(call.wait(caller, [](const Caller& at) { return at.video_frames() >= 10; }))
        << caller.report().error;
    return caller;
  }
  // What a player says of itself.
  void report(Caller& caller, std::string_view text) {
    if (!channel) {
      const auto opened = caller.open_channel({.label = "stats"});
      CHECK(opened);
      channel = *opened;
      call.loop.advance(200ms);
    }
    CHECK(caller.send(*channel, rtc::DataLink::Kind::text, rtc::as_bytes(text)));
  }

  rtc::Call call;
  EngineActions actions;
  std::vector<Ended> ended;
  std::vector<std::string> log;
  Monitor monitor;
  std::optional<rtc::sctp::ChannelId> channel;
};

TEST(Monitor, a_good_connection_is_well_and_its_timeline_grows) {
  Watched at;
  at.play();
  at.call.loop.advance(10s);
  const auto view = at.monitor.view(*at.call.record());
  ASSERT_TRUE(view && view->scores);
  EXPECT_GE(view->scores->health, 95);
  EXPECT_GT(view->scores->quality, 20);
  const auto points = view->timeline.points();
  ASSERT_GE(points.size(), 9U);
  EXPECT_EQ(points.back().state, rtc::ConnectionState::connected);
  EXPECT_GT(points.back().bitrate_kbps, 300);
  EXPECT_NEAR(points.back().frames_per_second.value_or(0), 30, 3);
  EXPECT_EQ(points.back().health, view->scores->health);
  std::string kinds;
  for (const auto& event : view->timeline.events())
    kinds += std::string(happened_name(event.kind)) + " ";
  EXPECT_EQ(kinds.find("created "), 0U) << kinds;
  for (const auto* const kind :
       {"ice_connected", "connected", "track_added", "first_packet", "first_key_frame"})
    EXPECT_NE(kinds.find(kind), std::string::npos) << kind << " in " << kinds;
  const auto stats = at.call.events.of("webrtc_stats");
  EXPECT_EQ(stats.back().data.at("scores").at("health").to_number<int>(), view->scores->health)
      << "the event carries the scores";
  auto shown = rtc::v0::connection(*at.call.record());
  complete_v0(at.monitor, *at.call.record(), shown);
  EXPECT_EQ(shown.at("lifecycle_events").at(0).at("type").as_string(), "connection_state_change");
  EXPECT_EQ(shown.at("stats").at("quality_metrics").at("health_score").to_number<int>(),
            view->scores->health);
}

TEST(Monitor, what_became_of_the_source_is_told_once_with_its_reason) {
  Watched at;
  auto& notes = at.call.source->told;
  notes.add(at.call.loop.clock().wall() - 5s, rtc::SourceStep::lost, "before anybody watched");
  at.play();
  at.call.loop.advance(3s);
  EXPECT_EQ(at.told("source_lost").size(), 0U);
  notes.add(at.call.loop.clock().wall(), rtc::SourceStep::lost, "the gateway is down");
  notes.add(at.call.loop.clock().wall(), rtc::SourceStep::retry, "it is still down", 1);
  at.call.loop.advance(2s);
  notes.add(at.call.loop.clock().wall(), rtc::SourceStep::back, "it is read again", 2);
  at.call.loop.advance(3s);
  ASSERT_EQ(at.told("source_lost").size(), 1U);
  EXPECT_EQ(at.told("source_lost")[0].at("sentence").as_string(), "the gateway is down");
  EXPECT_EQ(at.told("source_retry").size(), 1U);
  EXPECT_EQ(at.told("source_back").size(), 1U);
  const auto told = to_json(at.monitor.view(*at.call.record())->timeline, 1);
  const auto shown = base::write_json(told.at("events"));
  EXPECT_NE(shown.find(R"("type":"source_retry","reason":"it is still down","attempt":1)"),
            std::string::npos)
      << shown;
  auto record = rtc::v0::connection(*at.call.record());
  complete_v0(at.monitor, *at.call.record(), record);
  EXPECT_NE(base::write_json(record.at("lifecycle_events")).find("source_back"), std::string::npos);
  // The last word, and the end it means, come between two looks.
  notes.add(at.call.loop.clock().wall(), rtc::SourceStep::gone, "no more tries");
  at.call.source->end("the gateway is down");
  at.call.loop.advance(5s);
  EXPECT_EQ(at.told("source_gone").size(), 1U);
  ASSERT_EQ(at.ended.size(), 1U);
  EXPECT_EQ(at.ended[0].record->close_reason, "source");
  const auto kept = base::write_json(story(at.ended[0]).at("timeline").at("events"));
  EXPECT_NE(kept.find(R"("type":"error","error":"the gateway is down")"), std::string::npos)
      << kept;
}

TEST(Monitor, a_lower_quality_is_not_decided_where_there_is_none_in_this_codec) {
  Config config;
  config.optimization.strategy.down_after = 0s;
  config.optimization.strategy.pause = 0s;
  Watched at(config);
  at.call.add_link({.delay = 20ms});
  at.play();
  at.call.link->to_client().set_loss(0.4);
  at.call.loop.advance(60s);
  std::size_t refused = 0;
  for (const auto& one : at.told("decision"))
    refused += base::string_or(one, "decision") == "quality_down" && !one.at("done").as_bool();
  EXPECT_EQ(refused, 0U);
  EXPECT_LE(at.decisions("quality_down"), at.call.source->info().video.size() - 1);
}

TEST(Monitor, the_players_buffer_and_first_picture_are_what_the_player_says) {
  Watched at;
  auto& caller = at.play({.data = true});
  at.report(caller, R"({"first_picture_ms":180.4,"jitter_buffer_ms":60,"frames_decoded":5})");
  at.call.loop.advance(3s);
  EXPECT_EQ(at.call.events.of("webrtc_stats").back().data.at("buffer_seconds").to_number<double>(),
            0.06);
  const auto told = to_json(at.monitor.view(*at.call.record())->timeline, 1);
  const auto shown = base::write_json(told.at("events"));
  EXPECT_NE(shown.find(R"("type":"first_shown","after_ms":180)"), std::string::npos) << shown;
}

TEST(Monitor, loss_is_told_within_a_poll_and_lowers_the_quality) {
  Config config;
  config.optimization.strategy.down_after = 0s;
  Watched at(config);
  at.call.add_link({.delay = 20ms});
  at.play();
  at.call.loop.advance(8s);
  ASSERT_EQ(at.told("loss_began").size(), 0U);
  const auto before = at.monitor.scores(at.call.ids[0])->health;
  const auto began = at.call.loop.clock().now();
  at.call.link->to_client().set_loss(0.25);
  while (at.told("loss_began").empty() && at.call.loop.clock().now() - began < 10s)
    at.call.loop.advance(50ms);
  EXPECT_LE(base::to_ms(at.call.loop.clock().now() - began), 1'200)
      << "one poll interval and 200 ms";
  at.call.loop.advance(10s);
  const auto scores = at.monitor.scores(at.call.ids[0]);
  EXPECT_LT(scores->health, before - 30);
  EXPECT_GT(scores->points(Part::loss), 20);
  EXPECT_NE(sentence(*scores).find("% loss since"), std::string::npos) << sentence(*scores);
  EXPECT_GE(at.told("health_fell").size(), 1U);
  at.call.link->to_client().set_loss(0);
  at.call.loop.advance(15s);
  EXPECT_EQ(at.told("loss_ended").size(), 1U);
  EXPECT_EQ(at.told("health_rose").size(), 1U);
  EXPECT_FALSE(at.log.empty()) << "each is a line of the log too";
}

// The path carries everything, only the player does badly: what congestion control cannot see.
TEST(Monitor, freezes_the_player_reports_lower_the_quality_and_it_comes_back) {
  Config config;
  config.optimization.strategy.up_after = 4s;
  config.optimization.strategy.pause = 2s;
  Watched at(config);
  auto& caller = at.play({.data = true});
  at.call.loop.advance(6s);
  ASSERT_EQ(at.call.record()->rendition, "high");
  for (int second = 1; second <= 8; ++second) {
    at.report(caller, R"({"frames_decoded":)" + std::to_string(20 * second) + R"(,"freezes":)" +
                          std::to_string(2 * second) + R"(,"freeze_seconds":)" +
                          std::to_string(second / 2.0) + "}");
    at.call.loop.advance(1s);
  }
  EXPECT_GE(at.decisions("quality_down"), 1U);
  EXPECT_NE(at.call.record()->rendition, "high");
  EXPECT_NE(at.call.record()->limit, "");
  EXPECT_GE(at.monitor.figures().decisions[0], 1U);
  const auto figures = at.monitor.figures_of(at.call.ids[0]);
  EXPECT_GE(figures->abr[3], 1U) << "counted under auto";
  EXPECT_GE(figures->underruns, 6U);
  for (int second = 9; second <= 60; ++second) {
    at.report(caller, R"({"frames_decoded":)" + std::to_string(30 * second) +
                          R"(,"freezes":16,"freeze_seconds":4})");
    at.call.loop.advance(1s);
  }
  EXPECT_GE(at.decisions("quality_up"), 1U);
  EXPECT_EQ(at.call.record()->rendition, "high");
  EXPECT_EQ(at.call.record()->limit, "");
}

TEST(Monitor, a_picture_that_stands_still_gets_a_key_frame) {
  Watched at;
  auto& caller = at.play({.data = true});
  at.call.loop.advance(4s);
  for (int second = 1; second <= 4; ++second) {
    at.report(caller, R"({"frames_decoded":100,"freezes":0,"frames_per_second":0})");
    at.call.loop.advance(1s);
  }
  ASSERT_GE(at.decisions("key_frame"), 1U);
  EXPECT_EQ(at.told("decision").front().at("done").as_bool(), true);
}

TEST(Monitor, who_is_silent_is_offered_an_ice_restart_and_told_when_that_cannot_be) {
  Watched at;
  at.call.add_link({});
  at.play();
  at.call.loop.advance(3s);
  at.call.link->cut();
  at.call.loop.advance(14s);
  EXPECT_EQ(at.call.record()->state, rtc::ConnectionState::disconnected);
  ASSERT_GE(at.decisions("ice_restart"), 1U);
  const auto offer = at.told("decision").back();
  EXPECT_EQ(offer.at("done").as_bool(), false);
  EXPECT_EQ(offer.at("detail").as_string(), "the player has no stats channel to hear it on");
  EXPECT_EQ(at.monitor.scores(at.call.ids[0])->health, 0);
}

TEST(Monitor, who_has_a_stats_channel_hears_of_the_restart) {
  Watched at;
  auto& caller = at.play({.data = true});
  std::string heard;
  caller.on_message([&](rtc::sctp::ChannelId, const std::string& label, rtc::Bytes message) {
    if (label == "stats") heard = std::string(rtc::as_text(message));
  });
  at.report(caller, "{}");
  at.call.loop.advance(1s);
  EXPECT_TRUE(at.call.record()->player_listens);
  bool done = false;
  at.actions.act(at.call.ids[0],
                 {.what = Decision::ice_restart, .reason = "loss", .sentence = "it is lost"},
                 [&](base::Result<void> result) { done = result.has_value(); });
  at.call.loop.advance(500ms);
  EXPECT_TRUE(done);
  EXPECT_EQ(heard, R"({"type":"ice_restart","reason":"loss"})");
}

TEST(Monitor, without_automatic_quality_auto_is_medium_and_stays) {
  Watched at({}, {.poll_interval = 1s, .automatic_quality = false});
  at.play();
  at.call.loop.advance(8s);
  EXPECT_EQ(at.call.record()->quality, rtc::Quality::medium);
  EXPECT_EQ(at.call.record()->rendition, "medium");
  EXPECT_EQ(at.call.record()->switch_count, 0U);
  const auto set =
      at.call.loop.run(at.call.engine->set_quality(at.call.ids[0], rtc::Quality::automatic));
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, base::Code::conflict);
}

TEST(Monitor, without_optimisation_nothing_is_decided) {
  Config config;
  config.optimization.enabled = false;
  Watched at(config);
  at.call.add_link({});
  at.play();
  at.call.link->to_client().set_loss(0.5);
  at.call.loop.advance(20s);
  EXPECT_EQ(at.told("decision").size(), 0U);
  EXPECT_GE(at.told("loss_began").size(), 1U) << "it is seen all the same";
}

TEST(Monitor, what_is_not_collected_is_not_there) {
  const auto view_with = [](MetricsConfig metrics) {
    Config config;
    config.metrics = metrics;
    Watched at(config);
    at.monitor.set_resources({.cpu = 0.5, .memory = 0.25}, 1'000);
    at.play();
    at.call.loop.advance(5s);
    return std::pair(*at.monitor.view(*at.call.record()), at.monitor.figures());
  };
  const auto [all, figures] = view_with({});
  EXPECT_TRUE(all.scores);
  EXPECT_TRUE(figures.resources_collected);
  EXPECT_EQ(figures.cpu_percent, 50);
  EXPECT_TRUE(figures.connections[0].detailed);
  EXPECT_TRUE(figures.connections[0].video_fps);
  EXPECT_GT(figures.frames[0][rendition_code("high")].sent +
                figures.frames[0][rendition_code("medium")].sent,
            0U);
  EXPECT_GT(all.timeline.points().back().bitrate_kbps, 0);

  const auto [no_scores, f1] = view_with({.quality_metrics = false});
  EXPECT_FALSE(no_scores.scores);
  EXPECT_FALSE(no_scores.timeline.points().back().health);
  EXPECT_FALSE(f1.connections[0].health);
  const auto [no_frames, f2] = view_with({.frame_stats = false});
  EXPECT_FALSE(no_frames.timeline.points().back().frames_per_second);
  EXPECT_FALSE(f2.connections[0].video_fps);
  EXPECT_EQ(f2.frames[0][rendition_code("high")].sent, 0U);
  const auto [no_details, f3] = view_with({.detailed_stats = false});
  EXPECT_EQ(no_details.timeline.points().back().bitrate_kbps, 0);
  EXPECT_FALSE(f3.connections[0].detailed);
  const auto [no_resources, f4] = view_with({.resource_stats = false});
  EXPECT_FALSE(f4.resources_collected);
  EXPECT_EQ(f4.cpu_percent, 0);
}

TEST(Monitor, one_that_ends_leaves_its_story_and_no_series) {
  Watched at;
  at.play();
  at.call.loop.advance(5s);
  EXPECT_EQ(at.monitor.figures().active, 1U);
  ASSERT_TRUE(at.call.loop.run(at.call.engine->close(at.call.ids[0])));
  at.call.loop.advance(1s);
  ASSERT_EQ(at.ended.size(), 1U);
  const auto& one = at.ended[0];
  EXPECT_EQ(one.summary.at("close_reason").as_string(), "asked");
  EXPECT_GT(one.summary.at("mean_health").to_number<double>(), 80);
  EXPECT_GT(one.summary.at("mean_kbps").to_number<double>(), 100);
  const auto timeline = Timeline::unpack(one.timeline);
  ASSERT_TRUE(timeline);
  EXPECT_EQ(timeline->events().back().kind, Happened::closed);
  EXPECT_EQ(reason_of(timeline->events().back().a), "asked");
  const auto figures = at.monitor.figures();
  EXPECT_EQ(figures.connections.size(), 0U);
  EXPECT_EQ(figures.connections_total, 1U);
  EXPECT_EQ(figures.active, 0U);
}

TEST(Monitor, a_connection_takes_less_than_20_KiB) {
  const Config config;
  constexpr std::size_t kTracks = 200;
  const auto before = ::mallinfo2().uordblks;
  std::vector<std::unique_ptr<base::Guarded<std::optional<Track>>>> tracks;
  rtc::ConnectionRecord record{.id = "rtc_01JD3Y5V7G2M8Q0R4T6W9Z1XBC",
                               .state = rtc::ConnectionState::connected,
                               .video_codec = "H264",
                               .audio_codec = "opus",
                               .rendition = "medium"};
  record.stats.outbound.resize(2);
  record.stats.outbound[0].kind = "video";
  base::SteadyTime now{};
  for (std::size_t i = 0; i < kTracks; ++i) {
    tracks.push_back(std::make_unique<base::Guarded<std::optional<Track>>>());
    tracks.back()->with([&](auto& track) {
      track.emplace(config, record, nullptr);
      for (int poll = 0; poll < 1'100; ++poll) {
        record.stats.at += 2s;
        now += 2s;
        (void)track->look(record, now, {}, std::nullopt, 0, true);
        track->switched({.at = record.stats.at, .from = "low", .to = "high", .reason = "room"});
      }
    });
  }
  const auto each = (::mallinfo2().uordblks - before) / kTracks;
  RecordProperty("bytes", static_cast<int>(each));
  std::printf("bytes of a connection: %zu (says itself: %zu)\n", each,
              tracks[0]->with([](auto& track) { return track->bytes(); }));
  EXPECT_LT(each, 20U * 1024);
}

}  // namespace
}  // namespace telltale::monitor
