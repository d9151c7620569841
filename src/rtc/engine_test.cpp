#include "rtc/engine.hpp"

#include "rtc/testing.hpp"

namespace telltale::rtc {
namespace {

bool is_connected(const Caller& caller) {
  return caller.connected();
}
auto frames(std::uint64_t count) {
  return [count](const Caller& caller) { return caller.video_frames() >= count; };
}

const OutboundRtpStats& outbound(const ConnectionRecord& record, std::string_view kind) {
  const auto found = std::ranges::find(record.stats.outbound, kind, &OutboundRtpStats::kind);
  CHECK(found != record.stats.outbound.end());
  return *found;
}

TEST(Engine, a_viewer_gets_every_frame_with_sound) {
  for (const auto* codec : {"H264", "VP8"}) {
    Call call;
    call.loop.advance(1s);  // something is kept for who joins
    auto& caller =
        call.call({.video_codecs = {codec}, .keeps_payload = true}, {.quality = Quality::medium});
    std::vector<std::vector<std::uint8_t>> got;
    std::vector<std::uint32_t> timestamps;
    caller.on_frame([&](InboundStream& stream, const rtp::AssembledFrame& frame) {
      if (stream.codec() == Codec::opus) return;
      got.emplace_back();
      EXPECT_TRUE(stream.read(frame, got.back()));
      timestamps.push_back(frame.timestamp);
    });
    ASSERT_TRUE(call.wait(caller, frames(120))) << caller.report().error;
    const auto report = caller.report();
    EXPECT_EQ(report.video_gaps, 0U);
    EXPECT_GT(report.audio_frames, 80U);
    EXPECT_LT(*report.first_packet, 50ms);
    EXPECT_LT(*report.first_frame, 200ms);
    // The same bytes as were given, in order, from a key frame on.
    const auto& sent = call.source->settings().video[std::string_view(codec) == "VP8" ? 3 : 2];
    ASSERT_EQ(sent.rendition.name, "medium");
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_EQ(got[i], sent.frames[i % sent.frames.size()].bytes) << codec << " frame " << i;
    for (std::size_t i = 1; i < timestamps.size(); ++i)
      ASSERT_GT(static_cast<std::int32_t>(timestamps[i] - timestamps[i - 1]), 0) << i;
    call.loop.advance(2s);
    const auto record = call.record();
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->state, ConnectionState::connected);
    EXPECT_EQ(record->video_codec, codec);
    EXPECT_EQ(record->stats.transport.srtp_cipher, "SRTP_AEAD_AES_128_GCM");
    EXPECT_GE(outbound(*record, "video").frames_sent, 120U);
    EXPECT_FALSE(record->stats.remote_inbound.empty());
    EXPECT_EQ(record->stats.remote_inbound[1].packets_lost, 0);
    EXPECT_TRUE(record->stats.remote_inbound[1].round_trip_s.has_value());
    EXPECT_TRUE(record->times.first_packet && record->times.first_key_frame);
  }
}

TEST(Engine, all_three_srtp_profiles) {
  for (const auto* profile :
       {"SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM", "SRTP_AES128_CM_SHA1_80"}) {
    Call call({.srtp_profiles = profile});
    auto& caller = call.call();
    ASSERT_TRUE(call.wait(caller, frames(10))) << profile;
    call.loop.advance(2s);
    EXPECT_EQ(call.record()->stats.transport.srtp_cipher, profile);
  }
}

TEST(Engine, events_tell_every_change_of_state) {
  Call call;
  auto& caller = call.call({}, {.actor = "ada"});
  ASSERT_TRUE(call.wait(caller, frames(5)));
  const auto closed = call.loop.run(call.engine->close(call.ids[0]));
  EXPECT_TRUE(closed && *closed);
  ASSERT_TRUE(call.wait(caller, [](const Caller& at) { return at.closed(); }));
  EXPECT_EQ(caller.error(), "");
  std::vector<std::string> states;
  for (const auto& event : call.events.of("webrtc_connection"))
    states.push_back(base::string_or(event.data, "event") + " " +
                     base::string_or(event.data.at("connection").as_object(), "state"));
  EXPECT_EQ(states, (std::vector<std::string>{"created connecting", "changed connecting",
                                              "changed connected", "changed closed"}));
  EXPECT_EQ(call.record()->state, ConnectionState::closed);
  EXPECT_EQ(call.record()->close_reason, "asked");
  EXPECT_TRUE(call.engine->list().empty());
  EXPECT_EQ(call.engine->list(true).size(), 1U);
}

TEST(Engine, what_is_lost_is_sent_again) {
  for (const bool rtx : {true, false}) {
    Call call;
    call.add_link({.delay = 20ms, .loss = 0.05}, 7);
    auto& caller = call.call({.rtx = rtx});
    ASSERT_TRUE(call.wait(caller, frames(300), 30s)) << caller.video_frames();
    const auto report = caller.report();
    EXPECT_EQ(report.video_gaps, 0U) << "rtx " << rtx;
    const auto& video = report.stats.inbound.front();
    EXPECT_GT(video.nack_count, 10U);
    if (rtx) EXPECT_GT(video.retransmitted_packets_received, 10U);
    call.loop.advance(2s);
    EXPECT_GT(outbound(*call.record(), "video").retransmitted_packets_sent, 10U);
    EXPECT_EQ(call.record()->stats.transport.srtp_faults, 0U);
  }
}

// Before the first picture the path is looked at.
TEST(Engine, auto_begins_with_what_the_path_carries) {
  const std::vector<std::pair<std::int64_t, std::string>> paths = {
      {6'000'000, "high"}, {1'600'000, "medium"}, {700'000, "low"}};
  for (const auto& [rate, rendition] : paths) {
    Call call;
    call.loop.advance(1s);
    call.add_link({.rate_bps = rate, .queue_max = 400ms, .delay = 20ms, .jitter = 8ms}, 3);
    auto& caller = call.call();
    ASSERT_TRUE(call.wait(caller, frames(15))) << rate;
    call.loop.advance(2s);
    EXPECT_EQ(call.record()->rendition, rendition) << rate;
    EXPECT_EQ(call.record()->switch_count, 0U) << rate;
    EXPECT_EQ(caller.report().video_gaps, 0U);
    EXPECT_LT(*caller.report().first_frame, 600ms) << rate;
  }
}

// Who cannot tell what arrived begins at once, as does who chose.
TEST(Engine, without_feedback_or_with_a_choice_nothing_is_waited_for) {
  for (const bool chosen : {false, true}) {
    Call call;
    call.loop.advance(1s);
    call.add_link({.delay = 20ms}, 3);
    auto& caller = call.call({.transport_cc = chosen},
                             {.quality = chosen ? Quality::medium : Quality::automatic});
    ASSERT_TRUE(call.wait(caller, is_connected));
    call.loop.advance(1ms);
    EXPECT_EQ(call.record()->rendition, "medium");
    ASSERT_TRUE(call.wait(caller, frames(2)));
    EXPECT_EQ(outbound(*call.record(), "video").padding_packets_sent, 0U);
  }
}

TEST(Engine, who_chooses_while_the_path_is_looked_at_gets_it_at_once) {
  Call call;
  call.add_link({.delay = 80ms}, 3);
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, is_connected));
  EXPECT_EQ(call.record()->rendition, "") << "nothing is sent so far";
  ASSERT_TRUE(call.loop.run(call.engine->set_quality(call.ids[0], Quality::low)));
  EXPECT_EQ(call.record()->rendition, "low");
  ASSERT_TRUE(call.wait(caller, frames(10)));
  EXPECT_EQ(call.record()->rendition, "low");
  EXPECT_EQ(call.record()->switch_count, 0U);
}

TEST(Engine, auto_goes_down_where_there_is_no_room_and_climbs_again) {
  Call call;
  call.add_link({.rate_bps = 6'000'000, .queue_max = 300ms, .delay = 20ms}, 3);
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(10)));
  call.loop.advance(15s);
  EXPECT_EQ(call.record()->rendition, "high");
  EXPECT_EQ(call.record()->switch_count, 0U);
  call.link->to_client().set_rate(700'000);
  call.loop.advance(6s);
  EXPECT_EQ(call.record()->rendition, "low");
  const auto gaps = caller.report().video_gaps;
  const auto before = caller.video_frames();
  call.loop.advance(10s);
  EXPECT_GT(caller.video_frames() - before, 260U);
  EXPECT_LE(caller.report().video_gaps - gaps, 1U);
  call.link->to_client().set_rate(6'000'000);
  call.loop.advance(20s);
  EXPECT_EQ(call.record()->rendition, "high");
  EXPECT_GE(call.record()->switch_count, 2U);
  for (const auto& change : call.record()->switches)
    EXPECT_TRUE(change.reason == "room" || change.reason == "target_fell" ||
                change.reason == "queue" || change.reason == "loss")
        << change.reason;
}

