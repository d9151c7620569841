// The engine offers and its client answers: media flows as the other way round; offers nobody
// answers, and answers that do not follow from the offer.
#include "rtc/testing.hpp"

namespace telltale::rtc {
namespace {

// An offer of the engine's, and the answer a caller gives to it.
struct Offered {
  Answer offer;
  Caller* caller = nullptr;
  std::string answer;
};

Offered ask(Call& call, CallerSettings settings = {}) {
  Offered out;
  auto offer = call.loop.run(call.engine->offer({.source = "test", .actor = "ada"}));
  CHECK(offer);
  call.ids.push_back(offer->id);
  out.offer = std::move(*offer);
  settings.bind = {"127.0.0.1"};
  call.callers.push_back(std::make_unique<Caller>(*call.pool, settings));
  out.caller = call.callers.back().get();
  auto answer = out.caller->answer(out.offer.sdp);
  CHECK(answer);
  out.answer = std::move(*answer);
  return out;
}

base::Result<bool> accept(Call& call, const std::string& id, const std::string& answer) {
  return call.loop.run(call.engine->accept(id, answer));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// Without the lines that begin so.
std::string without(const std::string& text, std::string_view begin) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find("\r\n", at) + 2;
    if (!text.substr(at).starts_with(begin)) out += text.substr(at, end - at);
    at = end;
  }
  return out;
}

TEST(OurOffer, is_answered_and_plays_with_sound_and_data) {
  for (const auto* codec : {"H264", "VP8"}) {
    Call call;
    auto asked = ask(call, {.data = true, .video_codecs = {codec}});
    EXPECT_EQ(call.record()->state, ConnectionState::offered);
    // ICE and the first greeting come before the answer does.
    call.loop.advance(500ms);
    EXPECT_EQ(call.record()->state, ConnectionState::offered);
    EXPECT_FALSE(asked.caller->connected());
    const auto taken = accept(call, asked.offer.id, asked.answer);
    ASSERT_TRUE(taken) << taken.error().detail;
    ASSERT_TRUE(call.wait(*asked.caller, [](const Caller& at) {
      return at.video_frames() >= 60 && at.audio_frames() >= 50;
    })) << asked.caller->report().error;
    const auto opened = asked.caller->open_channel({.label = "echo"});
    ASSERT_TRUE(opened);
    std::string echoed;
    asked.caller->on_message([&](sctp::ChannelId, const std::string&, Bytes message) {
      echoed = std::string(as_text(message));
    });
    ASSERT_TRUE(asked.caller->send(*opened, DataLink::Kind::text, as_bytes("there and back")));
    ASSERT_TRUE(call.wait(*asked.caller, [&](const Caller&) { return !echoed.empty(); }));
    EXPECT_EQ(echoed, "there and back");
    call.loop.advance(2s);
    const auto record = call.record();
    EXPECT_EQ(record->state, ConnectionState::connected);
    EXPECT_EQ(record->video_codec, codec);
    EXPECT_TRUE(record->times.answered && record->times.connected);
    EXPECT_EQ(asked.caller->report().video_gaps, 0U);
  }
}

TEST(OurOffer, what_was_negotiated_is_used) {
  Call call;
  call.add_link({.delay = 20ms, .loss = 0.05}, 7);
  auto offer = call.loop.run(call.engine->offer({.source = "test"}));
  ASSERT_TRUE(offer);
  call.callers.push_back(
      std::make_unique<Caller>(*call.pool, CallerSettings{.bind = {"127.0.0.1"}}));
  auto& caller = *call.callers.back();
  const auto answer = caller.answer(TestLink::through(offer->sdp, call.port(), call.link->port()));
  ASSERT_TRUE(answer);
  ASSERT_TRUE(accept(call, offer->id, *answer));
  ASSERT_TRUE(call.wait(caller, [](const Caller& at) { return at.video_frames() >= 300; }, 30s));
  call.loop.advance(2s);
  const auto report = caller.report();
  EXPECT_EQ(report.video_gaps, 0U);
  EXPECT_GT(report.stats.inbound.front().retransmitted_packets_received, 5U) << "RTX";
  const auto stats = call.engine->find(offer->id)->stats;
  EXPECT_GT(stats.bandwidth.acknowledged_bps, 100'000) << "transport-cc";
}

TEST(OurOffer, one_never_answered_ends_and_leaves_nothing) {
  Call call;
  auto silent = ask(call);  // its client checks the path, and answers nobody
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(call.loop.run(call.engine->offer({.source = "test", .actor = "ada"})));
  EXPECT_EQ(call.engine->counters().connections, 21U);
  EXPECT_EQ(call.engine->counters().connecting, 21U);
  call.loop.advance(29s);
  EXPECT_EQ(call.engine->counters().connections, 21U);
  call.loop.advance(2s);
  EXPECT_EQ(call.engine->counters().connections, 0U);
  EXPECT_EQ(call.engine->counters().connecting, 0U);
  EXPECT_EQ(call.source->watchers(), 0U);
  const auto record = call.record();
  EXPECT_EQ(record->close_reason, "timeout");
  EXPECT_EQ(record->error, "the offer was not answered in time");
  const auto late = accept(call, silent.offer.id, silent.answer);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::Code::not_found);
}

TEST(OurOffer, an_answered_one_has_its_time_to_connect) {
  Call call;
  auto asked = ask(call);
  asked.caller->close();  // answered by somebody who then is never heard of
  call.loop.advance(25s);
  ASSERT_TRUE(accept(call, asked.offer.id, asked.answer));
  call.loop.advance(20s);
  EXPECT_EQ(call.record()->state, ConnectionState::connecting);
  call.loop.advance(11s);
  EXPECT_EQ(call.record()->state, ConnectionState::closed);
  EXPECT_EQ(call.record()->close_reason, "timeout");
  EXPECT_EQ(call.record()->error, "no connection came about in time");
}

TEST(OurOffer, an_answer_that_does_not_follow_is_refused_by_name_and_another_is_taken) {
  Call call;
  auto asked = ask(call, {.data = true});
  const auto& good = asked.answer;
  const auto video = good.find("m=video");
  const auto audio = good.find("m=audio");
  const auto data = good.find("m=application");
  ASSERT_TRUE(video < audio && audio < data);
  struct Case {
    std::string answer;
    std::string_view says;
  };
  for (const auto& [answer, says] :
       {Case{"nonsense", "SDP"}, Case{replaced(good, " 96", " 120"), "no codec"},
        Case{replaced(good, "H264/90000", "AV1/90000"), "AV1 as 96"},
        Case{good.substr(0, data), "2 media lines, the offer 3"},
        Case{good.substr(0, video) + good.substr(audio, data - audio) +
                 good.substr(video, audio - video) + good.substr(data),
             "audio \"1\" where the offer has video \"0\""},
        Case{without(good, "a=fingerprint"), "no fingerprint"},
        Case{replaced(good, "sha-256", "sha-9"), "no usable fingerprint"},
        Case{without(good, "a=ice-pwd"), "ice"}, Case{without(good, "a=group"), "does not bundle"},
        Case{without(good, "a=rtcp-mux"), "rtcp-mux"},
        Case{replaced(good, "a=setup:active", "a=setup:actpass"), "DTLS role"},
        Case{replaced(good, "t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n"), "ICE-lite"},
        Case{replaced(replaced(good, "m=video 9", "m=video 0"), "m=audio 9", "m=audio 0")
                     .substr(0, data) +
                 "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n",
             "rejects all"}}) {
    const auto taken = accept(call, asked.offer.id, answer);
    ASSERT_FALSE(taken) << says;
    EXPECT_EQ(taken.error().code, base::Code::invalid_argument) << taken.error().detail;
    EXPECT_NE(taken.error().detail.find(says), std::string::npos)
        << says << ": " << taken.error().detail;
    EXPECT_EQ(call.record()->state, ConnectionState::offered);
    EXPECT_EQ(call.record()->video_codec, "");
  }
  ASSERT_TRUE(accept(call, asked.offer.id, good));
  ASSERT_TRUE(call.wait(*asked.caller, [](const Caller& at) { return at.video_frames() >= 10; }));
  const auto again = accept(call, asked.offer.id, good);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::Code::conflict);
  EXPECT_NE(again.error().detail.find("answered already"), std::string::npos);
}

TEST(OurOffer, wrong_states_are_conflicts) {
  Call call;
  auto& viewer = call.call();
  ASSERT_TRUE(call.wait(viewer, [](const Caller& at) { return at.connected(); }));
  auto asked = ask(call);
  const auto theirs = accept(call, call.ids[0], asked.answer);
  ASSERT_FALSE(theirs);
  EXPECT_EQ(theirs.error().code, base::Code::conflict);
  const auto patched = call.loop.run(call.engine->patch(
      asked.offer.id, "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n",
      std::string("*")));
  ASSERT_FALSE(patched);
  EXPECT_EQ(patched.error().code, base::Code::conflict);
  // What can be done to it meanwhile: choose a quality, close it.
  EXPECT_TRUE(call.loop.run(call.engine->set_quality(asked.offer.id, Quality::low)));
  EXPECT_TRUE(call.loop.run(call.engine->close(asked.offer.id)));
  EXPECT_EQ(call.record(1)->close_reason, "asked");
  EXPECT_EQ(call.engine->counters().connecting, 0U);
}

}  // namespace
}  // namespace telltale::rtc