TEST(Engine, a_rung_that_cannot_be_had_is_left_until_it_can) {
  Call call;
  call.source->refused = "high";
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(10)));
  call.loop.advance(30s);
  EXPECT_EQ(call.record()->rendition, "medium");
  const auto before = caller.video_frames();
  const auto switches = call.record()->switch_count;
  const auto chosen = call.loop.run(call.engine->set_quality(call.ids[0], Quality::high));
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().detail, "no encoder is free");
  EXPECT_EQ(call.record()->quality, Quality::automatic) << "it is as it was";
  call.loop.advance(2s);
  EXPECT_GT(caller.video_frames(), before + 50);
  EXPECT_EQ(call.record()->switch_count, switches);
  call.source->refused.clear();
  call.loop.advance(75s);
  EXPECT_EQ(call.record()->rendition, "high") << "auto asks for it again";
}

TEST(Engine, a_viewer_begins_with_what_can_be_had) {
  Call call;
  call.source->refused = "medium";
  auto& caller = call.call({}, {.quality = Quality::medium});
  ASSERT_TRUE(call.wait(caller, frames(10)));
  EXPECT_EQ(call.record()->rendition, "low");
}

TEST(Engine, a_quality_may_be_chosen_before_it_is_connected) {
  Call call;
  auto& caller = call.call();
  const auto set = call.loop.run(call.engine->set_quality(call.ids[0], Quality::low));
  ASSERT_TRUE(set && *set);
  ASSERT_TRUE(call.wait(caller, frames(30)));
  EXPECT_EQ(call.record()->rendition, "low");
  EXPECT_EQ(call.record()->switch_count, 0U);
}

TEST(Engine, a_chosen_quality_holds_and_switches_leave_no_gap) {
  Call call;
  auto& caller = call.call({}, {.quality = Quality::low});
  std::vector<std::int64_t> numbers;
  base::Duration longest{};
  std::optional<std::uint32_t> timestamp;
  base::SteadyTime before = call.loop.clock().now();
  caller.on_frame([&](InboundStream& stream, const rtp::AssembledFrame& frame) {
    if (stream.codec() == Codec::opus) return;
    const auto now = call.loop.clock().now();
    longest = std::max(longest, now - before);
    before = now;
    if (timestamp) EXPECT_GT(static_cast<std::int32_t>(frame.timestamp - *timestamp), 0);
    timestamp = frame.timestamp;
    if (!numbers.empty()) EXPECT_EQ(frame.first, numbers.back() + 1);
    numbers.push_back(frame.last);
  });
  ASSERT_TRUE(call.wait(caller, frames(60)));
  EXPECT_EQ(call.record()->rendition, "low");
  for (const auto quality : {Quality::high, Quality::medium, Quality::low}) {
    const auto set = call.loop.run(call.engine->set_quality(call.ids[0], quality));
    ASSERT_TRUE(set && *set);
    call.loop.advance(2s);
    EXPECT_EQ(call.record()->rendition, quality_name(quality));
  }
  EXPECT_EQ(call.record()->switch_count, 3U);
  EXPECT_LT(longest, 170ms);  // the picture never stands still, a key frame takes its time
  EXPECT_EQ(caller.report().video_gaps, 0U);
}

TEST(Engine, ice_restart_and_wrong_tags) {
  Call call;
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(10)));
  const auto offer = caller.restart();
  const auto patch = [&](std::optional<std::string> tag) {
    return call.loop.run(call.engine->patch(call.ids[0], offer, std::move(tag)));
  };
  EXPECT_EQ(patch(std::nullopt)->outcome, PatchOutcome::etag_missing);
  EXPECT_EQ(patch("wrong")->outcome, PatchOutcome::etag_mismatch);
  const auto restarted = patch("*");
  ASSERT_TRUE(restarted);
  EXPECT_EQ(restarted->outcome, PatchOutcome::restarted);
  ASSERT_TRUE(caller.accept_restart(restarted->fragment));
  const auto requests = call.record()->stats.candidate_pair.requests_refused;
  call.loop.advance(60s);  // twice the consent time: it holds by the new credentials
  EXPECT_TRUE(caller.connected());
  EXPECT_EQ(call.record()->state, ConnectionState::connected);
  EXPECT_EQ(call.record()->stats.candidate_pair.requests_refused, requests);
}

TEST(Engine, a_peer_that_vanishes_is_gone_after_consent) {
  Call call;
  call.add_link({});
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(10)));
  call.link->cut();
  call.loop.advance(12s);
  EXPECT_EQ(call.record()->state, ConnectionState::disconnected);
  call.loop.advance(24s);
  EXPECT_EQ(call.record()->state, ConnectionState::closed);
  EXPECT_EQ(call.record()->close_reason, "consent");
  EXPECT_EQ(call.source->watchers(), 0U);
}

TEST(Engine, a_peer_that_changes_its_address_is_followed) {
  Call call;
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(10)));
  const auto before = call.record()->peer_address;
  ASSERT_TRUE(caller.change_address());
  const auto seen = caller.video_frames();
  ASSERT_TRUE(call.wait(caller, frames(seen + 60)));
  call.loop.advance(2s);
  EXPECT_NE(call.record()->peer_address, before);
  EXPECT_EQ(call.record()->stats.transport.selected_candidate_pair_changes, 1U);
}

TEST(Engine, timestamps_wrap) {
  // After four seconds. Sequence numbers: send/outbound_stream_test.cpp.
  Call call({}, made_up_media({1'000'000}, 0xffff'ffff - 4 * 90'000));
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(240), 20s)) << caller.video_frames();
  const auto report = caller.report();
  EXPECT_EQ(report.video_gaps, 0U);
  EXPECT_EQ(report.stats.inbound.front().packets_lost, 0);
}

TEST(Engine, a_publisher_is_played_to_a_viewer) {
  for (const auto* codec : {"H264", "VP8"}) {
    Call call;
    call.add_link({.delay = 10ms, .loss = 0.02}, 5);
    auto& publisher =
        call.call({.sends = true, .video_codecs = {codec}}, {.source = "live-one", .actor = "bob"});
    ASSERT_TRUE(call.wait(publisher, is_connected));
    const auto code = std::string_view(codec) == "VP8" ? Codec::vp8 : Codec::h264;
    const auto made = made_up_video(code, 800'000, 30, 60, 4);
    const auto sound = made_up_audio(50, 5);
    std::uint32_t tick = 0;
    const auto give = [&](int count) {
      for (int i = 0; i < count; ++i, ++tick) {
        const auto& frame = made[publisher.wants_key_frame() ? 0 : tick % made.size()];
        publisher.push({.bytes = frame.bytes,
                        .codec = code,
                        .key = frame.key,
                        .timestamp = tick * 3'000,
                        .due = call.loop.clock().now()});
        for (int part = 0; part < 2; ++part)
          publisher.push({.bytes = sound[tick % sound.size()].bytes,
                          .codec = Codec::opus,
                          .key = true,
                          .timestamp = (tick * 2 + static_cast<std::uint32_t>(part)) * 800,
                          .due = call.loop.clock().now()});
        call.loop.advance(33'333us);
      }
    };
    give(60);
    auto& viewer = call.call({.video_codecs = {codec}}, {.source = "live-one"});
    give(90);
    const auto live = call.catalog.find("live-one");
    ASSERT_NE(live, nullptr);
    EXPECT_GT(live->counted().video_frames, 140U) << codec;
    EXPECT_GT(live->counted().audio_frames, 250U);
    EXPECT_GT(viewer.video_frames(), 80U) << codec;
    EXPECT_GT(viewer.audio_frames(), 150U);
    EXPECT_EQ(viewer.report().video_gaps, 0U);
    // The name is taken while he publishes.
    const auto second = call.try_call({.sends = true}, {.source = "live-one"});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, base::Code::conflict);
    call.link->to_server().set_loss(0);  // close_notify is said once
    publisher.close();
    call.loop.advance(1s);
    EXPECT_EQ(call.catalog.find("live-one"), nullptr);
    EXPECT_TRUE(viewer.closed());
  }
}

TEST(Engine, data_channels_beside_media) {
  Call call;
  call.add_link({.delay = 15ms, .loss = 0.03}, 11);
  auto& caller = call.call({.data = true});
  std::vector<std::string> echoed;
  caller.on_message([&](sctp::ChannelId, const std::string& label, Bytes message) {
    if (label == "echo") echoed.emplace_back(as_text(message));
  });
  ASSERT_TRUE(call.wait(caller, is_connected));
  const auto echo = caller.open_channel({.label = "echo"});
  ASSERT_TRUE(echo);
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < 50; ++i) {
    sent.push_back(std::string(i * 1'000 + 1, static_cast<char>('a' + i % 26)));
    ASSERT_TRUE(caller.send(*echo, DataLink::Kind::text, as_bytes(sent.back()))) << i;
    call.loop.advance(50ms);
  }
  ASSERT_TRUE(call.wait(
      caller, [&](const Caller&) { return echoed.size() == sent.size(); }, 60s))
      << echoed.size();
  EXPECT_EQ(echoed, sent);
  const auto report = caller.open_channel({.label = "stats"});
  ASSERT_TRUE(report);
  ASSERT_TRUE(caller.send(*report, DataLink::Kind::text, as_bytes(R"({"framesDecoded":42})")));
  call.loop.advance(4s);
  ASSERT_TRUE(call.record()->client);
  EXPECT_EQ(base::find_integer(*call.record()->client, "framesDecoded"), 42);
  EXPECT_GT(caller.video_frames(), 60U);
}

TEST(Engine, self_test_tells_each_step) {
  Call call;
  const auto report = call.loop.run(call.engine->self_test());
  ASSERT_TRUE(report);
  std::vector<std::string> names;
  for (const auto& step : report->steps) {
    names.push_back(step.name);
    EXPECT_TRUE(step.ok) << step.name << ": " << step.detail;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"sockets", "sdp", "ice", "dtls", "video", "audio",
                                             "data_channel", "close", "publish"}));
  EXPECT_TRUE(report->ok);
  call.loop.advance(1s);
  EXPECT_EQ(call.engine->counters().connections, 0U);
}

TEST(Engine, the_end_of_the_content_ends_the_connection) {
  Call call;
  auto& caller = call.call();
  ASSERT_TRUE(call.wait(caller, frames(10)));
  call.source->end("");
  ASSERT_TRUE(call.wait(caller, [](const Caller& at) { return at.closed(); }));
  EXPECT_EQ(call.record()->close_reason, "content_end");
}

TEST(Engine, limits_are_told_and_given_back) {
  Call call({.connections_max = 3, .connections_per_actor_max = 2});
  call.call({}, {.actor = "ada"});
  call.call({}, {.actor = "ada"});
  auto refused = call.try_call({}, {.actor = "ada"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::rate_limited);
  call.call({}, {.actor = "bob"});
  refused = call.try_call({}, {.actor = "eve"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::unavailable);
  const auto closed = call.loop.run(call.engine->close_all());
  EXPECT_EQ(*closed, 3U);
  EXPECT_TRUE(call.try_call({}, {.actor = "ada"}));
  EXPECT_EQ(call.engine->counters().connections, 1U);
}

TEST(Engine, offers_it_cannot_answer) {
  Call call;
  const auto answer = [&](std::string sdp, std::string source = "test") {
    return call.loop.run(call.engine->answer({.sdp = std::move(sdp), .source = std::move(source)}));
  };
  EXPECT_EQ(answer("nonsense").error().code, base::Code::invalid_argument);
  const auto none = call.try_call({.audio = false, .video_codecs = {"AV1"}});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, base::Code::unsupported);
  const auto unknown = call.try_call({}, {.source = "nobody"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, base::Code::not_found);
  EXPECT_EQ(call.engine->counters().connections, 0U);
  EXPECT_EQ(call.engine->counters().connecting, 0U);
}

}  // namespace
}  // namespace telltale::rtc
